"""How LINE's limits are written down as rows, and checked against a JSON value.

Law of this module: the engine. A row is a `Rule`; a shape is a tuple of rows; what is found goes to
`Notes`, which knows LINE's two ways of speaking. The rows themselves stand beside this module.

The two ways, as seen in real answers:

- *bean*: `messages[0].text` and `May not be empty`, under `The request body has N error(s)`. A
  value of the wrong JSON type ends it at once: `The property, 'messages[0].text', … is invalid`.
- *content*: `template/actions/0/uri` or `/body/contents/5/text` and `must be specified`, under
  `A message (messages[0]) in the request body is invalid`. Wrong types are `invalid property`.

Source: https://developers.line.biz/en/reference/messaging-api/#error-responses
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from penniless.counting import grapheme_clusters, utf16_units
from penniless.simulator.addresses import is_loopback, is_percent_encoded, split
from penniless.simulator.exchange import Detail, invalid_property
from penniless.simulator.guesses import Guesses
from penniless.simulator.records import Json

BEAN = {
    "missing": "May not be empty",
    "empty": "May not be empty",
    "long": "Length must be between 0 and {high}",
    "size": "Size must be between {low} and {high}",
    "choice": "Must be one of the following values: [{among}]",
    "range": "Must be between {low} and {high}",
}
ACTION_IN_BEAN = {**BEAN, "missing": "must be specified", "empty": "must be specified"}
CONTENT = {
    "missing": "must be specified",
    "empty": "must be non-empty text",
    "long": "must not be longer than {high} characters",
    "size": "size must be between {low} and {high}",
    "choice": "invalid property",
    "range": "invalid property",
}


class Setting(Struct, kw_only=True):
    """Where messages are to go, as far as a check needs it.

    `via` is `reply`, `push`, `multicast`, `narrowcast` or `broadcast`; `chat` is None where no
    single chat is known. `opened_quote` gives chat and message id of a quote token of ours,
    `is_coupon` says whether an id is that of a coupon made here.
    """

    via: str
    chat: str | None = None
    in_group: bool = False
    allow_http: bool = False
    opened_quote: Callable[[str], tuple[str, str] | None]
    is_member: Callable[[str], bool]
    is_coupon: Callable[[str], bool] = lambda _coupon_id: False
    guesses: Guesses = field(default_factory=Guesses)

    @property
    def refuses_unknown(self) -> bool:
        """Whether a message may have no properties but those that LINE documents."""
        return bool(self.via) and self.guesses.unknown_properties == "refused"


class Notes:
    """What was found so far, and the words and paths to say it in."""

    def __init__(
        self,
        setting: Setting,
        words: dict[str, str],
        *,
        pointers: bool,
        found: list[Detail] | None = None,
    ) -> None:
        self.setting = setting
        self.words = words
        self.pointers = pointers
        self.found: list[Detail] = [] if found is None else found

    def speaking(self, words: dict[str, str]) -> Notes:
        """The same notes in other words."""
        return Notes(self.setting, words, pointers=self.pointers, found=self.found)

    def at(self, path: str, key: str | int) -> str:
        """The path of a property or an item, in the style of these notes."""
        if self.pointers:
            return f"{path}/{key}"
        if isinstance(key, int):
            return f"{path}[{key}]"
        return f"{path}.{key}" if path else key

    def add(self, path: str, sentence: str) -> None:
        self.found.append((sentence, path))

    def say(self, path: str, word: str, rule: Rule) -> None:
        among = ", ".join(rule.among)
        self.add(path, self.words[word].format(low=rule.low, high=rule.high, among=among))

    def wrong_type(self, path: str) -> None:
        """A value of the wrong JSON type. Raises LineRefusal in the bean style."""
        if not self.pointers:
            raise invalid_property(path)
        self.add(path, "invalid property")


Check = Callable[[Notes, str, Any, "Rule"], None]


class Rule(Struct, frozen=True):
    """One row: a property, how its value is checked, and its limits.

    `low` and `high` bound a text's length (counted by `count`), a list's size or a number.
    """

    name: str
    check: Check
    required: bool = False
    low: float = 0
    high: float = math.inf
    among: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    count: Callable[[str], int] = utf16_units
    shape: tuple[Rule, ...] = ()


Shape = tuple[Rule, ...]


def check_shape(notes: Notes, path: str, value: Json, shape: Shape) -> None:
    """Check an object's properties; what stands in no row passes, unless a guess says otherwise."""
    check_rows(notes, path, value, shape)
    if shape and notes.setting.refuses_unknown:
        unknown_fields(notes, path, value, shape)


