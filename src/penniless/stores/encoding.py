"""How every store writes JSON and text, so that all of them keep, and refuse, the same things."""

from __future__ import annotations

from typing import Any

from msgspec import json

from penniless.errors import CodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.ports import Json

decode = json.decode


def encode_replies(replies: list[Json]) -> bytes:
    """Message objects as JSON. Raises CodeError for what JSON cannot carry."""
    return _encode(replies, "A reply")


def encode_answers(answers: Json) -> bytes:
    """What was answered, by event, as JSON. Raises CodeError for what JSON cannot carry."""
    return _encode(answers, "An answer")


def encode_event(event: Json) -> bytes:
    """The rest of an event as JSON. Raises CodeError for what JSON cannot carry."""
    return _encode(event, "The event")


def encode_state(data: Json) -> bytes:
    """A conversation's state as JSON.

    Raises CodeError unless it reads back as it was written: a date that is a text the next time,
    or a tuple that is a list, is a bug that shows days later, in another message.
    """
    return _encode_exactly(data, "The state", "The state of a conversation")


def encode_once(results: Json) -> bytes:
    """What `ctx.once` keeps, by name, as JSON. Raises CodeError unless it reads back as it was."""
    return _encode_exactly(results, "The result of ctx.once", "The result of ctx.once")


def whole_text(text: str) -> str:
    """The text as UTF-8 can carry it: surrogate pairs joined, lone surrogates as U+FFFD.

    LINE sends no lone surrogate, but a bot that cuts a text by UTF-16 units can make one, and the
    log must not fail on it.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _encode_exactly(data: Json, name: str, whole_name: str) -> bytes:
    encoded = _encode(data, name)
    try:
        same = bool(decode(encoded) == data)
    except RecursionError:
        raise CodeError(f"{name} cannot be stored: it is nested too deeply.") from None
    if not same:
        raise CodeError(
            f"{whole_name} must read back as it was written: dicts with text keys, "
            "lists, texts, numbers, True, False and None; no tuples, sets, dates, bytes or NaN."
        )
    return encoded


def _encode(data: Any, name: str) -> bytes:
    try:
        return json.encode(data)
    except UnicodeEncodeError:
        raise CodeError(f"{name} cannot be stored: it has half a surrogate pair in it.") from None
    except RecursionError:
        raise CodeError(f"{name} cannot be stored: it is nested too deeply.") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise CodeError(f"{name} cannot be stored, because it is not JSON: {error}.") from None
