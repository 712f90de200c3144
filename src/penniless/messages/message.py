"""What all messages have in common: quick replies, the sender's name and icon, and their JSON.

Source: https://developers.line.biz/en/reference/messaging-api/#message-common-properties
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import msgspec

from penniless.errors import MessageError
from penniless.messages.checks import Checked, HasToDict, Raw, Rule, https, part, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from penniless.messages.quick_reply import QuickReply


class Sender(Checked, frozen=True):
    """The name and icon shown instead of the account's; `name` at most 20 UTF-16 units.

    LINE also refuses certain words in the name, such as its own.
    Source: https://developers.line.biz/en/docs/messaging-api/icon-nickname-switch/
    """

    RULES: ClassVar[tuple[Rule, ...]] = (text("name", 20), https("icon_url"))

    name: str | None = None
    icon_url: str | None = None


class Message(Checked, frozen=True, kw_only=True, tag_field="type"):
    """A message object. Of several messages only the last one's `quick_reply` is shown."""

    quick_reply: QuickReply | Raw | None = None
    sender: Sender | Raw | None = None

    def to_dict(self) -> dict[str, Any]:
        """LINE's JSON: camelCase names, no absent properties."""
        found: dict[str, Any] = msgspec.json.decode(to_bytes(self))
        return found


COMMON = (part("quick_reply", "QuickReply"), part("sender", "Sender"))
"""The rules of every message class."""

Sendable: TypeAlias = str | Message | dict[str, Any] | HasToDict
"""What a handler may give: text, a message, LINE's JSON, or a message of the official SDK."""


def to_bytes(value: Checked) -> bytes:
    """LINE's JSON in UTF-8. Raises MessageError for a raw part that has no JSON form."""
    try:
        return msgspec.json.encode(value, enc_hook=_foreign)
    except (TypeError, ValueError) as error:
        raise MessageError(f"{type(value).__name__} has no JSON form: {error}") from error


def _foreign(value: Any) -> Any:
    """Objects of the official SDK inside ours."""
    if not callable(getattr(value, "to_dict", None)):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return value.to_dict()
