"""One command for each thing a bot can send; say "menu" to see them all.

Talk to it with `penniless dev examples/kitchensink/app.py`. The pictures come from
https://sample.invalid, a host that exists only in the simulated LINE.
"""

import flexes

from penniless import Bot, mentioned, text
from penniless.aws import lambda_handler_for
from penniless.messages import (
    AudioMessage,
    ButtonsTemplate,
    CameraAction,
    CameraRollAction,
    CarouselColumn,
    CarouselTemplate,
    ClipboardAction,
    ConfirmTemplate,
    CouponMessage,
    DatetimePickerAction,
    FlexMessage,
    ImageCarouselColumn,
    ImageCarouselTemplate,
    ImagemapArea,
    ImagemapBaseSize,
    ImagemapMessage,
    ImageMessage,
    LocationAction,
    LocationMessage,
    MessageAction,
    MessageImagemapAction,
    PostbackAction,
    QuickReply,
    QuickReplyItem,
    Sender,
    StickerMessage,
    TemplateMessage,
    TextMessage,
    TextMessageV2,
    URIAction,
    URIImagemapAction,
    VideoMessage,
)

PICTURES = "https://sample.invalid"
PHOTO = f"{PICTURES}/photo.png"
COMMANDS = (
    "text",
    "languages",
    "mention",
    "quote",
    "sender",
    "sticker",
    "image",
    "video",
    "audio",
    "location",
    "coupon",
    "imagemap",
    "buttons",
    "confirm",
    "carousel",
    "images",
    "flex",
    "receipt",
    "shelf",
    "quick",
    "dates",
    "five",
    "profile",
    "loading",
    "count",
    "push",
    "error",
)

bot = Bot()


@bot.follow
def welcome(ctx):
    name = ctx.profile.display_name if ctx.profile else "friend"
    return f"Welcome, {name}! Say “menu”."


@bot.text(r"(?i)menu|help|\?")
def menu(ctx):
    yield "I can send: " + ", ".join(COMMANDS)
    yield TextMessage(
        "Tap one:",
        quick_reply=QuickReply(
            [QuickReplyItem(MessageAction(name, name)) for name in COMMANDS[5:18]]
        ),
    )


@bot.text("text")
def plain_text(ctx):
    return "Plain text, a link https://example.com/, and\na second line."


@bot.text("languages")
def languages(ctx):
    yield "こんにちは。今日はいい天気ですね。☀️"
    yield "สวัสดีครับ วันนี้อากาศดีมาก 🍜"
    yield "你好，今天天氣很好。🧋"
    yield "안녕하세요! مرحبا 👨‍👩‍👧‍👦🇯🇵👍🏽"


@bot.text("mention")
def mention(ctx):
    if ctx.user_id is None or ctx.conversation.startswith("user#"):
        return "Mentions work in groups only: add me to one and ask again."
    someone = {"type": "mention", "mentionee": {"type": "user", "userId": ctx.user_id}}
    return TextMessageV2("Hello {you}!", substitution={"you": someone})


@bot.text("quote")
def quote(ctx):
    return TextMessage("This answers your message.", quote_token=ctx.event.message.quote_token)


@bot.text("sender")
def sender(ctx):
    return TextMessage("I speak as Brown today.", sender=Sender("Brown", f"{PICTURES}/avatar.png"))


@bot.text("sticker")
def sticker(ctx):
    return StickerMessage("446", "1988")


@bot.text("image")
def image(ctx):
    return ImageMessage(PHOTO, PHOTO)


@bot.text("video")
def video(ctx):
    return VideoMessage(f"{PICTURES}/clip.mp4", PHOTO)


@bot.text("audio")
def audio(ctx):
    return AudioMessage(f"{PICTURES}/tone.wav", 1500)


@bot.text("location")
def location(ctx):
    return LocationMessage("東京駅", "東京都千代田区丸の内1丁目", 35.6812, 139.7671)


@bot.text("coupon")
def coupon(ctx):
    return CouponMessage("01JYNW8JMQVFBNWF1APF8Z3FS7")


@bot.text("imagemap")
def imagemap(ctx):
    half = 520
    return ImagemapMessage(
        base_url=f"{PICTURES}/map",
        alt_text="Four quarters to tap",
        base_size=ImagemapBaseSize(width=1040, height=1040),
        actions=[
            MessageImagemapAction(ImagemapArea(0, 0, half, half), "one"),
            MessageImagemapAction(ImagemapArea(half, 0, half, half), "two"),
            MessageImagemapAction(ImagemapArea(0, half, half, half), "three"),
            URIImagemapAction(ImagemapArea(half, half, half, half), "https://example.com/"),
        ],
    )


