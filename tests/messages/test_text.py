"""Emojis stand where a `$` is, and version 2 placeholders are read as LINE reads them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penniless.errors import MessageError
from penniless.messages import (
    AllMentionTarget,
    Emoji,
    EmojiSubstitutionObject,
    MentionSubstitutionObject,
    TextMessage,
    TextMessageV2,
    to_json,
)
from penniless.messages.text import placeholders

ALL = MentionSubstitutionObject(AllMentionTarget())
SMILE = EmojiSubstitutionObject("5ac1bfd5040ab15980c9b435", "001")


def test_an_emoji_index_counts_utf16_units() -> None:
    """After an apple, which is two units, the dollar sign is at index 2."""
    message = TextMessage("🍎$", [Emoji(2, "p", "e")])
    assert to_json(message)["emojis"] == [{"index": 2, "productId": "p", "emojiId": "e"}]


@pytest.mark.parametrize("index", [0, 1, 3, 4, 1_000_000])
def test_an_emoji_index_points_at_a_dollar_sign(index: int) -> None:
    """Before, inside and behind it are errors."""
    with pytest.raises(MessageError) as caught:
        TextMessage("🍎$a", [Emoji(2, "p", "e"), Emoji(index, "p", "e")])
    assert caught.value.field == "TextMessage.emojis[1].index"
    assert str(caught.value) == (
        f"TextMessage.emojis[1].index is {index:,}, where the text has no $ "
        "(counted in UTF-16 units)"
    )


def test_half_a_character_that_looks_like_a_dollar_sign_is_none() -> None:
    """The search goes by units, not by bytes: U+2400 U+0000 has the bytes of a `$` in between."""
    with pytest.raises(MessageError, match="no \\$"):
        TextMessage("a␀\0b", [Emoji(1, "p", "e")])


@given(st.lists(st.sampled_from(["🍎", "$", "a", "ก", "\U0010ffff"]), min_size=1))
@settings(deadline=None)
def test_every_dollar_sign_can_be_an_emoji(pieces: list[str]) -> None:
    """Whatever stands before it, the index is found by UTF-16 length."""
    text = "".join(pieces)
    starts = [len(text[:n].encode("utf-16-le")) // 2 for n, c in enumerate(text) if c == "$"]
    message = TextMessage(text, [Emoji(index, "p", "e") for index in starts[:20]])
    assert [emoji["index"] for emoji in to_json(message).get("emojis", [])] == starts[:20]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("no placeholder", []),
        ("{a}{b_1} and {A0}", [(0, "a"), (3, "b_1"), (13, "A0")]),
        ("{{not}} {{ }}", []),
        ("{{{deep}}}", [(2, "deep")]),
        ("{{{{x}}}}", []),
        ("こんにちは{name}さん", [(5, "name")]),
        ("{" + "k" * 20 + "}", [(0, "k" * 20)]),
    ],
)
def test_placeholders_are_found_and_doubled_braces_are_not(
    text: str, keys: list[tuple[int, str]]
) -> None:
    """`{{` and `}}` are the braces themselves."""
    assert placeholders(text) == keys
    entries = {key: ALL for _, key in keys}
    assert to_json(TextMessageV2(text, entries))["text"] == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "has a single { at 0; write {{ for it"),
        ("a } b", "has a single } at 2; write }} for it"),
        ("{{a}", "has a single } at 3; write }} for it"),
        ("{a}}", "has a single } at 3; write }} for it"),
        ("{a{b}", "has a single { at 0; write {{ for it"),
        ("{}", "has a key that is not 1 to 20 of 0-9 a-z A-Z _"),
        ("{名前}", "has a key that is not 1 to 20 of 0-9 a-z A-Z _"),
        ("{ a }", "has a key that is not 1 to 20 of 0-9 a-z A-Z _"),
        ("{" + "k" * 21 + "}", "has a key that is not 1 to 20 of 0-9 a-z A-Z _"),
        ('{"json": 1}', "has a key that is not 1 to 20 of 0-9 a-z A-Z _"),
    ],
)
def test_wrong_braces_are_errors(text: str, says: str) -> None:
    """Code and JSON in a version 2 text need doubled braces, and the error says so."""
    with pytest.raises(MessageError) as caught:
        TextMessageV2(text, {"a": ALL, "b": ALL})
    assert str(caught.value).startswith(f"TextMessageV2.text {says}")


def test_every_placeholder_needs_its_substitution() -> None:
    """The error names the place, not the text."""
    with pytest.raises(MessageError) as caught:
        TextMessageV2("hi {who} {what}", {"who": ALL})
    assert str(caught.value) == "TextMessageV2.substitution lacks the key that text has at 9"
    with pytest.raises(MessageError, match="substitution lacks the key"):
        TextMessageV2("{who}")


@pytest.mark.parametrize("key", ["", "a b", "名前", "k" * 21, 5])
def test_a_key_has_twenty_plain_characters_at_most(key: str) -> None:
    """Keys that could not stand in the text are refused in the dict as well."""
    with pytest.raises(MessageError, match=r"^TextMessageV2.substitution has a key that is not"):
        TextMessageV2("hi", {key: ALL})


def test_substitutions_are_objects_in_a_dict() -> None:
    """Anything else is refused by its place; raw ones pass."""
    with pytest.raises(MessageError, match=r"substitution must be a dict, not list"):
        TextMessageV2("hi", [ALL])  # type: ignore[arg-type]
    with pytest.raises(MessageError) as caught:
        TextMessageV2("{who}", {"who": "U123"})  # type: ignore[dict-item]
    assert str(caught.value) == (
        "TextMessageV2.substitution['who'] must be SubstitutionObject or a dict, not str"
    )
    raw = {"type": "mention", "mentionee": {"type": "all"}}
    sent = to_json(TextMessageV2("{a} {b}", {"a": raw, "b": SMILE}))
    assert sent["substitution"]["a"] == raw
    assert sent["substitution"]["b"]["type"] == "emoji"


def test_raw_mentions_count_too() -> None:
    """The limit of 20 mentions is one of the whole text."""
    raw = {"type": "mention", "mentionee": {"type": "all"}}
    with pytest.raises(MessageError, match="has 21 mentions; LINE allows 20"):
        TextMessageV2("{a}" * 20 + "{b}", {"a": raw, "b": ALL})
