"""What a handler holds: one event, its conversation, and the ways to answer.

Everything here is synchronous; a handler that is `async def` may call it too, or through
`asyncio.to_thread` where it should not wait.
"""

from __future__ import annotations

from typing import Any

from penniless.conversation import Conversation
from penniless.delivery import retry_key
from penniless.errors import (
    CodeError,
    ContentNotReady,
    LineError,
    ReplyError,
)
from penniless.events.message import ContentProvider, MessageEvent, TextContent
from penniless.messages import to_json
from penniless.ports import Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from penniless.events import Event
    from penniless.messages import Sendable
    from penniless.ports import Content, Desk, Json, Profile, SentMessage
    from penniless.sending import Mail
    from penniless.services import Services

MAX_MESSAGES = 5
"""Messages in one call: https://developers.line.biz/en/reference/messaging-api/#send-reply-message"""


class Context:
    """One event on its way through the handlers."""

    __slots__ = (
        "_conversation",
        "_mail",
        "_piece",
        "_pushes",
        "_services",
        "destination",
        "event",
        "found",
        "messages",
        "pushed",
        "replies",
    )

    def __init__(
        self,
        event: Event,
        piece: bytes,
        destination: str,
        services: Services,
        *,
        mail: Mail,
        desk: Desk | None = None,
    ) -> None:
        self.event = event
        self.destination = destination
        """The bot's own user id."""
        self.found: dict[str, Any] = {}
        """The named groups of the pattern that led to the handler."""
        self.messages: list[Json] = []
        """Gathered for the reply, not sent yet."""
        self.replies: list[Json] = []
        """Sent with the reply token."""
        self.pushed = 0
        """How many messages this event pushed."""
        self._piece = piece
        self._services = services
        self._mail = mail
        self._conversation = _conversation_on(desk, event.conversation, services)
        self._pushes = 0

    @property
    def text(self) -> str:
        """The text of a text message; the empty string for anything else."""
        message = self.event.message if isinstance(self.event, MessageEvent) else None
        return message.text if isinstance(message, TextContent) else ""

    @property
    def data(self) -> str:
        """The data of a postback; the empty string for anything else. Never trust it."""
        postback = getattr(self.event, "postback", None)
        return "" if postback is None else postback.data

    @property
    def user_id(self) -> str | None:
        """Who caused the event, if LINE says so."""
        return self.event.user_id

    @property
    def conversation(self) -> str:
        """The key of the conversation: `user#U…`, `group#C…` or `room#R…`."""
        return self.event.conversation

    @property
    def raw(self) -> Json:
        """The event as LINE sent it, with the properties that Penniless does not know."""
        from penniless.events.lenient import any_json

        data = any_json(self._piece)
        return data if isinstance(data, dict) else {}

    @property
    def state(self) -> dict[str, Any]:
        """The conversation's own dictionary (JSON), kept between events. Change it in place.

        Where LINE does not say whose conversation it is, it starts empty and is not kept.
        """
        return self._conversation.state

    @property
    def can_reply(self) -> bool:
        """Whether there is a reply token that has not been used."""
        return self._mail.token() in ("live", "old")

    @property
    def profile(self) -> Profile | None:
        """The sender's profile, fetched once and kept for an hour.

        None where LINE has none to give: no user id, blocked, never consented (404). Raises a
        LineError if LINE cannot be reached or refuses for another reason.
        """
        user_id = self.user_id
        if not user_id:
            return None
        line = self._services.line
        where, _, chat_id = self.conversation.partition("#")

        def fetch() -> Profile:
            if where == "group":
                return line.group_member_profile(chat_id, user_id)
            if where == "room":
                return line.room_member_profile(chat_id, user_id)
            return line.profile(user_id)

        key = f"{self.conversation} {user_id}"
        return self._services.profiles.get(key, self._services.clock(), fetch)

    def content(self, *, wait: float = 0) -> Content:
        """The bytes of the image, video, audio or file of this event; use it in a `with`.

        `wait` is how many seconds to go on asking while LINE prepares a large video or audio.
        Raises ContentNotReady after that, ContentGone if the person took the message back, and
        CodeError if this event has no content at LINE.
        https://developers.line.biz/en/reference/messaging-api/#get-content
        """
        message_id = self._content_id()
        until = self._services.clock() + wait * 1000
        while True:
            try:
                return self._services.line.content(message_id)
            except ContentNotReady:
                if self._services.clock() + 500 > until:
                    raise
                self._services.sleep(0.5)

    def _content_id(self) -> str:
        message = self.event.message if isinstance(self.event, MessageEvent) else None
        kind = message.type if message else self.event.type
        if message is None or kind not in ("image", "video", "audio", "file"):
            raise CodeError(f"{kind} has no content; image, video, audio and file messages have")
        provider = getattr(message, "content_provider", None)
        if isinstance(provider, ContentProvider) and provider.type != "line":
            raise CodeError(
                "this content is not at LINE; read it from "
                "ctx.event.message.content_provider.original_content_url"
            )
        return message.id

    def loading(self, seconds: int = 20) -> bool:
        """Show the loading animation, for 5 to 60 seconds in steps of 5 (rounded up).

        Only 1:1 chats have one; elsewhere, and when LINE refuses, it returns False: an ornament
        never fails a handler.
        https://developers.line.biz/en/reference/messaging-api/#display-a-loading-indicator
        """
        if not self.conversation.startswith("user#"):
            return False
        steps = min(max(-(-seconds // 5), 1), 12)
        try:
            self._services.line.start_loading(self.conversation[len("user#") :], steps * 5)
        except LineError:
            return False
        return True

    def mark_as_read(self) -> bool:
        """Mark everything up to this message as read; False if it brought no token for that.

        https://developers.line.biz/en/reference/messaging-api/#mark-as-read
        """
        token = getattr(getattr(self.event, "message", None), "mark_as_read_token", None)
        if not token:
            return False
        self._services.line.mark_as_read(token)
        return True

    def add(self, *messages: Sendable) -> None:
        """Put messages behind those gathered for the one reply at the end of the handler."""
        self.messages += [to_json(one) for one in messages]

    def once(self, name: str, function: Callable[..., Any]) -> Any:
        """Call the function and keep its result (JSON) with the event, under that name.

        Where the event is handled again, after a crash or a lost race for the state, the result is
        given and the function not called. If it takes an argument, it gets a key that is the same
        each time: for whoever may crash between the doing and the keeping, services that charge or
        order take one (`Idempotency-Key`). Raises CodeError for a result that is not JSON.
        """
        with self._mail.leased.guard:
            kept = self._mail.row.once
            if name in kept:
                return kept[name]
        result = _called(function, f"{self._mail.row.event_id}:{name}")
        with self._mail.leased.guard:
            return self._mail.leased.keep(name, result)

    def reply(self, *messages: Sendable, notification_disabled: bool = False) -> list[SentMessage]:
        """Send what was gathered and these messages now, with the one reply token. Free.

        If the token is gone by now (the handler took over a minute, LINE was away), they go the
        way of an answer at the end of the handler instead, and the list is empty.
        Raises ReplyError without a token or over five messages, before anything is sent.
        """
        outgoing = self.messages + [to_json(one) for one in messages]
        self._check_reply(len(outgoing))
        with self._mail.leased.guard:
            sent = self._mail.reply_now(outgoing, notification_disabled=notification_disabled)
        self.messages = outgoing if sent is None else []
        self.replies.extend([] if sent is None else outgoing)
        return sent or []

    def _check_reply(self, count: int) -> None:
        if not 1 <= count <= MAX_MESSAGES:
            raise ReplyError(f"one reply holds 1 to {MAX_MESSAGES} messages, this one {count}")
        if self._mail.token() == "used" and not (self._mail.noticed or self._mail.replied_before):
            raise ReplyError(
                "the reply token is used; return what is left, or ctx.push() it, counted by LINE"
            )
        if self._mail.token() == "none":
            raise ReplyError(
                f"the {self.event.type} event has no reply token; ctx.push() sends, counted by LINE"
            )

    def push(self, *messages: Sendable, to: str | None = None) -> list[SentMessage]:
        """Send without a token, to this conversation or to a user, group or room id.

        Counted by LINE against the month's messages, once per recipient, and in the log.
        Raises ReplyError if there is nobody to send to or the messages are not 1 to 5.
        https://developers.line.biz/en/reference/messaging-api/#send-push-message
        """
        outgoing = [to_json(one) for one in messages]
        if not 1 <= len(outgoing) <= MAX_MESSAGES:
            raise ReplyError(f"one push holds 1 to {MAX_MESSAGES} messages, not {len(outgoing)}")
        receiver = to or (self.event.source.chat_id if self.event.source else None)
        if not receiver:
            raise ReplyError(f"this {self.event.type} event names nobody to push to")
        # The key is the same when the event is handled again, so LINE does not send it twice.
        self._pushes += 1
        key = retry_key(self._mail.row.event_id, -self._pushes)
        sent = self._services.line.push(receiver, outgoing, retry_key=key)
        self.pushed += len(outgoing)
        self._services.count("pushes", 1)
        self._log_push(receiver, outgoing, sent)
        return sent

    def _log_push(self, to: str, messages: list[Json], sent: Sequence[SentMessage]) -> None:
        now = self._services.clock()
        here = self.event.source is not None and self.event.source.chat_id == to
        identity = sent[0].id if sent else f"{now}-{self.event.webhook_event_id}"
        self._services.log.append(
            Row(
                conversation=self.conversation if here else _conversation_of(to),
                event_id=f"push-{identity}",
                timestamp=now,
                sender=self.destination,
                to=to,
                type="push",
                status="done",
                outcome="pushed",
                replies=messages,
                answered_at=now,
            )
        )

    def gather(self, results: Iterable[Any]) -> None:
        """Add what a handler gave: messages, lists of them, or nothing."""
        for one in results:
            if one is None:
                continue
            if isinstance(one, (list, tuple)):
                self.gather(one)
            else:
                self.messages.append(to_json(one))

    def start_again(self) -> None:
        """Forget what was gathered and the state that was read, before the handler runs again."""
        self.messages = []
        self._pushes = 0
        key, store = self.event.conversation, self._services.store
        self._conversation = Conversation(key, store, store.read_state(key))

    def answer_before(self) -> list[Json] | None:
        """What an earlier attempt answered, if it has changed the state already."""
        event_id = self._mail.row.event_id
        if replied := self._conversation.replied_to(event_id):
            self._mail.replied_already(replied)
        return self._conversation.answer_to(event_id)

    def has_changed_state(self) -> bool:
        """Whether there is a state to be saved. Raises CodeError if it is not JSON."""
        return self._conversation.has_changed()

    def save_state(self) -> None:
        """Store the state if the handler changed it. Raises StateConflict if it lost a race."""
        row, now = self._mail.row, self._services.clock()
        self._conversation.save(row.event_id, self.messages, now, replied=self.replies)


def _called(function: Callable[..., Any], key: str) -> Any:
    from penniless.handlers import takes_an_argument

    result = function(key) if takes_an_argument(function) else function()
    if hasattr(result, "__await__"):
        result.close()
        raise CodeError("ctx.once() takes a plain function, not a coroutine")
    return result


def _conversation_on(desk: Desk | None, key: str, services: Services) -> Conversation:
    if desk is None:
        return Conversation(key, services.store)
    return Conversation(key, services.store, desk.state, desk.settled)


_PREFIX = {"U": "user", "C": "group", "R": "room"}


def _conversation_of(chat_id: str) -> str:
    return f"{_PREFIX.get(chat_id[:1], 'user')}#{chat_id}"
