"""How a message class states LINE's limits and how they are checked when an object is built.

Law of this module: the forms that rules can take, and the sentence each failure makes; the limits
stand as `RULES` beside the class that they bind, save those of URLs, which are the same everywhere.
A rule is a row (field, form, limit, unit). What is given as a dict, or comes from the official SDK,
is between its writer and LINE: it passes unchecked and unchanged.

Sources: https://developers.line.biz/en/docs/messaging-api/text-character-count/
https://developers.line.biz/en/reference/messaging-api/#message-objects
"""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar, Protocol, TypeAlias

from msgspec import UNSET, Struct

from penniless.counting import grapheme_clusters, utf16_units
from penniless.errors import MessageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class HasToDict(Protocol):
    """An object of the official SDK: it makes LINE's JSON itself."""

    def to_dict(self) -> dict[str, Any]: ...


Raw: TypeAlias = dict[str, Any] | HasToDict
"""LINE's JSON as a dict, or an object of the official SDK that makes such a dict."""

UTF16 = "UTF-16 units"
GRAPHEMES = "grapheme clusters"

REQUIRED: Any = UNSET
"""The default of a property that LINE requires though an optional one stands before it."""

COLOR = (r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?", "a colour such as #RRGGBB or #RRGGBBAA")

_URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_SCHEMES = ("https", "http", "line", "tel")


class Rule(Struct, frozen=True):
    """One row: the field, the check, whether LINE requires the field, and what the check needs."""

    field: str
    check: Callable[[str, Any, Rule], None]
    required: bool = False
    least: float | None = None
    most: float | None = None
    unit: str = ""
    allowed: tuple[str, ...] = ()
    """Values, URI schemes or class names."""
    pattern: str = ""
    says: str = ""
    """What a pattern means, the type of a number, or the place where a part stands."""
    each: Callable[[str, Any, Rule], None] | None = None
    """The check of every item of a list."""


class Checked(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A part of a message: checked when built, then unchangeable; what is None is not sent."""

    RULES: ClassVar[tuple[Rule, ...]] = ()

    def __post_init__(self) -> None:
        name = type(self).__name__
        for rule in self.RULES:
            path = f"{name}.{rule.field}"
            value = getattr(self, rule.field)
            if value is not None and value is not UNSET:
                rule.check(path, value, rule)
            elif rule.required:
                raise fault(path, "is required")
        self._check_whole(name)

    def _check_whole(self, name: str) -> None:
        """What binds several properties together; a class that has such rules overrides it."""


def fault(
    path: str, says: str, *, limit: int | str | None = None, found: int | str | None = None
) -> MessageError:
    """The error that one broken rule raises."""
    return MessageError(f"{path} {says}", field=path, limit=limit, found=found)


def outside(path: str, found: int, unit: str, least: int | None, most: int | None) -> MessageError:
    """The error of a size outside its limits, which are not both None."""
    if least == most:
        bound, limit = "requires exactly", most
    elif most is not None and found > most:
        bound, limit = "allows", most
    else:
        bound, limit = "requires at least", least
    counted = unit.removesuffix("s") if found == 1 else unit
    return fault(path, f"has {found:,} {counted}; LINE {bound} {limit:,}", limit=limit, found=found)


def text(
    field: str, most: int, unit: str = UTF16, *, least: int = 1, required: bool = False
) -> Rule:
    """A text of `least` to `most` units."""
    return Rule(field, _check_text, required, least, most, unit)


def filled(field: str, *, required: bool = False) -> Rule:
    """A text that is not empty, and for which LINE states no limit: ids, tokens, Flex texts."""
    return Rule(field, _check_text, required, 1, None, UTF16)


def https(field: str, *, required: bool = False) -> Rule:
    """The URL of an image, video or sound: https, at most 2,000 units, percent-encoded."""
    return Rule(field, _check_uri, required, 1, 2000, UTF16, ("https",))


def uri(field: str, *, required: bool = False) -> Rule:
    """What a tap opens: http, https, line or tel, at most 1,000 units, percent-encoded."""
    return Rule(field, _check_uri, required, 1, 1000, UTF16, _SCHEMES)


def matching(field: str, form: tuple[str, str], *, required: bool = False) -> Rule:
    """A text that fully matches; `form` is the pattern and how a reader would call it."""
    return Rule(field, _check_pattern, required, pattern=form[0], says=form[1])


def choice(field: str, *allowed: str, required: bool = False) -> Rule:
    """One of a few words."""
    return Rule(field, _check_choice, required, allowed=allowed)


def whole(
    field: str, least: int | None = None, most: int | None = None, *, required: bool = False
) -> Rule:
    """An int."""
    return Rule(field, _check_number, required, least, most, says="int")


def number(field: str, least: float, most: float, *, required: bool = False) -> Rule:
    """An int or a float."""
    return Rule(field, _check_number, required, least, most, says="int or float")


def flag(field: str) -> Rule:
    """True or False."""
    return Rule(field, _check_flag)


def part(field: str, *allowed: str, required: bool = False) -> Rule:
    """An object of one of these classes; names, so that no module of theirs is imported."""
    return Rule(field, check_part, required, allowed=allowed)


def parts(
    field: str, *allowed: str, least: int, most: int | None, unit: str, required: bool = False
) -> Rule:
    """A list of such objects, with limits on how many."""
    return Rule(field, check_list, required, least, most, unit, allowed, each=check_part)


def is_raw(value: Any) -> bool:
    """Whether `value` is a dict or an object of the official SDK, which pass unchecked."""
    return isinstance(value, dict) or (
        not isinstance(value, Checked | type) and callable(getattr(value, "to_dict", None))
    )


def _is_a(value: Any, names: tuple[str, ...]) -> bool:
    mro = type(value).__mro__ if isinstance(value, Checked) else ()
    return any(one.__name__ in names for one in mro)


def check_part(path: str, value: Any, rule: Rule) -> None:
    """`value` is an object of an allowed class, or raw."""
    if not _is_a(value, rule.allowed) and not is_raw(value):
        wanted = f"{', '.join(rule.allowed)} or a dict"
        place = f" in {rule.says}" if rule.says else ""
        raise fault(path, f"must be {wanted}{place}, not {type(value).__name__}", limit=wanted)


def check_list(path: str, value: Any, rule: Rule) -> None:
    """`value` is a list of the allowed length, and every item passes the rule's `each`."""
    if not isinstance(value, list | tuple):
        raise fault(path, f"must be a list, not {type(value).__name__}")
    least, most = _limits(rule)
    if (least is not None and len(value) < least) or (most is not None and len(value) > most):
        raise outside(path, len(value), rule.unit, least, most)
    if rule.each:
        for index, item in enumerate(value):
            rule.each(f"{path}[{index}]", item, rule)


def check_length(path: str, value: str, rule: Rule) -> None:
    """`value` is as long as the rule says, in the rule's unit."""
    least, most = _limits(rule)
    if not value and least:
        raise fault(path, "is empty; LINE requires at least 1 character", limit=least, found=0)
    # No text has more grapheme clusters than code points, or over two UTF-16 units a code point.
    bound = len(value) if rule.unit == GRAPHEMES else 2 * len(value)
    if most is None or bound <= most:
        return
    found = grapheme_clusters(value) if rule.unit == GRAPHEMES else utf16_units(value)
    if found > most:
        raise outside(path, found, rule.unit, None, most)


def _limits(rule: Rule) -> tuple[int | None, int | None]:
    least, most = rule.least, rule.most
    return (None if least is None else int(least), None if most is None else int(most))


def _check_str(path: str, value: Any) -> None:
    if not isinstance(value, str):
        raise fault(path, f"must be str, not {type(value).__name__}")


def _check_text(path: str, value: Any, rule: Rule) -> None:
    _check_str(path, value)
    check_length(path, value, rule)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise fault(
            path, f"has half of a surrogate pair at index {error.start}; UTF-8 cannot carry it"
        ) from None


def _check_uri(path: str, value: Any, rule: Rule) -> None:
    _check_str(path, value)
    scheme, colon, rest = value.partition(":")
    if not colon or scheme.lower() not in rule.allowed:
        wanted = " or ".join(f"{one}:" for one in rule.allowed)
        raise fault(path, f"must start with {wanted}", limit=wanted)
    if not rest.strip("/") or (scheme.lower() in {"http", "https"} and not _has_host(rest)):
        raise fault(path, f"names no address after {scheme}:")
    check_length(path, value, rule)
    fits = _URI.match(value)
    if fits and fits.end() < len(value):
        raise fault(path, f"must be percent-encoded as UTF-8; see the character at {fits.end()}")


def _has_host(rest: str) -> bool:
    return rest.startswith("//") and rest[2:3] not in {"", "/", "?", "#", ":"}


def _check_pattern(path: str, value: Any, rule: Rule) -> None:
    _check_str(path, value)
    if not re.fullmatch(rule.pattern, value):
        raise fault(path, f"must be {rule.says}, not {_shown(value)}", limit=rule.says, found=value)


def _check_choice(path: str, value: Any, rule: Rule) -> None:
    if value not in rule.allowed:
        wanted = ", ".join(rule.allowed)
        raise fault(path, f"must be one of {wanted}, not {_shown(value)}", limit=wanted)


def _check_number(path: str, value: Any, rule: Rule) -> None:
    kinds = (int,) if rule.says == "int" else (int, float)
    if not isinstance(value, kinds) or isinstance(value, bool) or not math.isfinite(value):
        raise fault(path, f"must be {rule.says}, not {_shown(value)}")
    below = rule.least is not None and value < rule.least
    if below or (rule.most is not None and value > rule.most):
        bound, limit = ("at least", rule.least) if below else ("at most", rule.most)
        raise fault(path, f"is {value:,}; LINE requires {bound} {limit:,}", limit=f"{limit:,}")


def _check_flag(path: str, value: Any, _: Rule) -> None:
    if not isinstance(value, bool):
        raise fault(path, f"must be True or False, not {_shown(value)}")


def _shown(value: Any) -> str:
    """A short form for errors; only used for settings such as colours, never for texts."""
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
