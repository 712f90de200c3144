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
IMAGES = (*FONTS, "full")
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
                tile("#2F6F8F", flex=1),
                tile("#E07A5F", flex=2),
                tile("#81B29A", width="40px"),
                tile(
                    "#FFD45E",
                    height="12px",
                    paddingAll="sm",
                    flex=9,
                    position="relative",
                    offsetTop="50%",
                ),
                spacing="md",
                height="24px",
            ),
            box(
                "horizontal",
                tile("#2F6F8F", height="24px", width="60%", maxWidth="120px"),
                {"type": "filler", "flex": 2},
                tile("#E07A5F", width="60px", height="40px", maxHeight="24px"),
                tile("#81B29A", width="90px", maxWidth="10%", height="100%", maxHeight="50%"),
                height="40px",
                margin="xl",
            ),
            box(
                "vertical",
                tile("#2F6F8F", flex=1),
                tile("#E07A5F", flex=3, margin="4px"),
                tile("#81B29A", height="10px", flex=2),
                {"type": "filler"},
                height="100px",
                margin="xxl",
            ),
            *(tile("#81B29A", height="6px", margin=name) for name in SPACES),
            *(
                box(
                    "horizontal",
                    *(tile("#2F6F8F", flex=1) for _ in range(5)),
                    height="10px",
                    spacing=name,
                    margin="sm",
                )
                for name in (*SPACES, "10px")
            ),
            paddingAll="20px",
        ),
        size="kilo",
    )


def paddings() -> Json:
    """Each padding by each word, as a white tile in a coloured box; then by pixels and percents."""
    sides = ("paddingAll", "paddingTop", "paddingBottom", "paddingStart", "paddingEnd")
    inner = tile("#FFFFFF", width="12px", height="12px")
    rows = [
        box(
            "horizontal",
            *(box("vertical", inner, backgroundColor="#2F6F8F", **{side: name}) for name in SPACES),
            justifyContent="space-between",
            alignItems="flex-start",
        )
        for side in sides
    ]
    rows += [
        box(
            "horizontal",
            *(box("vertical", inner, backgroundColor="#E07A5F", **{side: one}) for side in sides),
            justifyContent="space-between",
            alignItems="flex-start",
        )
        for one in ("7px", "5%")
    ]
    for row in rows:
        for one in row["contents"]:
            one["flex"] = 0
    return bubble(box("vertical", *rows, spacing="sm"), size="mega")


def offsets() -> Json:
    """Each offset by each word, as a dot in a square; then by pixels, percents, less than 0."""
    sides = ("offsetTop", "offsetBottom", "offsetStart", "offsetEnd")

    def square(**more: Any) -> Json:
        dot = tile("#E07A5F", width="10px", height="10px", position="absolute", **more)
        return box("vertical", dot, width="34px", height="34px", backgroundColor="#DDE5EE")

    rows = [[square(**{side: name}) for name in SPACES] for side in sides]
    rows += [[square(**{side: one}) for one in ("9px", "-3px", "25%", "-10%")] for side in sides]
    return bubble(
        box("vertical", *(box("horizontal", *row, spacing="xs") for row in rows), spacing="xs"),
        size="mega",
    )


def places() -> Json:
    """position absolute and relative of each component that has it, on a picture and below it."""
    panel = box(
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
    )
    badge = box(
        "vertical",
        text("新着", color="#ffffff", align="center", size="xs", offsetTop="3px"),
        position="absolute",
        backgroundColor="#D9482B",
        cornerRadius="20px",
        offsetTop="18px",
        offsetStart="18px",
        width="53px",
        height="25px",
    )
    square = tile(
        "#FFD45E",
        position="absolute",
        width="12%",
        height="12%",
        offsetTop="10%",
        offsetEnd="10%",
        cornerRadius="md",
    )
    out = image(
        position="absolute",
        size="40px",
        align="start",
        offsetBottom="30%",
        offsetEnd="-20px",
        margin="none",
    )
    moved = box(
        "horizontal",
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
        text("下", position="relative", offsetTop="16px", offsetStart="lg", offsetEnd="0px"),
        image(size="30px", position="relative", offsetStart="-10px", gravity="center"),
    )
    icons = box(
        "baseline",
        icon(
            position="relative",
            offsetTop="2px",
            offsetBottom="9px",
            offsetStart="4px",
            offsetEnd="0px",
            aspectRatio="2:1",
            size="lg",
            margin="xs",
            scaling=True,
        ),
        text("星", flex=0, position="relative", margin="sm", offsetBottom="9px"),
        icon(position="absolute", offsetTop="none", offsetEnd="xl", size="20px"),
    )
    picture = box(
        "vertical",
        image(PHOTO, size="full", aspectRatio="1:1", aspectMode="cover", gravity="top"),
        panel,
        badge,
        square,
        tile("#ffffff80", position="absolute", width="30px", height="10px"),
        out,
        text("掛", position="absolute", offsetTop="xxl", offsetEnd="md", color="#ffffff"),
        button("浮", position="absolute", offsetTop="40%", offsetStart="30%", style="primary"),
    )
    return bubble(box("vertical", picture, moved, icons, paddingAll="none"), size="kilo")


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
                *(tile("#2F6F8F", cornerRadius=name) for name in SPACES),
                spacing="xs",
                height="28px",
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
            {
                "type": "text",
                "contents": [
                    {"type": "span", "text": "線は", "decoration": "none"},
                    {"type": "span", "text": "消えない"},
                ],
                "decoration": "underline",
            },
            text("始", align="start"),
            text("中", align="center"),
            text("終", align="end", decoration="none"),
            text("一行目\n二行目\n三行目", wrap=True, lineSpacing="12px", margin="md"),
            text("長い文は二行で切れます。" * 12, wrap=True, maxLines=2, margin="md"),
            text("すべての行\nを見せる", wrap=True, maxLines=0),
            text("折り返さない長い文は点々で終わります。" * 3),
            text("長い文は小さくなって一行に収まります。" * 2, adjustMode="shrink-to-fit"),
            text("大きくなる文字", scaling=True, size="md", action=TAP, wrap=False),
            text("大きくならない文字", scaling=False),
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


