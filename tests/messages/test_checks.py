"""The forms of the rules, held against every field of every class that has one."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from penniless import messages as m
from penniless.errors import MessageError
from penniless.messages.checks import Checked, Rule, outside
from tests.messages.samples import AREA, BOX, MESSAGE, MESSAGES, PARTS, URL, everything


def fields(form: str) -> list[Any]:
    """One sample object of each class and each field whose rule has that form."""
    found = {
        f"{type(one).__name__}.{rule.field}": (one, rule)
        for sample in (*MESSAGES, *PARTS)
        for one in everything(sample)
        for rule in one.RULES
        if form_of(rule) == form and getattr(one, rule.field) is not None
    }
    return [pytest.param(*found[path], path, id=path) for path in sorted(found)]


def form_of(rule: Rule) -> str:
    words = {"https": "https", "uri": "uri"}
    if rule.check.__name__ == "_check_uri":
        return words["https" if rule.allowed == ("https",) else "uri"]
    return rule.check.__name__.removeprefix("_check_").removeprefix("check_")


def refusal(one: Checked, field: str, value: Any) -> str:
    with pytest.raises(MessageError) as caught:
        replace(one, **{field: value})
    assert caught.value.field.startswith(f"{type(one).__name__}.{field}")
    return str(caught.value)


@pytest.mark.parametrize(("one", "rule", "path"), fields("https"))
def test_files_have_https_addresses(one: Checked, rule: Rule, path: str) -> None:
    """Images, videos and sounds: https, 2,000 units, percent-encoded."""
    assert path.endswith("url")
    full = "https://example.com/".ljust(2000, "a")
    for good in (full, "HTTPS://example.com:8443/a?b=c#d", "https://[::1]/%E3%81%82"):
        assert getattr(replace(one, **{rule.field: good}), rule.field) == good
    assert refusal(one, rule.field, full + "a") == (
        f"{path} has 2,001 UTF-16 units; LINE allows 2,000"
    )
    for bad in ("http://example.com/", "example.com", "", "data:image/png;base64,AA", "line://x"):
        assert refusal(one, rule.field, bad) == f"{path} must start with https:"


@pytest.mark.parametrize(("one", "rule", "path"), fields("uri"))
def test_taps_open_four_kinds_of_address(one: Checked, rule: Rule, path: str) -> None:
    """http, https, line and tel, 1,000 units, percent-encoded."""
    assert path.endswith(("uri", "desktop"))
    full = "http://example.com/".ljust(1000, "a")
    for good in (full, "https://example.com", "line://ti/p/@id", "tel:+81-3-1234-5678"):
        assert getattr(replace(one, **{rule.field: good}), rule.field) == good
    assert refusal(one, rule.field, full + "a").endswith(
        "has 1,001 UTF-16 units; LINE allows 1,000"
    )
    for bad in ("mailto:a@example.com", "javascript:alert(1)", "example.com", ""):
        assert refusal(one, rule.field, bad) == (
            f"{path} must start with https: or http: or line: or tel:"
        )


@pytest.mark.parametrize(("one", "rule", "path"), fields("https") + fields("uri"))
def test_addresses_are_percent_encoded(one: Checked, rule: Rule, path: str) -> None:
    """LINE answers 400 to anything that RFC 3986 has no place for, and so do we."""
    for bad in ("写真", " ", "{id}", "a|b", "100%", "%zz", '"', "<b>", "a\nb", "a\\b", "^", "`"):
        says = refusal(one, rule.field, "https://example.com/" + bad)
        assert says.startswith(f"{path} must be percent-encoded as UTF-8; see the character at ")
        assert "example.com" not in says
    for bad in ("https://", "https:example.com", "https:///a", "https://:80", "https://?a=b"):
        assert refusal(one, rule.field, bad) == f"{path} names no address after https:"


@pytest.mark.parametrize(("one", "rule", "path"), fields("text"))
def test_texts_are_text(one: Checked, rule: Rule, path: str) -> None:
    """Numbers and bytes are no text, and neither is half of a surrogate pair."""
    assert refusal(one, rule.field, 5) == f"{path} must be str, not int"
    assert refusal(one, rule.field, b"x") == f"{path} must be str, not bytes"
    assert refusal(one, rule.field, "a\ud83d") == (
        f"{path} has half of a surrogate pair at index 1; UTF-8 cannot carry it"
    )


@pytest.mark.parametrize(("one", "rule", "path"), fields("choice"))
def test_choices_name_the_words_they_allow(one: Checked, rule: Rule, path: str) -> None:
    """Every allowed word is accepted somewhere; another one is refused with the list."""
    wanted = ", ".join(rule.allowed)
    assert getattr(one, rule.field) in rule.allowed
    assert refusal(one, rule.field, "nonsense") == (
        f"{path} must be one of {wanted}, not 'nonsense'"
    )
    assert refusal(one, rule.field, ["x"] * 99).endswith("…")


@pytest.mark.parametrize(("one", "rule", "path"), fields("pattern"))
def test_patterns_say_what_they_want(one: Checked, rule: Rule, path: str) -> None:
    """Sizes, colours and keys are refused with an example of what fits."""
    for bad in ("", "rosé pink", "١px", "8 px", "8px\n", "#12345"):
        assert refusal(one, rule.field, bad) == f"{path} must be {rule.says}, not {bad!r}"
    assert refusal(one, rule.field, 8) == f"{path} must be str, not int"


@pytest.mark.parametrize(("one", "rule", "path"), fields("flag"))
def test_flags_are_true_or_false(one: Checked, rule: Rule, path: str) -> None:
    """Text and numbers are no flags."""
    for good in (True, False):
        assert getattr(replace(one, **{rule.field: good}), rule.field) is good
    assert refusal(one, rule.field, "true") == f"{path} must be True or False, not 'true'"
    assert refusal(one, rule.field, 1) == f"{path} must be True or False, not 1"


@pytest.mark.parametrize(("one", "rule", "path"), fields("number"))
def test_numbers_are_numbers_within_their_bounds(one: Checked, rule: Rule, path: str) -> None:
    """Text, truth values and infinity are no numbers; below the least is refused."""
    for bad in ("1", True, math.nan, math.inf):
        assert refusal(one, rule.field, bad).startswith(f"{path} must be {rule.says}, not ")
    assert rule.least is not None
    below = refusal(one, rule.field, int(rule.least) - 1)
    assert below.endswith(f"LINE requires at least {rule.least:,}")
    if rule.most is not None:
        above = refusal(one, rule.field, int(rule.most) + 1)
        assert above.endswith(f"LINE requires at most {rule.most:,}")


@pytest.mark.parametrize(("one", "rule", "path"), fields("part") + fields("action"))
def test_parts_are_of_their_class_or_raw(one: Checked, rule: Rule, path: str) -> None:
    """A wrong object is refused by name; a dict passes as it is."""
    says = refusal(one, rule.field, AREA if "area" not in rule.field else MESSAGE)
    assert says.startswith(f"{path} must be {', '.join(rule.allowed)} or a dict")
    assert refusal(one, rule.field, "text").endswith("not str")
    assert refusal(one, rule.field, m.TextMessage).endswith("not StructMeta")
    raw = {"type": "new in 2027", "anything": [None, {"a": 1}]}
    assert getattr(replace(one, **{rule.field: raw}), rule.field) is raw


@pytest.mark.parametrize(("one", "rule", "path"), fields("list"))
def test_lists_are_lists(one: Checked, rule: Rule, path: str) -> None:
    """A lone object is no list, and the path of a wrong item has its index."""
    items = getattr(one, rule.field)
    assert refusal(one, rule.field, items[0]).startswith(f"{path} must be a list, not ")
    broken = [items[0], "text"]
    wanted = ", ".join(rule.allowed)
    assert refusal(one, rule.field, broken).startswith(f"{path}[1] must be {wanted} or a dict")


def test_a_required_field_that_is_none_is_missing() -> None:
    """The error says so for fields with and without a default."""
    with pytest.raises(MessageError, match=r"^MessageAction.text is required$"):
        m.MessageAction("label")
    with pytest.raises(MessageError, match=r"^ImageMessage.preview_image_url is required$"):
        m.ImageMessage(URL, None)  # type: ignore[arg-type]
    with pytest.raises(MessageError, match=r"^FlexButton.action is required$"):
        m.FlexButton(None)  # type: ignore[arg-type]


def test_a_checked_object_does_not_change() -> None:
    """What was checked is what is sent."""
    with pytest.raises(AttributeError):
        BOX.layout = "nonsense"  # type: ignore[misc]
    with pytest.raises(MessageError, match="layout must be one of horizontal, vertical, baseline"):
        replace(BOX, layout="nonsense")


def test_sizes_make_sentences() -> None:
    """One sentence for too much, too little and not exactly as much."""
    assert str(outside("A.b", 5012, "UTF-16 units", None, 5000)) == (
        "A.b has 5,012 UTF-16 units; LINE allows 5,000"
    )
    assert str(outside("A.b", 0, "items", 1, 13)) == "A.b has 0 items; LINE requires at least 1"
    assert str(outside("A.b", 3, "items", 2, 2)) == "A.b has 3 items; LINE requires exactly 2"


def test_the_content_of_a_text_never_stands_in_the_error() -> None:
    """Errors go to logs, and logs hold no messages."""
    secret = "ひみつ" * 2000
    with pytest.raises(MessageError) as caught:
        m.TextMessage(secret)
    assert "ひみつ" not in str(caught.value)
    assert "ひみつ" not in repr(caught.value)
