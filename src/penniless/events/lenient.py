"""The second look at an event that did not decode: keep what is understood, wrap what is not.

Only reached for events that are new or malformed, so it may take its time.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec

from penniless.events.common import UNKNOWN, DeliveryContext, Event, Source, UnknownEvent
from penniless.events.message import MessageContent

KEPT = ("id", "userId", "markAsReadToken")
"""What an Unknown value still offers by name, if it is there as documented."""


def decode_leniently(piece: bytes) -> Event:
    """Decode an event whose type, message or source is unknown; never raises."""
    from penniless.events import event_class

    data = any_json(piece)
    if not isinstance(data, dict):
        return UnknownEvent(data=data)
    relabelled = {
        **data,
        **_part(data, "source", Source),
        **_part(data, "message", MessageContent),
    }
    try:
        return msgspec.convert(relabelled, event_class(data["type"]))
    except (msgspec.ValidationError, KeyError, TypeError):
        return _unknown(data)


def any_json(piece: bytes) -> Any:
    """What the JSON says, half surrogate pairs and broken UTF-8 replaced; None if it is no JSON."""
    for mend in (bytes, mended):
        with suppress(msgspec.DecodeError, ValueError, RecursionError):
            return msgspec.json.decode(mend(piece))
    return None


def mended(piece: bytes) -> bytes:
    """The JSON with U+FFFD for half surrogate pairs, as of a cut emoji, and for broken UTF-8.

    msgspec refuses those, the standard library takes them. Raises ValueError or RecursionError.
    """
    found = json.dumps(json.loads(piece.decode("utf-8", "replace")), ensure_ascii=False)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _part(data: dict[str, Any], key: str, expected: Any) -> dict[str, Any]:
    """The part as it is if it converts, else relabelled as the Unknown value that carries it."""
    found = data.get(key)
    if found is None or _converts(found, expected):
        return {}
    if not isinstance(found, dict):
        return {key: {"type": UNKNOWN, "data": found}}
    kept = {name: found[name] for name in KEPT if isinstance(found.get(name), str)}
    return {key: {**kept, "type": UNKNOWN, "name": _text(found.get("type")), "data": found}}


def _converts(found: Any, expected: Any) -> bool:
    try:
        msgspec.convert(found, expected)
    except msgspec.ValidationError:
        return False
    return True


def _unknown(data: dict[str, Any]) -> UnknownEvent:
    """Read the common properties one by one, each only if it has the documented shape."""

    def common(key: str, expected: Any, default: Any) -> Any:
        found = data.get(key)
        return default if found is None or not _converts(found, expected) else found

    source = {**data, **_part(data, "source", Source)}.get("source")
    return UnknownEvent(
        name=_text(data.get("type")),
        data=data,
        mode=common("mode", str, "active"),
        timestamp=common("timestamp", int, 0),
        webhook_event_id=common("webhookEventId", str, ""),
        delivery_context=msgspec.convert(
            common("deliveryContext", DeliveryContext, {}), DeliveryContext
        ),
        source=None if source is None else msgspec.convert(source, Source),
        reply_token=common("replyToken", str, None),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
