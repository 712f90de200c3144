"""One object or more of every message class, so that together they set every field."""

from __future__ import annotations

from typing import Any

from penniless import messages as m
from penniless.messages.checks import Checked

URL = "https://example.com/%E5%86%99%E7%9C%9F.png?size=large&n=1"
MAP = "https://example.com/maps/1"

MESSAGE = m.MessageAction("はい", "はい、そうです 🍣")
POSTBACK = m.PostbackAction(
    "เลือก",
    "item=1&size=L",
    display_text="เลือกแล้ว",
    input_option="openKeyboard",
    fill_in_text="---\n名前: \n---",
)
OLD_POSTBACK = m.PostbackAction("Buy", "", text="Buy")
LINK = m.URIAction("看更多", URL, m.AltUri("https://example.com/desktop"))
DATES = m.DatetimePickerAction(
    "日時",
    "picked",
    "datetime",
    initial="2026-02-01T10:00",
    max="2100-12-31T23:59",
    min="1900-01-01t00:00",
)
DATE = m.DatetimePickerAction("日", "picked", "date", initial="2026-02-28")
TIME = m.DatetimePickerAction("時", "picked", "time", min="00:00", max="23:59")
COPY = m.ClipboardAction("Copy", "CODE-1234")
PHONE = m.URIAction(uri="tel:+81-3-1234-5678")
CAMERA = m.CameraAction("Camera")
PHOTOS = m.CameraRollAction("Photos")
PLACE = m.LocationAction("Here")
SWITCH = m.RichMenuSwitchAction("Next", "switched", "menu-b_2")

QUICK_REPLY = m.QuickReply(
    [
        m.QuickReplyItem(MESSAGE, URL),
        *(m.QuickReplyItem(one) for one in (POSTBACK, LINK, DATES, COPY, CAMERA, PHOTOS, PLACE)),
    ]
)
SENDER = m.Sender("ボット 🤖", URL)

AREA = m.ImagemapArea(0, 0, 520, 1040)
GRADIENT = m.FlexBoxLinearGradient("359.5deg", "#ff0000", "#0000FF80", "#00ff00", "33.3%")
SPAN = m.FlexSpan("ข้อความ", "5xl", "#123456", "bold", "italic", "line-through")
PLACED: dict[str, Any] = {
    "margin": "xxl",
    "position": "absolute",
    "offset_top": "-8px",
    "offset_bottom": "10%",
    "offset_start": "none",
    "offset_end": "1.5px",
}
FILLER = m.FlexFiller(2)
TEXT = m.FlexText(
    "你好\nMenu",
    flex=0,
    size="18px",
    align="center",
    gravity="bottom",
    color="#11223344",
    weight="regular",
    style="normal",
    decoration="underline",
    wrap=False,
    line_spacing="20.5px",
    action=PHONE,
    max_lines=0,
    adjust_mode="shrink-to-fit",
    scaling=True,
    **PLACED,
)
SPANS = m.FlexText(contents=[SPAN, m.FlexSpan("!")], wrap=True)
ICON = m.FlexIcon(URL, "3xl", "1:3", scaling=False, **PLACED)
IMAGE = m.FlexImage(
    URL,
    flex=1,
    align="start",
    gravity="top",
    size="full",
    aspect_ratio="1.51:1",
    aspect_mode="cover",
    background_color="#FFFFFF",
    action=LINK,
    animated=False,
    **PLACED,
)
BUTTON = m.FlexButton(
    m.MessageAction("L" * 40, "pressed"),
    flex=3,
    color="#aabbcc",
    style="primary",
    gravity="center",
    height="sm",
    adjust_mode="shrink-to-fit",
    scaling=False,
    **PLACED,
)
SEPARATOR = m.FlexSeparator("12px", "#000000")
BASELINE = m.FlexBox("baseline", [ICON, TEXT, FILLER])
BOX = m.FlexBox(
    "vertical",
    [BASELINE, BUTTON, IMAGE, SPANS, SEPARATOR, FILLER],
    flex=1,
    spacing="md",
    background_color="#00000000",
    border_color="#abcdef",
    border_width="semi-bold",
    corner_radius="8px",
    width="50%",
    max_width="100px",
    height="80px",
    max_height="90%",
    padding_all="lg",
    padding_top="1px",
    padding_bottom="2%",
    padding_start="none",
    padding_end="xs",
    action=POSTBACK,
    justify_content="space-evenly",
    align_items="flex-end",
    background=GRADIENT,
    **PLACED,
)
VIDEO = m.FlexVideo(URL, URL, IMAGE, "16:9", m.URIAction("Open", "line://nv/chat"))
STYLE = m.FlexBlockStyle("#ffffff", separator=True, separator_color="#cccccc")
STYLES = m.FlexBubbleStyles(STYLE, STYLE, STYLE, STYLE)
BUBBLE = m.FlexBubble(
    "rtl", STYLES, header=BASELINE, hero=IMAGE, body=BOX, footer=BOX, size="giga", action=MESSAGE
)
VIDEO_BUBBLE = m.FlexBubble(hero=VIDEO, body=BOX)
CAROUSEL = m.FlexCarousel([BUBBLE, BUBBLE])

