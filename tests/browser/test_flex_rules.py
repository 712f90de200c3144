"""The rules that LINE publishes for the layout of Flex Messages, each measured in the browser.

Each test names the section of https://developers.line.biz/en/docs/messaging-api/flex-message-layout/
that states its rule, or another page there. What LINE does not publish, such as the pixels of
keywords, is in `js/flex/units.js` and `css/flex.css`, and held by the golden files. Places that are
compared are measured in one call: the chat may still be moving.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.flex_page import flexed, loaded
from tests.browser.flex_set import Json, box, bubble, button, icon, image, text
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

RECTANGLES = """(whole, inner) => {
  const out = whole.querySelector(".fx-body > .fx-box").getBoundingClientRect();
  return [...whole.querySelectorAll(inner)].map((one) => {
    const box = one.getBoundingClientRect();
    return [box.left - out.left, box.top - out.top, box.width, box.height];
  });
}"""
INNER = ".fx-body > .fx-box > *"
Rectangle = tuple[float, float, float, float]


def stood(stage: Stage, layout: str, *parts: Json, inner: str = INNER, **more: Any) -> Any:
    """Left, top, width and height of each part of a body without padding, 300 pixels wide."""
    direction = {"direction": more.pop("direction")} if "direction" in more else {}
    body = box(layout, *parts, paddingAll="0px", **more)
    whole = flexed(stage, body, **direction)
    loaded(stage, whole)
    return near(whole.evaluate(RECTANGLES, inner))


def near(rectangles: list[list[float]]) -> list[Rectangle]:
    return [tuple(round(one) for one in each) for each in rectangles]  # type: ignore[misc]


def tile(**more: Any) -> Json:
    return box("vertical", backgroundColor="#2F6F8F", **more)


def test_a_row_is_shared_by_flex_which_is_1(backstage: Stage) -> None:
    """#horizontal-box: what is not said counts as 1; 2 gets twice as much."""
    found = stood(backstage, "horizontal", tile(), tile(flex=2), tile(flex=3), height="20px")
    assert [one[2] for one in found] == [50, 100, 150]


def test_flex_0_in_a_row_is_as_wide_as_its_content(backstage: Stage) -> None:
    """#horizontal-box: the others share what is left."""
    inner = box("vertical", tile(width="60px", height="10px"), flex=0)
    found = stood(backstage, "horizontal", inner, tile(flex=2), tile(flex=1))
    assert [one[2] for one in found] == [60, 160, 80]


def test_what_goes_beyond_the_row_is_not_shown(backstage: Stage) -> None:
    """#horizontal-box: a part with flex 0 may be too wide; the box cuts it off."""
    parts = (text("あ" * 30, flex=0), text("い" * 30, flex=0))
    whole = flexed(backstage, box("horizontal", *parts))
    overflow = whole.locator(".fx-body > .fx-box").evaluate("e => getComputedStyle(e).overflow")
    assert overflow == "hidden"


def test_a_column_gives_its_free_space_by_flex_which_is_0(backstage: Stage) -> None:
    """#vertical-box: each keeps the height of its content; the space that is left is shared."""
    parts = [
        box("vertical", tile(height="20px"), **more) for more in ({}, {"flex": 2}, {"flex": 3})
    ]
    found = stood(backstage, "vertical", *parts, height="160px")
    assert [one[3] for one in found] == [20, 20 + 40, 20 + 60]


@pytest.mark.parametrize(("side", "width"), [("width", 40), ("height", 10)])
def test_a_box_in_a_row_that_says_its_size_has_flex_0(
    backstage: Stage, side: str, width: int
) -> None:
    """#box-width, #box-height: whatever flex it says; it is as wide as its content or width."""
    sized = box("vertical", tile(width="10px"), flex=5, **{side: "40px"})
    found = stood(backstage, "horizontal", sized, tile())
    assert [one[2] for one in found] == [width, 300 - width]


def test_percents_are_of_the_parent_and_limits_win(backstage: Stage) -> None:
    """#box-width, #box-max-width, #box-height, #box-max-height."""
    found = stood(
        backstage,
        "horizontal",
        tile(width="50%", height="50%"),
        tile(width="50%", maxWidth="20%", height="50%", maxHeight="30px"),
        height="100px",
    )
    assert [one[2:] for one in found] == [(150, 50), (60, 30)]