def check_rows(notes: Notes, path: str, value: Json, shape: Shape) -> None:
    """Check an object's properties row by row; null is the same as absent."""
    for rule in shape:
        given = value.get(rule.name)
        where = notes.at(path, rule.name)
        if given is not None:
            rule.check(notes, where, given, rule)
        elif rule.required:
            notes.say(where, "missing", rule)


def unknown_fields(notes: Notes, path: str, value: Json, shape: Shape) -> None:
    """Note each property that has no row."""
    known = {rule.name for rule in shape}
    for name in value:
        if name not in known and name != "type":
            notes.add(notes.at(path, name), "unknown field")


# The checks of one value


def text(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """A text of `low` to `high` units; a required one may not be empty."""
    if not isinstance(value, str):
        notes.wrong_type(path)
    elif not value and (rule.required or rule.low):
        notes.say(path, "empty", rule)
    elif rule.count(value) > rule.high:
        notes.say(path, "long", rule)


def pattern(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """A text of a fixed form: a colour, a size, a ratio."""
    if not isinstance(value, str) or rule.pattern is None or not rule.pattern.fullmatch(value):
        notes.wrong_type(path)


def choice(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    if not isinstance(value, str):
        notes.wrong_type(path)
    elif value not in rule.among:
        notes.say(path, "choice", rule)


def whole(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """A whole number; JSON's 3.0 is one, true is none."""
    fraction = isinstance(value, float) and not value.is_integer()
    if isinstance(value, bool) or not isinstance(value, int | float) or fraction:
        notes.wrong_type(path)
    elif not rule.low <= value <= rule.high:
        notes.say(path, "range", rule)


def number(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        notes.wrong_type(path)
    elif not rule.low <= value <= rule.high:
        notes.say(path, "range", rule)


def flag(notes: Notes, path: str, value: Any, _rule: Rule) -> None:
    if not isinstance(value, bool):
        notes.wrong_type(path)


def https(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """The URL of a picture, sound or video: https, percent-encoded, at most `high` characters."""
    _address(notes, path, value, rule, ("https",))


def link(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """What a tap opens: http, https, line or tel."""
    _address(notes, path, value, rule, ("http", "https", "line", "tel"))


def _address(notes: Notes, path: str, value: Any, rule: Rule, schemes: tuple[str, ...]) -> None:
    if not isinstance(value, str):
        notes.wrong_type(path)
        return
    if not value:
        notes.say(path, "empty", rule)
    elif utf16_units(value) > rule.high:
        notes.say(path, "size" if notes.pointers else "long", rule)
    else:
        fault = _address_fault(notes, value, schemes)
        if fault:
            notes.add(path, fault)


def _address_fault(notes: Notes, value: str, schemes: tuple[str, ...]) -> str:
    parts = split(value)
    if parts is None or not parts.scheme or not is_percent_encoded(value):
        return "invalid uri"
    scheme = parts.scheme.lower()
    local = notes.setting.allow_http and scheme == "http" and is_loopback(parts.hostname)
    if scheme not in schemes and not local:
        return "invalid uri scheme"
    if scheme in {"http", "https"} and not parts.hostname:
        return "invalid uri"
    return ""


def obj(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """An object of the rule's shape."""
    if isinstance(value, dict):
        check_shape(notes, path, value, rule.shape)
    else:
        notes.wrong_type(path)


def objects(notes: Notes, path: str, value: Any, rule: Rule) -> None:
    """A list of `low` to `high` objects of the rule's shape."""
    for where, item in items(notes, path, value, rule):
        if isinstance(item, dict):
            check_shape(notes, where, item, rule.shape)
        else:
            notes.wrong_type(where)


def items(notes: Notes, path: str, value: Any, rule: Rule) -> list[tuple[str, Any]]:
    """The items of a list with their paths; empty if the list itself is at fault."""
    if not isinstance(value, list):
        notes.wrong_type(path)
        return []
    if not rule.low <= len(value) <= rule.high:
        notes.say(path, "size", rule)
        return []
    return [(notes.at(path, number), item) for number, item in enumerate(value)]


GRAPHEMES = grapheme_clusters
UTF16 = utf16_units
