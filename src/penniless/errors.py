"""Every exception of Penniless. Read the tree, then choose what to catch.

PennilessError
├── CodeError              your code or settings; raised where it is written, as early as possible
│   ├── RouteError         a pattern, an event name or a handler that cannot work
│   ├── MessageError       a message that LINE would refuse
│   ├── ReplyError         an answer that cannot be sent as one reply
│   └── SettingsError      a setting that is missing or cannot be used
├── LineError              the LINE Platform
│   ├── LineUnreachable    no answer came: refused, timed out, cut off
│   ├── ContentNotReady    202: LINE is still preparing a large video or audio
│   └── LineRefused        LINE answered with an error
│       ├── BadRequest         400
│       ├── Unauthorized       401
│       ├── Forbidden          403
│       ├── NotFound           404
│       ├── ContentGone        410
│       ├── RateLimited        429, slow down: trying later helps
│       ├── QuotaExceeded      429, the month's messages are used up: trying later does not help
│       └── ServerFault        5xx
└── StoreError             the memory of the bot
    ├── StateConflict      somebody else wrote the conversation's state first
    └── StoreUnavailable   the store could not be read or written

Secrets (channel secret, access token) and the content of messages never stand in an error's text.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from penniless.ports import SentMessage


class PennilessError(Exception):
    """Whatever goes wrong in Penniless is one of these."""


class CodeError(PennilessError):
    """Something in the bot's own code or settings has to change."""


class RouteError(CodeError):
    """A pattern, an event name or a handler that cannot work; raised where it is registered."""


class MessageError(CodeError):
    """A message that LINE would refuse.

    `field` is the path of the offending value, as in `TextMessage.text`; `limit` and `found` are
    numbers or texts, and None where the rule is not a limit.
    """

    def __init__(
        self,
        text: str,
        *,
        field: str = "",
        limit: int | str | None = None,
        found: int | str | None = None,
    ) -> None:
        super().__init__(text)
        self.field = field
        self.limit = limit
        self.found = found


class ReplyError(CodeError):
    """An answer that cannot go out as one reply: over five messages, or no reply token."""


class SettingsError(CodeError):
    """A setting that is missing or cannot be used; the text says where to find it."""


class LineError(PennilessError):
    """The LINE Platform refused, or could not be reached."""


class LineUnreachable(LineError):
    """No answer came; `maybe_received` is True when LINE may have acted on the request."""

    def __init__(self, text: str, *, maybe_received: bool) -> None:
        super().__init__(text)
        self.maybe_received = maybe_received


class ContentNotReady(LineError):
    """LINE is still preparing this video or audio; ask again in a few seconds."""


class LineRefused(LineError):
    """LINE answered with an error status.

    `status` is the HTTP status, `message` LINE's sentence (its wording is not guaranteed: branch on
    the class or the status), `details` its list of `{"message", "property"}`, `request_id` the
    `x-line-request-id` that LINE's support asks for. `sent_messages` is only filled by a 409.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        operation: str = "",
        details: Sequence[dict[str, str]] = (),
        request_id: str = "",
        sent_messages: Sequence[SentMessage] = (),
    ) -> None:
        self.status = status
        self.message = message
        self.operation = operation
        self.details = tuple(details)
        self.request_id = request_id
        self.sent_messages = tuple(sent_messages)
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        found = "; ".join(
            f"{one.get('property', '')}: {one.get('message', '')}".strip(": ")
            for one in self.details
        )
        detail = f" ({found})" if found else ""
        asked = f" [x-line-request-id {self.request_id}]" if self.request_id else ""
        return f"{where}LINE answered {self.status} {self.message}".rstrip() + detail + asked


class BadRequest(LineRefused):
    """400: the request is wrong; for a reply, the token may be used or expired."""


class Unauthorized(LineRefused):
    """401: the channel access token is wrong, expired or revoked."""


class Forbidden(LineRefused):
    """403: this account may not use this operation."""


class NotFound(LineRefused):
    """404: no such user, group or content, or the user has not consented."""


class ContentGone(LineRefused):
    """410: the user took the message back."""


class RateLimited(LineRefused):
    """429: too many requests; trying later helps."""


class QuotaExceeded(LineRefused):
    """429: the month's messages are used up; only the next month or a larger plan helps."""


class ServerFault(LineRefused):
    """5xx: LINE's own trouble."""


class StoreError(PennilessError):
    """The store of log and state."""


class StateConflict(StoreError):
    """Another writer changed this conversation's state since it was read; nothing was written."""


class StoreUnavailable(StoreError):
    """The store could not be read or written."""