def test_a_picture_is_not_wider_than_its_place(backstage: Stage) -> None:
    """#image-size, and /en/reference/messaging-api/#drawing-area: md and 1:1 if nothing is said."""
    parts = (image(), image(size="5xl", aspectRatio="2:1"), image(flex=0, size="30px"))
    found = stood(backstage, "horizontal", *parts, inner=".fx-frame")
    assert [one[2:] for one in found] == [(100, 100), (135, 68), (30, 30)]


def test_scaling_follows_the_setting_and_then_shrinks(backstage: Stage) -> None:
    """#size-scaling: larger letters that no longer fit become smaller again, if told so."""
    long = "大きな文字の設定です"
    parts = (text(long, scaling=True), text(long, scaling=True, adjustMode="shrink-to-fit"))
    whole = flexed(backstage, box("vertical", *parts), size="micro")
    backstage.page.evaluate("document.documentElement.style.setProperty('--app-letters', '2')")
    loaded(backstage, whole)
    plain, shrunk = (
        one.evaluate(
            "e => [parseFloat(getComputedStyle(e).fontSize), e.scrollWidth > e.clientWidth]"
        )
        for one in whole.locator(".fx-words").all()
    )
    assert plain == [32, True]
    assert shrunk[0] < 16
    assert shrunk[1] is False


def test_align_and_gravity_place_in_the_free_space(backstage: Stage) -> None:
    """#align-property, #gravity-property: pictures stand at the top, in the middle by default."""
    ways: list[Json] = [{}, {"align": "start"}, {"align": "end"}]
    ways += [{"gravity": "center"}, {"gravity": "bottom"}]
    parts = [image(size="20px", **way) for way in ways]
    found = stood(backstage, "horizontal", *parts, inner=".fx-frame", height="80px")
    places = [(one[0] - 60 * index, one[1]) for index, one in enumerate(found)]
    assert places == [(20, 0), (0, 0), (40, 0), (20, 30), (20, 60)]


def test_a_side_s_padding_wins_over_all(backstage: Stage) -> None:
    """#padding-property: percents are of the parent's width."""
    inner = box("vertical", tile(), paddingAll="8px", paddingTop="20px", paddingStart="10%")
    found = stood(backstage, "vertical", inner, inner=f"{INNER} > *")
    assert found == [(30, 20, 300 - 30 - 8, 0)]


JUSTIFIED = {
    "flex-start": (0, 60),
    "center": (90, 150),
    "flex-end": (180, 240),
    "space-between": (0, 240),
    "space-around": (45, 195),
    "space-evenly": (60, 180),
}


def test_justify_content_distributes_along_the_main_axis(backstage: Stage) -> None:
    """#justify-content: in a row from where texts begin, in a column from the top."""
    two = [tile(width="60px", height="60px", flex=0)] * 2
    rows = [box("horizontal", *two, justifyContent=way) for way in JUSTIFIED]
    column = box("vertical", *two, justifyContent="flex-end", height="300px")
    found = stood(backstage, "vertical", *rows, column, inner=f"{INNER} > *")
    lefts = [one[0] for one in found[:-2]]
    assert [*zip(lefts[::2], lefts[1::2], strict=True)] == [*JUSTIFIED.values()]
    assert [one[1] - 6 * 60 for one in found[-2:]] == [180, 240]


def test_justify_content_needs_flex_0(backstage: Stage) -> None:
    """#justify-content: one part that takes the space leaves nothing to distribute."""
    found = stood(
        backstage, "horizontal", tile(width="60px"), tile(), justifyContent="center", height="9px"
    )
    assert [one[0] for one in found] == [0, 60]


def test_align_items_places_on_the_cross_axis(backstage: Stage) -> None:
    """#align-items: in a row from the top, in a column from where texts begin."""
    ways = {"flex-start": 0, "center": 40, "flex-end": 80}
    part = tile(width="20px", height="20px", flex=0)
    columns = [box("vertical", part, alignItems=way, width="100px") for way in ways]
    rows = [box("horizontal", part, alignItems=way, height="100px") for way in ways]
    found = stood(backstage, "vertical", *columns, *rows, inner=f"{INNER} > *")
    assert [one[0] for one in found[:3]] == [*ways.values()]
    tops = [one[1] - 60 - 100 * index for index, one in enumerate(found[3:])]
    assert tops == [*ways.values()]


def test_margin_wins_over_spacing_and_stands_before_the_first_too(backstage: Stage) -> None:
    """#spacing-property, #margin-property: spacing lies between parts, a margin before its part."""
    parts = (tile(margin="10px", height="20px"), tile(height="20px"), tile(margin="none"))
    found = stood(backstage, "vertical", *parts, spacing="6px")
    assert [one[1] for one in found] == [10, 36, 56]


