"""Text: plain with LINE emojis, and version 2 with mentions and emojis in named places.

Sources: https://developers.line.biz/en/reference/messaging-api/#text-message
https://developers.line.biz/en/reference/messaging-api/#text-message-v2
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from penniless.messages import TEXT_LIMIT
from penniless.messages.checks import (
    Checked,
    Raw,
    Rule,
    check_part,
    fault,
    filled,
    outside,
    part,
    parts,
    text,
    whole,
)
from penniless.messages.message import COMMON, Message

EMOJI_LIMIT = 20
MENTION_LIMIT = 20
SUBSTITUTION_LIMIT = 100

_KEY = re.compile(r"[0-9a-zA-Z_]{1,20}")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Emoji(Checked, frozen=True):
    """A LINE emoji in the place of a `$`; `index` counts UTF-16 units from the text's start."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        whole("index", 0, required=True),
        filled("product_id", required=True),
        filled("emoji_id", required=True),
    )

    index: int
    product_id: str
    emoji_id: str


class TextMessage(Message, frozen=True, tag="text"):
    """A text of 1 to 5,000 UTF-16 units with at most 20 LINE emojis.

    LINE counts each emoji as its alternative text, which it does not disclose; here it counts as
    the `$` that it stands for.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("text", TEXT_LIMIT, required=True),
        parts("emojis", "Emoji", least=0, most=EMOJI_LIMIT, unit="emojis"),
        filled("quote_token"),
        *COMMON,
    )

    text: str
    emojis: Sequence[Emoji | Raw] | None = None
    quote_token: str | None = None

    def _check_whole(self, name: str) -> None:
        units = self.text.encode("utf-16-le") if self.emojis else b""
        for number, emoji in enumerate(self.emojis or ()):
            if isinstance(emoji, Emoji) and units[2 * emoji.index :][:2] != b"$\0":
                path = f"{name}.emojis[{number}].index"
                says = f"is {emoji.index:,}, where the text has no $ (counted in UTF-16 units)"
                raise fault(path, says, found=emoji.index)


class MentionTarget(Checked, frozen=True, tag_field="type"):
    """Who is mentioned."""


class UserMentionTarget(MentionTarget, frozen=True, tag="user"):
    """One member of the group, by user id."""

    RULES: ClassVar[tuple[Rule, ...]] = (filled("user_id", required=True),)

    user_id: str


class AllMentionTarget(MentionTarget, frozen=True, tag="all"):
    """Everybody in the group."""


class SubstitutionObject(Checked, frozen=True, tag_field="type"):
    """What stands in the place of `{key}`."""


class MentionSubstitutionObject(SubstitutionObject, frozen=True, tag="mention"):
    """A mention. LINE takes it in replies and pushes to groups and rooms only."""

    RULES: ClassVar[tuple[Rule, ...]] = (part("mentionee", "MentionTarget", required=True),)

    mentionee: MentionTarget | Raw


class EmojiSubstitutionObject(SubstitutionObject, frozen=True, tag="emoji"):
    """A LINE emoji."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        filled("product_id", required=True),
        filled("emoji_id", required=True),
    )

    product_id: str
    emoji_id: str


class TextMessageV2(Message, frozen=True, tag="textV2"):
    """A text of 1 to 5,000 UTF-16 units in which each `{key}` is replaced.

    A key is 1 to 20 of `0-9 a-z A-Z _` and needs an entry in `substitution` (at most 100); `{{`
    and `}}` stand for the braces themselves. At most 20 mentions and 20 emojis.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("text", TEXT_LIMIT, required=True),
        filled("quote_token"),
        *COMMON,
    )
    PLACES: ClassVar[tuple[tuple[str, str, int], ...]] = (
        ("mention", "mentions", MENTION_LIMIT),
        ("emoji", "emojis", EMOJI_LIMIT),
    )

    text: str
    substitution: Mapping[str, SubstitutionObject | Raw] | None = None
    quote_token: str | None = None

    def _check_whole(self, name: str) -> None:
        substitution = self._checked_substitution(f"{name}.substitution")
        kinds: Counter[str] = Counter()
        for index, key in placeholders(self.text, f"{name}.text"):
            if key not in substitution:
                raise fault(f"{name}.substitution", f"lacks the key that text has at {index:,}")
            kinds[_kind(substitution[key])] += 1
        for kind, unit, most in self.PLACES:
            if kinds[kind] > most:
                raise outside(f"{name}.text", kinds[kind], unit, None, most)

    def _checked_substitution(self, path: str) -> Mapping[str, SubstitutionObject | Raw]:
        substitution = {} if self.substitution is None else self.substitution
        if not isinstance(substitution, dict):
            raise fault(path, f"must be a dict, not {type(substitution).__name__}")
        if len(substitution) > SUBSTITUTION_LIMIT:
            raise outside(path, len(substitution), "entries", None, SUBSTITUTION_LIMIT)
        for key, value in substitution.items():
            _check_key(path, key)
            check_part(f"{path}[{key!r}]", value, _SUBSTITUTION)
        return substitution


_SUBSTITUTION = part("substitution", "SubstitutionObject")


def placeholders(text: str, path: str = "text") -> list[tuple[int, str]]:
    """The keys in a version 2 text and their indexes. A brace that stands alone is an error."""
    keys = []
    for found in _BRACES.finditer(text):
        if found[0] in {"{", "}"}:
            says = f"has a single {found[0]} at {found.start():,}; write {found[0] * 2} for it"
            raise fault(path, says, found=found.start())
        if found[1] is not None:
            _check_key(path, found[1])
            keys.append((found.start(), found[1]))
    return keys


def _check_key(path: str, key: Any) -> None:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        says = "has a key that is not 1 to 20 of 0-9 a-z A-Z _; write {{ and }} for plain braces"
        raise fault(path, says, limit=_KEY.pattern)


def _kind(value: SubstitutionObject | Raw) -> str:
    """`mention` or `emoji`."""
    if isinstance(value, SubstitutionObject):
        return "mention" if isinstance(value, MentionSubstitutionObject) else "emoji"
    plain = value if isinstance(value, dict) else value.to_dict()
    return str(plain.get("type"))
