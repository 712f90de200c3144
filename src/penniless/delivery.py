"""What to do with an answer: reply, push, hold or give up, as tables that anybody can read.

Law of this module: values in, a decision out; no IO, no clock, no other module's state. The first
row whose condition holds decides. `docs/delivery.md` is drawn from these tables and
`penniless.sending` acts on them.

Sources: https://developers.line.biz/en/reference/messaging-api/#send-reply-message (tokens),
https://developers.line.biz/en/docs/messaging-api/pricing/ (what counts)
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PER_CALL = 5
"""Messages in one call to LINE."""

TOKEN_LIFE = 60_000
"""Milliseconds that a reply token is promised to live, from each delivery of its event."""

EVENT_LIFE = 20 * 60_000
"""Milliseconds after the event itself in which a redelivery makes its unused token live again."""

SURE = 30_000
"""Milliseconds in which a token that LINE refuses was used, and cannot have run out.

LINE promises a minute and does not say which of the two a refusal means; people have measured
half a minute.
"""

NOTICE_AFTER = 45_000
"""Milliseconds after which a token is spent on a notice rather than lost, while work goes on."""

RENEW_LOADING = 50_000
"""Milliseconds between two requests for the loading animation, each of which lasts 60 seconds."""

DOUBTED = "cut off while it was sent; it may have arrived"
"""What the log says of an answer that failed because nobody knows its end."""

Kind: TypeAlias = Literal["user", "group", "room", "nobody"]
"""Whom an answer can still reach later. `nobody`: LINE names no chat, or the bot was removed."""

TokenState: TypeAlias = Literal["live", "used", "old", "none"]
Refusal: TypeAlias = Literal["old", "used", "unknown"]
Way: TypeAlias = Literal["reply", "push", "hold", "fail"]
Sign: TypeAlias = Literal["notice", "loading", "nothing"]


class Token(NamedTuple):
    """What is known of the reply token of an event."""

    given: bool
    """Whether the event has one."""
    used: bool
    age: int
    """Milliseconds since the newest delivery of the event came in."""
    event_age: int = 0
    """Milliseconds since the event happened."""
    redelivered: bool = False


class Refused(NamedTuple):
    """A token that LINE has refused."""

    token: Token
    tried: bool
    """Whether a reply with it may have arrived, from this attempt or an earlier one."""


class Answer(NamedTuple):
    """An answer that is to be sent, or the rest of one."""

    token: TokenState
    messages: int
    kind: Kind
    doubt: bool = False
    """Whether an earlier attempt, of which nobody knows the end, may have sent these messages."""
    recipients: int = 0
    """How many messages LINE counts for a push: the people in the chat, the bot not counted."""
    budget: int = 0
    """How many pushes the policy and LINE still allow this month."""


class Working(NamedTuple):
    """A handler that is not done yet."""

    token: TokenState
    age: int
    """Milliseconds of the token."""
    kind: Kind
    deferred: bool
    """Whether the webhook was answered already."""
    slow: bool
    """Whether the handler is declared `slow=True`."""
    noticed: bool
    since_loading: int | None
    """Milliseconds since the loading animation was asked for; None if it was not."""


class Rule(NamedTuple):
    """A row of a table."""

    when: str
    holds: Callable[[Any], bool]
    result: str
    why: str


TOKEN_RULES = (
    Rule("the event has no token", lambda t: not t.given, "none",
         "unsend, unfollow, leave, memberLeft, standby"),
    Rule("it was used", lambda t: t.used, "used", "a token works once"),
    Rule("the newest delivery came in less than a minute ago", lambda t: t.age < TOKEN_LIFE,
         "live", "the promised life"),
    Rule("otherwise", lambda _: True, "old", "LINE may take it, and promises nothing"),
)  # fmt: skip

REFUSED_RULES = (
    Rule("nothing was sent with it that may have arrived", lambda r: not r.tried, "old",
         "it has run out sooner than promised"),
    Rule("redelivered over 20 minutes after the event",
         lambda r: r.token.redelivered and r.token.event_age >= EVENT_LIFE, "unknown",
         "LINE gives it no new minute then"),
    Rule("the newest delivery came in less than 30 seconds ago", lambda r: r.token.age < SURE,
         "used", "it cannot have run out, so it was used: the answer has arrived"),
    Rule("otherwise", lambda _: True, "unknown", "used or run out: LINE does not say"),
)  # fmt: skip

ANSWER_RULES = (
    Rule("the token is live", lambda a: a.token == "live", "reply",  # noqa: S105
         "free; and if it was sent before, LINE refuses it"),
    Rule("an earlier attempt may have sent it", lambda a: a.doubt, "fail",
         "nobody can say any more, and nothing is sent twice"),
    Rule("nobody is there any more", lambda a: a.kind == "nobody", "fail",
         "the bot was blocked or removed, or LINE names no chat"),
    Rule("the budget has room for the people in the chat",
         lambda a: 0 < a.recipients <= a.budget, "push", "the policy pays for it"),
    Rule("otherwise", lambda _: True, "hold", "free: it goes in front of the next reply"),
)  # fmt: skip

WORKING_RULES = (
    Rule("the token runs out soon, and nothing was sent",
         lambda w: w.deferred and w.token == "live"  # noqa: S105
         and not w.noticed and w.age >= NOTICE_AFTER,
         "notice", "its button brings a fresh token for the answer"),
    Rule("a 1:1 chat without the loading animation, or with one that ends soon",
         lambda w: w.kind == "user" and (w.deferred or w.slow)
         and (w.since_loading is None or w.since_loading >= RENEW_LOADING),
         "loading", "it lasts 60 seconds at most; groups have none"),
    Rule("otherwise", lambda _: True, "nothing", ""),
)  # fmt: skip


def _first(rules: tuple[Rule, ...], case: Any) -> str:
    return next(rule.result for rule in rules if rule.holds(case))


def token_state(token: Token) -> TokenState:
    """Whether a reply token can be used."""
    return _first(TOKEN_RULES, token)  # type: ignore[return-value]


def refusal_of(refused: Refused) -> Refusal:
    """What it means that LINE calls a reply token invalid."""
    return _first(REFUSED_RULES, refused)  # type: ignore[return-value]


def decide(answer: Answer) -> tuple[Way, int]:
    """What to do, and with how many of the messages: the first five, or all of them."""
    way: Way = _first(ANSWER_RULES, answer)  # type: ignore[assignment]
    return way, min(answer.messages, PER_CALL) if way in ("reply", "push") else answer.messages


def sign_of_life(working: Working) -> Sign:
    """What to show while a handler works."""
    return _first(WORKING_RULES, working)  # type: ignore[return-value]


_ENDED = frozenset({"unfollow", "leave", "botSuspended"})
_KINDS: dict[str, Kind] = {"user": "user", "group": "group", "room": "room"}


def kind_of(conversation: str, event_type: str) -> Kind:
    """Whom an answer to an event of that type can reach later, in that conversation."""
    if event_type in _ENDED:
        return "nobody"
    return _KINDS.get(conversation.partition("#")[0], "nobody")


def month_of(now: int) -> str:
    """The month in which LINE counts a push sent at `now` (UTC ms), such as `2026-11`.

    LINE's statistics are kept in Japanese time (UTC+9); it does not say when the quota begins anew.
    """
    from time import gmtime

    then = gmtime(now // 1000 + 9 * 3600)
    return f"{then.tm_year:04}-{then.tm_mon:02}"


def retry_key(event_id: str, number: int) -> str:
    """The retry key of an event's push number so-and-so: the same whoever sends it again.

    https://developers.line.biz/en/docs/messaging-api/retrying-api-request/
    """
    from hashlib import sha256

    text = sha256(f"penniless {event_id} {number}".encode()).hexdigest()
    # The bits that make it a UUID of version 8, the one for keys of one's own (RFC 9562).
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-a{text[17:20]}-{text[20:32]}"