@pytest.mark.parametrize(("direction", "left"), [("ltr", 40), ("rtl", 220)])
def test_offsets_move_away_from_the_start(backstage: Stage, direction: str, left: int) -> None:
    """#component-offset: relative ones move one part only; the start is where texts begin."""
    moved = tile(width="40px", height="20px", offsetTop="10px", offsetStart="40px")
    found = stood(backstage, "vertical", moved, tile(height="20px"), direction=direction)
    assert found == [(left, 10, 40, 20), (0, 20, 300, 20)]


def test_absolute_counts_from_the_parents_edges(backstage: Stage) -> None:
    """#component-offset: all four edges together make the size, percents are of the parent."""
    edges = {"offsetTop": "10px", "offsetBottom": "20px", "offsetStart": "40px", "offsetEnd": "25%"}
    found = stood(backstage, "vertical", tile(height="100px"), tile(position="absolute", **edges))
    assert found[1] == (40, 10, 300 - 40 - 75, 70)


def test_absolute_neither_stretches_its_parent_nor_shrinks_with_it(backstage: Stage) -> None:
    """#component-offset: what is larger than the parent is cut off."""
    large = tile(
        position="absolute", width="500px", height="400px", offsetTop="0px", offsetStart="0px"
    )
    found = stood(backstage, "vertical", tile(height="50px"), large)
    assert found == [(0, 0, 300, 50), (0, 0, 500, 400)]
    assert backstage.theirs.locator(".fx-bubble").evaluate("e => e.offsetHeight") == 50


def test_parts_stand_on_one_baseline(backstage: Stage) -> None:
    """#baseline-box: an icon's is its lower edge; gravity and offsetBottom do nothing."""
    parts = (
        icon(size="5xl"),
        icon(size="sm", offsetBottom="20px"),
        text("大", size="xxl", gravity="bottom", flex=0),
        text("小", size="xs", offsetBottom="20px", flex=0),
    )
    found = stood(backstage, "baseline", *parts)
    assert found[0][1] + found[0][3] == found[1][1] + found[1][3]
    lines, icons = backstage.theirs.locator(".fx-bubble").evaluate(
        """bubble => {
          const marks = [...bubble.querySelectorAll(".fx-words")].map((one) => {
            const mark = document.createElement("span");
            mark.style.display = "inline-block";
            one.append(mark);
            return mark;
          });
          const bottom = (one) => one.getBoundingClientRect().bottom;
          return [marks.map(bottom), bottom(bubble.querySelector(".fx-icon"))];
        }"""
    )
    assert len(lines) == 2
    assert all(abs(one - icons) < 1 for one in lines)


def test_later_parts_lie_above_earlier_ones(backstage: Stage) -> None:
    """#rendering-order: also where a later one is relative and an earlier one absolute."""
    colors = ("#112233", "#445566")
    first = box(
        "vertical", position="absolute", width="50px", height="50px", backgroundColor=colors[0]
    )
    second = box("vertical", height="50px", backgroundColor=colors[1])
    body = box("vertical", tile(), first, second, paddingAll="0px")
    whole = flexed(backstage, body)
    top = whole.locator(INNER).last.evaluate(
        """e => {
          const { x, y } = e.getBoundingClientRect();
          return getComputedStyle(document.elementFromPoint(x + 5, y + 5)).backgroundColor;
        }"""
    )
    assert top == "rgb(68, 85, 102)"


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_gradient_turns_clockwise_from_the_bottom(backstage: Stage, direction: str) -> None:
    """#linear-gradient-bg: 0deg is upwards, the centre at 50% by default; rtl turns nothing."""
    fill = {
        "type": "linearGradient",
        "angle": "0deg",
        "startColor": "#ff0000",
        "endColor": "#0000ff",
    }
    parts = (
        box("vertical", background=fill, height="20px"),
        box("vertical", background={**fill, "centerColor": "#00ff00"}, height="20px"),
    )
    whole = flexed(backstage, box("vertical", *parts), direction=direction)
    found = whole.locator(INNER).evaluate_all(
        "all => all.map((one) => getComputedStyle(one).backgroundImage)"
    )
    start, center, end = "rgb(255, 0, 0) 0%", "rgb(0, 255, 0) 50%", "rgb(0, 0, 255) 100%"
    assert found == [
        f"linear-gradient(0deg, {start}, {end})",
        f"linear-gradient(0deg, {start}, {center}, {end})",
    ]