def steps() -> Json:
    """Icons and spans of every size, on one line with text."""
    rows = (FONTS[:7], FONTS[7:])
    return bubble(
        box(
            "vertical",
            *(
                box(
                    "baseline",
                    *(icon(size=size, scaling=False) for size in row),
                    text("線", flex=0, gravity="bottom"),
                    spacing="xs",
                )
                for row in rows
            ),
            {
                "type": "text",
                "contents": [{"type": "span", "text": "字", "size": size} for size in FONTS[:8]],
            },
            {
                "type": "text",
                "contents": [{"type": "span", "text": "字", "size": size} for size in FONTS[8:]],
            },
        ),
        size="giga",
    )


def scripts() -> Json:
    """What LINE's users write, in the scripts they write it in; marks above and below letters."""
    rows = (
        ("日本語", "いろはにほへと、アイウエオ。辻󠄀さんと渡邊さん。「骨」直"),
        ("繁體", "臺灣繁體中文：您好，歡迎光臨！骨直"),
        ("简体", "简体中文：您好，欢迎光临！台湾 骨直"),
        ("ไทย", "ก็ที่นี่ ผู้ใหญ่ ปั้น น้ำ กุฏิ ญู ฐู สวัสดี"),
        ("한국어", "안녕하세요, 반갑습니다"),
        ("عربي", "السَّلامُ عليكم ١٢٣ و 456"),
        ("Latin", "Ångström, Việt Nam, señor"),
        ("emoji", "😀 ❤️ 👍🏽 👩\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 🇯🇵🇹🇭🇹🇼 1️⃣ "),
        ("flag", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 🧑🏾\u200d🚀"),
    )
    return bubble(
        box(
            "vertical",
            *(
                box(
                    "baseline",
                    text(name, size="xs", color=GREY, flex=2),
                    text(words, wrap=True, size="sm", flex=7),
                )
                for name, words in rows
            ),
            text("灵 ก็ที่ปั้น ع 한 🍣", size="xl", weight="bold"),
            spacing="sm",
        ),
        footer=box("horizontal", button("สั่งเลย"), button("طلب", style="primary"), spacing="sm"),
        size="mega",
    )


def pictures() -> Json:
    """Sizes, ratios and modes of pictures, where they stand, separators; one is too wide."""
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
        image(WIDE, size=size, aspectRatio="16:1", aspectMode="cover", margin="xs")
        for size in IMAGES
    ]
    row = box("horizontal", image(flex=0, size="30px"), image(size="5xl"), margin="md")
    return bubble(box("vertical", *rows, *sizes, row), size="mega")


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
            button("primary", style="primary", scaling=False),
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


def still() -> Json:
    """A video of other shape, for which a box would stand, and no link below."""
    return bubble(
        hero={
            "type": "video",
            "url": f"{PICTURES}/clip.mp4",
            "previewUrl": WIDE,
            "altContent": box("vertical", text("動画を見られません")),
            "aspectRatio": "3:1",
        },
        size="giga",
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
            tile(
                "#FFD45E",
                width="24px",
                height="24px",
                position="absolute",
                offsetStart="4px",
                offsetBottom="4px",
            ),
        ),
        size="kilo",
        direction="rtl",
    )


def carousel() -> Json:
    """Three bubbles, all as high as the highest: the body grows. The last is not to be seen yet."""
    return {
        "type": "carousel",
        "contents": [
            bubble(
                box("vertical", text("一", size="sm")),
                hero=box("vertical", image(size="full", aspectRatio="1:1"), paddingAll="4px"),
                footer=box("vertical", button("買う", style="primary", height="sm")),
                size="nano",
            ),
            bubble(
                box("vertical", text("二", size="sm"), backgroundColor="#DDE5EE"),
                footer=box("vertical", button("見る", height="sm")),
                size="nano",
            ),
            *(bubble(box("vertical", text(one, size="sm")), size="nano") for one in "三四五"),
        ],
    }


BOXES: dict[str, Json] = {
    "shop": shop(),
    "shares": shares(),
    "places": places(),
    "frames": frames(),
    "paddings": paddings(),
    "offsets": offsets(),
    "alignments": alignments(),
    "pictures": pictures(),
}
"""How things are placed."""

PARTS: dict[str, Json] = {
    "letters": letters(),
    "steps": steps(),
    "scripts": scripts(),
    "buttons": buttons(),
    "video": video(),
    "still": still(),
    "arabic": arabic(),
    "carousel": carousel(),
    "micro": bubble(box("vertical", text("小さい"), spacing="none"), size="micro"),
    "plain": bubble(footer=box("horizontal", button("一"), button("二"))),
}
"""What things look like."""

BUBBLES: dict[str, Json] = {**BOXES, **PARTS}


def messages() -> list[Json]:
    """The whole set as Flex Messages."""
    return [
        {"type": "flex", "altText": name, "contents": contents}
        for name, contents in BUBBLES.items()
    ]
