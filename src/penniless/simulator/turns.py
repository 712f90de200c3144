"""Whose turn it is in a chat of a module channel: the bot's, or that of the channel beside it.

Law of this module: keeping; time is passed in. Nobody is kept from sending out of turn.

Source: https://developers.line.biz/en/docs/partner-docs/module-technical-chat-control/
"""

from __future__ import annotations


class Turns:
    """A module has every chat at first, as the modules do that LINE offers."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def take(self, chat_id: str, until: int | None) -> None:
        """The bot has the chat until then (milliseconds), or for good."""
        if until is None:
            self._until.pop(chat_id, None)
        else:
            self._until[chat_id] = until

    def give_back(self, chat_id: str) -> None:
        self._until[chat_id] = 0

    def is_away(self, chat_id: str, now: int) -> bool:
        """Whether another channel has the chat: its events come in standby, without reply token."""
        until = self._until.get(chat_id)
        return until is not None and now >= until