def test_max_lines_ends_in_dots_and_0_is_all(backstage: Stage) -> None:
    """/en/reference/messaging-api/#f-text: maxLines is the most lines of a text that wraps."""
    long = "長い文です。" * 20
    parts = [text(long, wrap=True, **more) for more in ({"maxLines": 2}, {"maxLines": 0}, {})]
    found = stood(backstage, "vertical", *parts)
    two, every, plain = (one[3] for one in found)
    assert every == plain > two
    assert two == pytest.approx(2 * 16 * 1.4, abs=1)


def test_a_span_cannot_take_back_the_texts_decoration(backstage: Stage) -> None:
    """/en/reference/messaging-api/#span: the line goes on under a span that says none."""
    spans = [{"type": "span", "text": "線", "decoration": "none"}]
    body = box("vertical", {"type": "text", "contents": spans, "decoration": "underline"})
    whole = flexed(backstage, body)
    line = "e => getComputedStyle(e)"
    assert whole.locator(".fx-text").evaluate(f"{line}.textDecorationLine") == "underline"
    assert whole.locator(".fx-span").evaluate(f"{line}.display") == "inline"


def test_buttons_are_52_or_40_high(backstage: Stage) -> None:
    """/en/reference/messaging-api/#button: md by default; the pixels are not published."""
    found = stood(backstage, "vertical", button("一"), button("二", height="sm"))
    assert [one[3] for one in found] == [52, 40]


def test_bubbles_of_a_carousel_are_as_high_as_the_highest(backstage: Stage) -> None:
    """/en/docs/messaging-api/flex-message-elements/#carousel: it is the body that grows."""
    foot = box("vertical", button("買う", height="sm"))
    high = bubble(box("vertical", text("一"), tile(height="200px")), footer=foot, size="micro")
    low = bubble(box("vertical", text("二")), footer=foot, size="micro")
    contents = {"type": "carousel", "contents": [high, low]}
    backstage.bot_says({"type": "flex", "altText": "flex", "contents": contents})
    backstage.open()
    expect(backstage.theirs).to_have_count(1)
    bodies, feet = (_heights(backstage.theirs.locator(f".fx-{one}")) for one in ("body", "footer"))
    assert bodies[0] == bodies[1] > 200
    assert feet == [60, 60]


def _heights(parts: Locator) -> list[int]:
    found: list[int] = parts.evaluate_all("all => all.map((one) => Math.round(one.offsetHeight))")
    return found


def test_a_giga_bubble_takes_the_width_of_a_phone(phone_backstage: Stage) -> None:
    """It stands below the face; where the face is not shown, nothing is left free for it."""
    for size in ("giga", "giga", "mega"):
        contents = bubble(box("vertical", text("幅")), size=size)
        phone_backstage.bot_says({"type": "flex", "altText": "flex", "contents": contents})
    phone_backstage.open()
    expect(phone_backstage.theirs).to_have_count(3)
    face, first, second, mega = phone_backstage.page.evaluate(
        """() => {
          const face = document.querySelector(".row.theirs > .avatar");
          const bubbles = document.querySelectorAll(".row.theirs .fx-bubble");
          return [face, ...bubbles].map((one) => one.getBoundingClientRect().toJSON());
        }"""
    )
    assert [first["width"], second["width"], mega["width"]] == [390 - 28, 390 - 28, 300]
    assert first["y"] >= face["y"] + face["height"]
    assert second["y"] - first["bottom"] < 30


def test_a_separator_stands_above_a_block_but_not_the_first(backstage: Stage) -> None:
    """/en/reference/messaging-api/#block-style: a line between blocks, of the given colour."""
    line = {"separator": True, "separatorColor": "#ff0000"}
    styles = {"header": line, "body": line, "footer": {"separator": True}}
    top, foot = (box("vertical", text(one)) for one in "上下")
    whole = flexed(backstage, box("vertical", text("中")), header=top, footer=foot, styles=styles)
    found = whole.evaluate(
        """e => [...e.children].map((one) => one.matches(".fx-separator")
          ? getComputedStyle(one).backgroundColor : one.classList[1])"""
    )
    wanted = ["fx-header", "rgb(255, 0, 0)", "fx-body", "rgb(212, 214, 218)", "fx-footer"]
    assert found == wanted
