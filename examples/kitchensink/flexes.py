"""Three Flex Messages: one of our classes, one a plain dictionary, one a carousel."""

from penniless.messages import (
    FlexBox,
    FlexBubble,
    FlexButton,
    FlexCarousel,
    FlexIcon,
    FlexImage,
    FlexSeparator,
    FlexSpan,
    FlexText,
    MessageAction,
    PostbackAction,
    URIAction,
)

GREY = "#8c8c8c"


def cafe(pictures: str) -> FlexBubble:
    """A place with a picture, stars, facts and buttons."""
    stars = [FlexIcon(f"{pictures}/star.png", size="sm") for _ in range(4)]
    return FlexBubble(
        hero=FlexImage(
            f"{pictures}/wide.png", size="full", aspect_ratio="20:13", aspect_mode="cover"
        ),
        body=FlexBox(
            "vertical",
            [
                FlexText("喫茶ペニー ☕", weight="bold", size="xl"),
                FlexBox(
                    "baseline",
                    [*stars, FlexText("4.0", size="sm", color=GREY, margin="md", flex=0)],
                    margin="md",
                ),
                FlexBox(
                    "vertical",
                    [
                        _fact("場所", "東京都千代田区丸の内1丁目 9-1"),
                        _fact("เวลา", "10:00 - 23:00 ทุกวัน"),
                    ],
                    margin="lg",
                    spacing="sm",
                ),
                FlexText(
                    contents=[
                        FlexSpan("Today: "),
                        FlexSpan("cake", weight="bold", color="#e4572e"),
                        FlexSpan(" for "),
                        FlexSpan("¥600", decoration="line-through", color=GREY),
                        FlexSpan(" ¥450", size="lg", weight="bold"),
                    ],
                    wrap=True,
                    margin="lg",
                ),
            ],
        ),
        footer=FlexBox(
            "vertical",
            [
                FlexButton(
                    PostbackAction("Book a table", "book=table", display_text="Book a table"),
                    style="primary",
                    height="sm",
                ),
                FlexButton(
                    URIAction("Web site", "https://example.com/"), style="link", height="sm"
                ),
            ],
            spacing="sm",
        ),
    )


def _fact(name: str, value: str) -> FlexBox:
    return FlexBox(
        "baseline",
        [
            FlexText(name, color=GREY, size="sm", flex=1),
            FlexText(value, color="#555555", size="sm", flex=5, wrap=True),
        ],
        spacing="sm",
    )


def receipt() -> dict[str, object]:
    """A receipt, as a plain dictionary: whatever LINE adds next can be written so."""
    lines = (("Oolong tea × 2", "¥480"), ("餃子", "¥350"), ("ผัดไทย", "¥720"))
    return {
        "type": "bubble",
        "size": "mega",
        "body": {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {"type": "text", "text": "RECEIPT", "weight": "bold", "color": "#1db446"},
                {"type": "text", "text": "Penny Café", "weight": "bold", "size": "xxl"},
                {"type": "separator", "margin": "xl"},
                *(
                    {
                        "type": "box",
                        "layout": "horizontal",
                        "margin": "md",
                        "contents": [
                            {"type": "text", "text": name, "size": "sm", "color": "#555555"},
                            {"type": "text", "text": price, "size": "sm", "align": "end"},
                        ],
                    }
                    for name, price in lines
                ),
                {"type": "separator", "margin": "xl"},
                {
                    "type": "box",
                    "layout": "horizontal",
                    "margin": "md",
                    "contents": [
                        {"type": "text", "text": "TOTAL", "weight": "bold"},
                        {"type": "text", "text": "¥1,550", "align": "end", "weight": "bold"},
                    ],
                },
            ],
        },
        "styles": {"body": {"backgroundColor": "#fffdf5"}},
    }


def shelf(pictures: str) -> FlexCarousel:
    """Several things side by side."""
    things = (("Arm chair", "photo", 49), ("Metal lamp", "square", 11), ("Vase", "wide", 19))
    return FlexCarousel(
        [_thing(name, f"{pictures}/{file}.png", price) for name, file, price in things]
    )


def _thing(name: str, picture: str, price: int) -> FlexBubble:
    return FlexBubble(
        size="micro",
        hero=FlexImage(picture, size="full", aspect_ratio="1:1", aspect_mode="cover"),
        body=FlexBox(
            "vertical",
            [
                FlexText(name, weight="bold", wrap=True),
                FlexSeparator(margin="sm"),
                FlexText(f"${price}", size="xl", margin="sm"),
            ],
            spacing="sm",
        ),
        footer=FlexBox(
            "vertical", [FlexButton(MessageAction("Buy", f"buy {name}"), style="primary")]
        ),
    )
