"""Reply tokens: minted for an event, good once, for about a minute.

Law of this module: the rules of reply tokens and nothing else; time is passed in.

- A token works once.
- It works for a minute from when the webhook was received; LINE does not promise more.
- A redelivered webhook carries the same token and starts a new minute, unless the token was used
  or twenty minutes have passed since the event.

Source: https://developers.line.biz/en/reference/messaging-api/#send-reply-message-reply-token
"""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Struct

TWENTY_MINUTES = 20 * 60 * 1000
LONGEST = 60 * 1000


class Token(Struct):
    chat: str
    event_time: int
    expires: int
    used: bool = False


class ReplyTokens:
    """The tokens of the last twenty minutes. `seconds` is how long new ones work."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._tokens: OrderedDict[str, Token] = OrderedDict()

    @property
    def _life(self) -> int:
        return round(self.seconds * 1000)

    def mint(self, token: str, chat: str, now: int) -> None:
        """A new token for an event of that chat."""
        self._forget_old(now)
        self._tokens[token] = Token(chat, event_time=now, expires=now + self._life)

    def redelivered(self, token: str, now: int) -> None:
        """The webhook that carries this token goes out again."""
        known = self._tokens.get(token)
        if known is not None and not known.used and now - known.event_time <= TWENTY_MINUTES:
            known.expires = now + self._life

    def refusal(self, token: str, now: int) -> str:
        """Why this token cannot be used, in words for the developer; empty if it can."""
        known = self._tokens.get(token)
        if known is None:
            return "no event carried this reply token, or it is older than twenty minutes"
        if known.used:
            return "this reply token was used before: one event, one reply"
        if now > known.expires:
            return f"this reply token expired {(now - known.expires) / 1000:.1f} s ago"
        if now - known.event_time > TWENTY_MINUTES:
            return "the event is more than twenty minutes old"
        return ""

    def chat(self, token: str) -> str | None:
        """The chat a reply with this token goes to, if the token is known."""
        known = self._tokens.get(token)
        return known.chat if known else None

    def use(self, token: str) -> None:
        """Spend a token that was not refused."""
        self._tokens[token].used = True

    def clear(self) -> None:
        self._tokens.clear()

    def _forget_old(self, now: int) -> None:
        """Drop from the front what no rule needs any more; each token is looked at about once."""
        limit = now - TWENTY_MINUTES - LONGEST
        while self._tokens:
            oldest = next(iter(self._tokens))
            if self._tokens[oldest].event_time >= limit:
                return
            del self._tokens[oldest]
