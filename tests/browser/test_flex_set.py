"""The set says all that Flex can say: every component, property, word and unit.

What there is to say comes from outside the set: from `penniless.messages.flex`, and from LINE's own
OpenAPI file where LINE_OPENAPI names a folder that has `messaging-api.yml`
(https://github.com/line/line-openapi).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from penniless.messages import flex
from penniless.messages.checks import Checked, Rule
from tests.browser.flex_set import BUBBLES, Json

FOLDER = os.environ.get("LINE_OPENAPI", "")

PLACED = ("margin", "offsetTop", "offsetBottom", "offsetStart", "offsetEnd")
"""Every component has these, and they mean the same on each: the words need to occur on one."""

WORD_LISTS = {
    "FlexBoxBorderWidth": ["box.borderWidth"],
    "FlexBoxCornerRadius": ["box.cornerRadius"],
    "FlexBoxSpacing": ["box.spacing"],
    "FlexMargin": ["margin"],
    "FlexBoxPadding": [f"box.padding{one}" for one in ("All", "Top", "Bottom", "Start", "End")],
    "FlexImageSize": ["image.size"],
    "FlexIconSize": ["icon.size"],
    "FlexTextFontSize": ["text.size"],
    "FlexSpanSize": ["span.size"],
    "FlexOffset": ["offsetTop", "offsetBottom", "offsetStart", "offsetEnd"],
}
"""LINE's file lists keywords in schemas of their own, which no property names."""

Said = dict[str, set[str]]
"""The values of each property, such as `box.layout`, and of each of `PLACED` by its bare name."""


def objects(value: Any, kind: str = "") -> Iterator[tuple[str, Json]]:
    """Every JSON object in a value with its kind, actions left out."""
    if isinstance(value, list):
        for one in value:
            yield from objects(one, kind)
    if isinstance(value, dict):
        kind = str(value.get("type", kind))
        yield kind, value
        for name, one in value.items():
            inner = "styles" if name == "styles" else "blockStyle" if kind == "styles" else ""
            if name != "action":
                yield from objects(one, inner)


def said(value: Any) -> Said:
    found: Said = {}
    for kind, one in objects(value):
        for name, given in one.items():
            values = {str(given).lower() if isinstance(given, bool) else str(given)}
            found.setdefault(f"{kind}.{name}", set()).update(values)
            if name in PLACED:
                found.setdefault(name, set()).update(values)
    return found


def key(kind: str, name: str) -> str:
    return name if name in PLACED else f"{kind}.{name}"


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(one.title() for one in rest)


def classes() -> dict[str, type[Checked]]:
    """Our classes by the type in JSON; those without one by a name of ours."""
    found: dict[str, type[Checked]] = {
        "styles": flex.FlexBubbleStyles,
        "blockStyle": flex.FlexBlockStyle,
    }
    for one in vars(flex).values():
        if isinstance(one, type) and issubclass(one, Checked) and one.__module__ == flex.__name__:
            tag = one.__struct_config__.tag
            if isinstance(tag, str) and tag != "flex" and tag[0].islower():
                found[tag] = one
    return found


def words_of(rule: Rule) -> set[str]:
    """The words that a rule lists, also those in front of lengths in its pattern."""
    if rule.check.__name__ == "_check_flag":
        return {"true", "false"}
    if rule.check.__name__ == "_check_choice":
        return {*rule.allowed}
    return {one for one in rule.pattern.split("|") if re.fullmatch(r"[a-z0-9][a-z0-9-]*", one)}


UNITS = {"7px": r"[\d.]+px", "7%": r"[\d.]+%", "-7px": r"-[\d.]+px", "-7%": r"-[\d.]+%"}
"""What a pattern takes, shown by an example, and how a value of that kind looks."""


def units_of(rule: Rule) -> set[str]:
    return {look for one, look in UNITS.items() if rule.pattern and re.fullmatch(rule.pattern, one)}


def missing_by_classes(found: Said) -> list[str]:
    """What our classes can say and the set does not."""
    left = []
    for kind, one in classes().items():
        fields = {field.encode_name for field in msgspec.structs.fields(one)}
        left += [f"{kind}.{name}" for name in fields if f"{kind}.{name}" not in found]
        for rule in one.RULES:
            name = key(kind, camel(rule.field))
            values = found.get(name, set())
            left += [f"{name} {word}" for word in words_of(rule) - values]
            left += [
                f"{name} {look}"
                for look in units_of(rule)
                if not any(re.fullmatch(look, value) for value in values)
            ]
    return sorted(left)