COLUMN = m.CarouselColumn("列の説明", [MESSAGE, LINK, COPY], URL, "#FFFFFF", "タイトル", POSTBACK)
BUTTONS = m.ButtonsTemplate(
    "メニュー", [MESSAGE, POSTBACK, LINK, DATES], URL, "square", "contain", "#123456", "題", LINK
)
CONFIRM = m.ConfirmTemplate("แน่ใจไหม", [MESSAGE, OLD_POSTBACK])
CARD = m.ImageCarouselColumn(URL, m.MessageAction("十二文字までのラベル…", "x"))
COLUMNS = m.CarouselTemplate([COLUMN, COLUMN], "rectangle", "cover")
CARDS = m.ImageCarouselTemplate([CARD, m.ImageCarouselColumn(URL, PHONE)])

MENTION = m.MentionSubstitutionObject(m.UserMentionTarget("U0123456789abcdef0123456789abcdef"))
EVERYBODY = m.MentionSubstitutionObject(m.AllMentionTarget())
EMOJI = m.EmojiSubstitutionObject("5ac1bfd5040ab15980c9b435", "002")
LINK_AFTER = m.ImagemapExternalLink("https://example.com/more", "もっと見る")
MAP_VIDEO = m.ImagemapVideo(URL, URL, AREA, LINK_AFTER)

MESSAGES: tuple[m.Message, ...] = (
    m.TextMessage(
        "🍎$ 寿司 $",
        [
            m.Emoji(2, "5ac1bfd5040ab15980c9b435", "001"),
            m.Emoji(7, "5ac1bfd5040ab15980c9b435", "2"),
        ],
        "quote-token",
        quick_reply=QUICK_REPLY,
        sender=SENDER,
    ),
    m.TextMessageV2(
        "{{{who}}} สวัสดี {all} {smile}",
        {"who": MENTION, "all": EVERYBODY, "smile": EMOJI},
        "quote-token",
        quick_reply=QUICK_REPLY,
        sender=SENDER,
    ),
    m.StickerMessage("446", "1988", "quote-token", quick_reply=QUICK_REPLY, sender=SENDER),
    m.ImageMessage(URL, URL, quick_reply=QUICK_REPLY, sender=SENDER),
    m.VideoMessage(URL, URL, "track-1", quick_reply=QUICK_REPLY, sender=SENDER),
    m.AudioMessage(URL, 60_000, quick_reply=QUICK_REPLY, sender=SENDER),
    m.LocationMessage(
        "東京駅", "丸の内1丁目", 35.681236, 139, quick_reply=QUICK_REPLY, sender=SENDER
    ),
    m.ImagemapMessage(
        MAP,
        "地図",
        m.ImagemapBaseSize(width=1040, height=700),
        [
            m.MessageImagemapAction(AREA, "左", "left"),
            m.URIImagemapAction(AREA, URL, "middle"),
            m.ClipboardImagemapAction(AREA, "右", "right"),
        ],
        MAP_VIDEO,
        quick_reply=QUICK_REPLY,
        sender=SENDER,
    ),
    m.TemplateMessage("buttons", BUTTONS, quick_reply=QUICK_REPLY, sender=SENDER),
    m.TemplateMessage("confirm", CONFIRM),
    m.TemplateMessage("carousel", COLUMNS),
    m.TemplateMessage("images", CARDS),
    m.FlexMessage("bubble", BUBBLE, quick_reply=QUICK_REPLY, sender=SENDER),
    m.FlexMessage("video", VIDEO_BUBBLE),
    m.FlexMessage("carousel", CAROUSEL),
    m.CouponMessage("01JYNW8JMQVFBNWF1APF8Z3FS7", "tag_1", quick_reply=QUICK_REPLY, sender=SENDER),
)

PARTS: tuple[Checked, ...] = (
    *(MESSAGE, POSTBACK, OLD_POSTBACK, LINK, DATES, DATE, TIME, COPY, PHONE),
    *(CAMERA, PHOTOS, PLACE, SWITCH),
    *(BUTTONS, CONFIRM, COLUMNS, CARDS),
    *(BUBBLE, VIDEO_BUBBLE, CAROUSEL, BOX, BASELINE, BUTTON, IMAGE, VIDEO, ICON, TEXT, SPANS),
    *(SPAN, SEPARATOR, FILLER, GRADIENT, MENTION, EVERYBODY, EMOJI, MAP_VIDEO),
)


def everything(start: object) -> list[Checked]:
    """The object and all objects of ours inside it."""
    found: list[Checked] = []
    waiting = [start]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, Checked):
            found.append(one)
            waiting.extend(getattr(one, name) for name in one.__struct_fields__)
    return found