@bot.text("buttons")
def buttons(ctx):
    return TemplateMessage(
        "Tea or coffee?",
        ButtonsTemplate(
            title="お飲み物",
            text="What would you like to drink?",
            thumbnail_image_url=PHOTO,
            actions=[
                PostbackAction("お茶", "drink=tea", display_text="お茶をください"),
                PostbackAction("กาแฟ", "drink=coffee", display_text="ขอกาแฟหน่อย"),
                MessageAction("Nothing", "nothing, thanks"),
                URIAction("The card", "https://example.com/card"),
            ],
        ),
    )


@bot.text("confirm")
def confirm(ctx):
    return TemplateMessage(
        "Are you sure?",
        ConfirmTemplate(
            "Delete all the photos? 🗑️",
            [PostbackAction("Yes", "sure=yes", display_text="Yes"), MessageAction("No", "no")],
        ),
    )


@bot.text("carousel")
def carousel(ctx):
    columns = [
        CarouselColumn(
            title=f"Room {number}",
            text=f"{number} beds, a view of the sea",
            thumbnail_image_url=f"{PICTURES}/{picture}.png",
            actions=[
                PostbackAction("Book", f"book={number}", display_text=f"Book room {number}"),
                MessageAction("Ask", f"What does room {number} cost?"),
            ],
        )
        for number, picture in enumerate(("photo", "wide", "square"), start=1)
    ]
    return TemplateMessage("Three rooms", CarouselTemplate(columns))


@bot.text("images")
def image_carousel(ctx):
    columns = [
        ImageCarouselColumn(f"{PICTURES}/{name}.png", PostbackAction(name, f"picture={name}"))
        for name in ("square", "photo", "wide")
    ]
    return TemplateMessage("Pictures", ImageCarouselTemplate(columns))


@bot.text("flex")
def flex(ctx):
    return FlexMessage("A café", flexes.cafe(PICTURES))


@bot.text("receipt")
def receipt(ctx):
    return FlexMessage("領収書", flexes.receipt())


@bot.text("shelf")
def shelf(ctx):
    return FlexMessage("Things to buy", flexes.shelf(PICTURES))


@bot.text("quick")
def quick_reply(ctx):
    actions = (
        MessageAction("はい", "はい"),
        PostbackAction("いいえ", "quick=no", display_text="いいえ"),
        DatetimePickerAction("When?", "quick=when", "datetime"),
        CameraAction("Camera"),
        CameraRollAction("Photos"),
        LocationAction("Where?"),
        ClipboardAction("Copy the code", "PENNILESS-1"),
    )
    return TextMessage(
        "Choose one.", quick_reply=QuickReply([QuickReplyItem(one) for one in actions])
    )


@bot.text("dates")
def dates(ctx):
    return TemplateMessage(
        "Choose a date",
        ButtonsTemplate(
            text="When shall we come?",
            actions=[
                DatetimePickerAction("Day", "day", "date", min="2026-01-01", max="2030-12-31"),
                DatetimePickerAction("Hour", "hour", "time", initial="09:30"),
                DatetimePickerAction("Both", "both", "datetime"),
            ],
        ),
    )


@bot.text("five")
def five(ctx):
    for number in range(1, 6):
        yield f"{number} of 5"


@bot.text("profile")
def profile(ctx):
    found = ctx.profile
    return f"You are {found.display_name} ({found.language})." if found else "I may not know you."


@bot.text("loading")
def loading(ctx):
    return "Did you see the dots?" if ctx.loading(5) else "Dots are shown in 1:1 chats only."


@bot.text("count")
def count(ctx):
    ctx.state["count"] = ctx.state.get("count", 0) + 1
    return f"You said that {ctx.state['count']} times."


@bot.text("push")
def push(ctx):
    ctx.push("This was pushed, and counted by LINE.")


@bot.text("error")
def error(ctx):
    raise RuntimeError("this handler always fails")


@bot.on(text() & mentioned())
def called(ctx):
    return "You called?"


@bot.text(r"say (?P<words>.+)")
async def say(ctx, words):
    return words


@bot.postback()
def tapped(ctx):
    params = ctx.event.postback.params
    chosen = params and (params.datetime or params.date or params.time)
    return f"postback: {ctx.data}" + (f" → {chosen}" if chosen else "")


@bot.image
def picture(ctx):
    with ctx.content(wait=5) as content:
        size = len(content.read())
    return f"Thank you for {size:,} bytes of {content.content_type}."


@bot.sticker
def same_sticker(ctx):
    return StickerMessage(ctx.event.message.package_id, ctx.event.message.sticker_id)


@bot.location
def where(ctx):
    place = ctx.event.message
    return f"{place.title or 'That'} is at {place.latitude:.4f}, {place.longitude:.4f}."


@bot.default
def anything_else(ctx):
    if ctx.can_reply:
        return "Say “menu” to see what I can send."
    return None


lambda_handler = lambda_handler_for(bot)