def schemas() -> dict[str, Any]:
    text = Path(FOLDER, "messaging-api.yml").read_bytes()
    document = msgspec.yaml.decode(text, type=dict[str, Any])
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def kinds_of(all_of_them: dict[str, Any]) -> dict[str, str]:
    """The schemas by the type in JSON, as LINE's discriminators map them."""
    found = {"styles": "FlexBubbleStyles", "blockStyle": "FlexBlockStyle"}
    for name in ("FlexContainer", "FlexComponent", "FlexBoxBackground"):
        mapping = all_of_them[name]["discriminator"]["mapping"]
        found |= {kind: target.rpartition("/")[2] for kind, target in mapping.items()}
    return found


def properties_of(schema: dict[str, Any]) -> dict[str, Any]:
    found = dict(schema.get("properties", {}))
    for one in schema.get("allOf", []):
        found |= one.get("properties", {})
    return found


def missing_by_openapi(found: Said, all_of_them: dict[str, Any]) -> list[str]:
    """What LINE's file can say and the set does not."""
    left = []
    for kind, schema in kinds_of(all_of_them).items():
        for name, value in properties_of(all_of_them[schema]).items():
            if f"{kind}.{name}" not in found:
                left.append(f"{kind}.{name}")
            words = ["true", "false"] if value.get("type") == "boolean" else value.get("enum", [])
            values = found.get(f"{kind}.{name}", set())
            left += [f"{kind}.{name} {word}" for word in words if word not in values]
    for schema, names in WORD_LISTS.items():
        words = set(all_of_them[schema]["enum"])
        left += [f"{name} {word}" for name in names for word in words - found.get(name, set())]
    return sorted(left)


SETS = list(BUBBLES.values())

openapi = pytest.mark.skipif(
    not FOLDER, reason="LINE_OPENAPI names no folder with LINE's OpenAPI files"
)


def test_the_set_says_all_that_our_classes_can_say() -> None:
    """Each property of each class, each word it takes, and each unit of its lengths."""
    assert len(classes()) >= 13
    assert missing_by_classes(said(SETS)) == []


@openapi
def test_the_set_says_all_that_the_openapi_file_can_say() -> None:
    """Each property of each Flex schema, each enumerated value, and both values of each flag."""
    assert missing_by_openapi(said(SETS), schemas()) == []


@openapi
def test_no_list_of_words_in_the_openapi_file_is_unknown() -> None:
    """Were LINE to add one, the table above would have to say which property it is for."""
    lists = {name for name, one in schemas().items() if name.startswith("Flex") and one.get("enum")}
    assert lists == set(WORD_LISTS)


def test_a_set_that_says_less_is_noticed() -> None:
    """Without one bubble, properties, words and units are missing, each by its name."""
    less = [one for name, one in BUBBLES.items() if name not in {"arabic", "offsets", "places"}]
    left = missing_by_classes(said(less))
    assert {"bubble.direction rtl", "offsetTop xxl", r"offsetEnd -[\d.]+px"} <= set(left)
    assert "icon.position" in left


def test_everything_stands_in_everything_that_may_hold_it() -> None:
    """Each layout of a box holds each component that it may; likewise heroes and videos."""
    names = {kind: one.__name__ for kind, one in classes().items()}
    wanted = {(layout, name) for layout, kinds in flex.FlexBox.HOLDS.items() for name in kinds} | {
        (rule.field, name)
        for one in (flex.FlexBubble, flex.FlexVideo)
        for rule in one.RULES
        if rule.field in {"hero", "alt_content"}
        for name in rule.allowed
    }
    found = set()
    for kind, one in objects(SETS):
        if kind == "box":
            found |= {(one["layout"], names[inner["type"]]) for inner in one["contents"]}
        for name, field in (("hero", "hero"), ("altContent", "alt_content")):
            if name in one and kind != "styles":
                found.add((field, names[one[name]["type"]]))
    assert wanted - found == set()


def test_every_script_of_lines_users_is_in_the_set() -> None:
    """Kana, both kinds of Chinese, Thai, Arabic, Hangul; emoji joined, of a skin, as flags."""
    words = "".join(str(one.get("text", "")) for _, one in objects(SETS))
    signs = "あ ア 灣 湾 灵 ก ع 한 👩\u200d👩\u200d👧 👍🏽 🇯🇵 🏴\U000e0067\U000e0062 1️⃣ ❤️"
    assert [sign for sign in signs.split() if sign not in words] == []
