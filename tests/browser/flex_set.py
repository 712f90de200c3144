"""A set of Flex bubbles of ours that uses every component and every property of Flex.

Law of this module: data only, as JSON, in LINE's names. Texts are short, or broken by hand, so that
a layout hardly depends on a machine's fonts.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

PICTURES = "https://sample.invalid"
PHOTO, WIDE, SQUARE = f"{PICTURES}/photo.png", f"{PICTURES}/wide.png", f"{PICTURES}/square.png"
TAP: Json = {"type": "message", "label": "選ぶ", "text": "選びました"}
GREY = "#8C96A3"
SPACES = ("none", "xs", "sm", "md", "lg", "xl", "xxl")
FONTS = ("xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl")
BORDERS = ("none", "light", "normal", "medium", "semi-bold", "bold")


def box(layout: str, *contents: Json, **more: Any) -> Json:
    return {"type": "box", "layout": layout, "contents": list(contents), **more}


def text(words: str, **more: Any) -> Json:
    return {"type": "text", "text": words, **more}


def image(url: str = SQUARE, **more: Any) -> Json:
    return {"type": "image", "url": url, **more}


def icon(**more: Any) -> Json:
    return {"type": "icon", "url": SQUARE, **more}


def button(label: str, **more: Any) -> Json:
    return {"type": "button", "action": {**TAP, "label": label}, **more}


def bubble(body: Json | None = None, **more: Any) -> Json:
    return {"type": "bubble", **({"body": body} if body else {}), **more}


def tile(color: str, **more: Any) -> Json:
    """A coloured box without contents."""
    return box("vertical", backgroundColor=color, **more)


def shop() -> Json:
    """Four blocks with styles; rating by icons; rows of labels and values; buttons."""
    stars = [icon(size="sm", margin="sm" if number else "none") for number in range(5)]
    rows = [("Place", "東京都渋谷区\n神南1丁目"), ("Time", "10:00 - 23:00")]
    return bubble(
        box(
            "vertical",
            text("喫茶ペニー", weight="bold", size="xl"),
            box(
                "baseline",
                *stars,
                text("四点", size="sm", color=GREY, margin="md", flex=0),
                {"type": "filler"},
                margin="md",
            ),
            box(
                "vertical",
                *(
                    box(
                        "baseline",
                        text(name, color=GREY, size="sm", flex=1),
                        text(value, wrap=True, color="#4A5460", size="sm", flex=5),
                        spacing="sm",
                    )
                    for name, value in rows
                ),
                margin="lg",
                spacing="sm",
            ),
        ),
        header=box("vertical", text("お知らせ", size="sm", color="#ffffff", align="center")),
        hero=image(WIDE, size="full", aspectRatio="20:13", aspectMode="cover", action=TAP),
        footer=box(
            "vertical",
            button("電話する", style="primary", height="sm", color="#2F6F8F"),
            button("Webサイト", style="secondary", height="md"),
            button("あとで", style="link", height="sm"),
            spacing="sm",
        ),
        styles={
            "header": {"backgroundColor": "#2F6F8F"},
            "hero": {"backgroundColor": "#DDE5EE", "separator": True, "separatorColor": "#FFFFFF"},
            "body": {"backgroundColor": "#FBFCFE", "separator": False},
            "footer": {"backgroundColor": "#F0F3F7", "separator": True, "separatorColor": GREY},
        },
        size="mega",
        direction="ltr",
        action=TAP,
    )


def shares() -> Json:
    """flex in rows and columns, fixed sizes, percents, limits, filler, spacing and margins."""
    return bubble(
        box(
            "vertical",
            box(
                "horizontal",
                tile("#2F6F8F", height="24px", flex=1),
                tile("#E07A5F", height="24px", flex=2),
                tile("#81B29A", height="24px", width="40px"),
                spacing="md",
            ),
            box(
                "horizontal",
                tile("#2F6F8F", height="24px", width="60%", maxWidth="120px"),
                {"type": "filler", "flex": 2},
                tile("#E07A5F", height="40px", maxHeight="24px", flex=3),
                margin="xl",
            ),
            box(
                "vertical",
                tile("#2F6F8F", flex=1),
                tile("#E07A5F", flex=3, margin="4px"),
                {"type": "filler"},
                height="100px",
                margin="xxl",
            ),
            *(tile("#81B29A", height="6px", margin=name) for name in SPACES),
            box(
                "horizontal",
                *(tile("#2F6F8F", height="16px", flex=1) for _ in range(3)),
                spacing="10px",
                margin="md",
            ),
            paddingAll="20px",
        ),
        size="kilo",
    )


def places() -> Json:
    """position absolute and relative, all offsets, negative ones, percents."""
    return bubble(
        box(
            "vertical",
            image(PHOTO, size="full", aspectRatio="1:1", aspectMode="cover", gravity="top"),
            box(
                "vertical",
                text("季節の一皿", color="#ffffff", weight="bold", size="lg"),
                text("1,280円", color="#ffffffcc", size="sm", margin="sm"),
                position="absolute",
                offsetBottom="0px",
                offsetStart="0px",
                offsetEnd="0px",
                background={
                    "type": "linearGradient",
                    "angle": "0deg",
                    "startColor": "#000000CC",
                    "endColor": "#00000000",
                },
                paddingAll="lg",
            ),
            box(
                "vertical",
                text("新着", color="#ffffff", align="center", size="xs", offsetTop="3px"),
                position="absolute",
                backgroundColor="#D9482B",
                cornerRadius="20px",
                offsetTop="18px",
                offsetStart="18px",
                width="53px",
                height="25px",
            ),
            tile(
                "#FFD45E",
                position="absolute",
                width="12%",
                height="12%",
                offsetTop="10%",
                offsetEnd="10%",
                cornerRadius="md",
            ),
            tile("#ffffff80", position="absolute", width="30px", height="10px"),
            image(
                position="absolute",
                size="40px",
                align="start",
                offsetBottom="30%",
                offsetEnd="-20px",
                margin="none",
            ),
            button(
                "上",
                position="relative",
                offsetTop="-4px",
                offsetBottom="none",
                offsetStart="xs",
                offsetEnd="none",
                margin="none",
                flex=0,
                style="link",
            ),
            text("下", position="relative", offsetBottom="2px", offsetStart="lg", offsetEnd="0px"),
            box(
                "baseline",
                icon(
                    position="relative",
                    offsetTop="2px",
                    offsetBottom="0px",
                    offsetStart="4px",
                    offsetEnd="0px",
                    aspectRatio="2:1",
                    size="lg",
                    margin="xs",
                    scaling=True,
                ),
                text("星", flex=0, position="relative", margin="sm"),
            ),
            paddingAll="none",
        ),
        size="kilo",
    )


def frames() -> Json:
    """Borders, corners, paddings and gradients."""
    gradients = (
        {"angle": "90deg", "startColor": "#12324F", "endColor": "#81B29A"},
        {
            "angle": "45deg",
            "startColor": "#FFD45E",
            "endColor": "#2F6F8F",
            "centerColor": "#E07A5F",
            "centerPosition": "30%",
        },
    )
    return bubble(
        box(
            "vertical",
            *(
                tile("#F3F5F8", height="14px", borderWidth=width, borderColor="#12324F")
                for width in BORDERS
            ),
            box(
                "horizontal",
                *(tile("#2F6F8F", height="28px", cornerRadius=name) for name in SPACES),
                spacing="xs",
            ),
            box(
                "vertical",
                box("vertical", text("角", size="xs"), backgroundColor="#ffffff"),
                backgroundColor="#DDE5EE",
                paddingTop="xs",
                paddingBottom="xl",
                paddingStart="10%",
                paddingEnd="24px",
                cornerRadius="12px",
                borderWidth="3px",
                borderColor="#E07A5F80",
            ),
            *(
                box(
                    "vertical",
                    height="40px",
                    cornerRadius="md",
                    background={"type": "linearGradient", **one},
                )
                for one in gradients
            ),
            spacing="sm",
            paddingAll="md",
            paddingTop="xxl",
        ),
        size="hecto",
    )


def letters() -> Json:
    """Sizes, weights, decorations, spans, wrapping, line spacing, alignment, shrinking."""
    spans = [
        {"type": "span", "text": "赤い", "color": "#D9482B", "weight": "bold", "size": "xl"},
        {"type": "span", "text": "下線", "decoration": "underline", "style": "italic"},
        {"type": "span", "text": "古い", "decoration": "line-through", "weight": "regular"},
        {"type": "span", "text": "平", "decoration": "none", "style": "normal", "size": "12px"},
    ]
    return bubble(
        box(
            "vertical",
            *(text("あA", size=size, margin="none") for size in FONTS),
            text("18px", size="18px", weight="bold", style="italic", decoration="underline"),
            text(
                "regular", weight="regular", style="normal", decoration="line-through", color=GREY
            ),
            {"type": "text", "contents": spans, "wrap": True, "margin": "md"},
            text("始", align="start"),
            text("中", align="center"),
            text("終", align="end", decoration="none"),
            text("一行目\n二行目\n三行目", wrap=True, lineSpacing="12px", margin="md"),
            text("長い文は二行で切れます。" * 12, wrap=True, maxLines=2, margin="md"),
            text("すべての行\nを見せる", wrap=True, maxLines=0),
            text("折り返さない長い文は点々で終わります。" * 3),
            text("長い文は小さくなって一行に収まります。" * 2, adjustMode="shrink-to-fit"),
            text("大きくなる文字", scaling=True, size="md", action=TAP),
            box(
                "horizontal",
                text("上", gravity="top"),
                text("中", gravity="center"),
                text("下", gravity="bottom"),
                {"type": "separator", "color": "#E07A5F", "margin": "sm"},
                text("短", flex=0, margin="sm"),
                height="60px",
                margin="md",
            ),
        ),
        size="giga",
    )


def pictures() -> Json:
    """Sizes, ratios and modes of pictures, where they stand, separators."""
    rows = [
        box(
            "horizontal",
            image(size="xxs", align="start", gravity="top"),
            image(size="xs", align="center", gravity="center", flex=1),
            image(size="50px", align="end", gravity="bottom"),
            height="70px",
        ),
        {"type": "separator", "margin": "md"},
        image(WIDE, size="sm", aspectMode="fit", backgroundColor="#DDE5EE", margin="md"),
        image(WIDE, size="md", aspectMode="cover", aspectRatio="3:2", margin="md", animated=False),
        image(
            size="40%", margin="md", animated=True, position="relative", offsetStart="4px", flex=0
        ),
        image(size="full", aspectRatio="5:1", aspectMode="cover", margin="md", offsetTop="2px"),
        {"type": "separator", "margin": "12px", "color": "#2F6F8F"},
    ]
    sizes = [
        bubble(box("vertical", image(WIDE, size=size, aspectRatio="2:1")), size="mega")
        for size in ("lg", "xl", "xxl", "3xl", "4xl", "5xl")
    ]
    first = bubble(box("vertical", *rows), size="mega")
    return {"type": "carousel", "contents": [first, *sizes]}


def alignments() -> Json:
    """justifyContent and alignItems, in rows and columns."""
    ways = ("center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly")
    two = (
        tile("#2F6F8F", width="30px", height="14px"),
        tile("#E07A5F", width="30px", height="14px"),
    )
    return bubble(
        box(
            "vertical",
            *(
                box("horizontal", *two, justifyContent=way, backgroundColor="#F3F5F8")
                for way in ways
            ),
            *(
                box(
                    "horizontal",
                    *two,
                    alignItems=way,
                    height="30px",
                    backgroundColor="#DDE5EE",
                    action=TAP,
                )
                for way in ("center", "flex-start", "flex-end")
            ),
            box(
                "vertical",
                *two,
                alignItems="center",
                justifyContent="flex-end",
                height="60px",
                backgroundColor="#F3F5F8",
            ),
            spacing="sm",
        ),
        size="deca",
    )


def buttons() -> Json:
    """Styles, heights, colours, gravity, shares, shrinking labels."""
    return bubble(
        box(
            "vertical",
            button("primary", style="primary"),
            button("color", style="primary", color="#12324F", height="md"),
            button("secondary", style="secondary", color="#FFD45E", height="sm", margin="sm"),
            button("link", style="link", color="#D9482B"),
            button(
                "長いラベルも小さくなって収まります。とても長いラベルです。",
                style="primary",
                adjustMode="shrink-to-fit",
                scaling=True,
                margin="md",
            ),
            box(
                "horizontal",
                button("一", flex=1, gravity="top", style="secondary", height="sm"),
                button("二", flex=2, gravity="center", style="secondary", height="sm"),
                button("三", gravity="bottom", style="secondary", height="sm"),
                spacing="md",
                height="70px",
                margin="md",
            ),
        ),
        size="mega",
    )


def video() -> Json:
    """A video as hero, with what stands there in its stead, and a link below."""
    return bubble(
        box("vertical", text("予告編", weight="bold")),
        hero={
            "type": "video",
            "url": f"{PICTURES}/clip.mp4",
            "previewUrl": PHOTO,
            "altContent": image(PHOTO, size="full", aspectRatio="20:13"),
            "aspectRatio": "20:13",
            "action": {"type": "uri", "label": "もっと見る", "uri": "https://example.com/"},
        },
        size="kilo",
    )


def arabic() -> Json:
    """From right to left: rows begin at the right, start means right."""
    return bubble(
        box(
            "vertical",
            text("مرحبا بالعالم", weight="bold", size="lg"),
            box(
                "horizontal",
                tile("#2F6F8F", width="40px", height="20px"),
                tile("#E07A5F", width="20px", height="20px", margin="md"),
                text("١٢٣", align="start", margin="lg"),
                paddingStart="10px",
                margin="md",
            ),
            tile("#FFD45E", width="24px", height="24px", position="absolute", offsetStart="4px"),
        ),
        size="kilo",
        direction="rtl",
    )


def small() -> Json:
    """The two smallest sizes, and a bubble that says nothing of its size."""
    return {
        "type": "carousel",
        "contents": [
            bubble(
                box("vertical", text("小", size="sm")),
                hero=box("vertical", image(size="full", aspectRatio="1:1"), paddingAll="4px"),
                size="nano",
            ),
            bubble(box("vertical", text("次", size="sm")), size="nano"),
        ],
    }


BUBBLES: dict[str, Json] = {
    "shop": shop(),
    "shares": shares(),
    "places": places(),
    "frames": frames(),
    "letters": letters(),
    "pictures": pictures(),
    "alignments": alignments(),
    "buttons": buttons(),
    "video": video(),
    "arabic": arabic(),
    "small": small(),
    "micro": bubble(box("vertical", text("小さい"), spacing="none"), size="micro"),
    "plain": bubble(footer=box("horizontal", button("一"), button("二"))),
}


def messages() -> list[Json]:
    """The whole set as Flex Messages."""
    return [
        {"type": "flex", "altText": name, "contents": contents}
        for name, contents in BUBBLES.items()
    ]
