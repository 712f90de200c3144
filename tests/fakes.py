"""A small LINE in this process, and webhooks to post to a bot.

Law of this module: `FakeLine` behaves as LINE does wherever the core could tell the difference; a
test says what is out of order by putting exceptions into `trouble`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from penniless.bot import Bot, Response
from penniless.errors import BadRequest, ContentGone, NotFound
from penniless.line.signature import sign
from penniless.ports import Content, Json, Profile, Row, SentMessage, Store
from penniless.stores.memory import MemoryStore
from tests.event_samples import ALICE, BOT, CONTENTS, SOURCES, TIME, message_event
from tests.events_json import encoded

SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "the/access+token="
LATER = TIME + 10**9
"""A time to read the log at."""

_numbers = itertools.count(1)


class Call(NamedTuple):
    """One call to LINE; `to` is the reply token, chat, user or message it names."""

    operation: str
    to: str
    messages: list[Json]
    options: Json


class FakeContent:
    """Bytes of a person's file."""

    content_type = "application/octet-stream"

    def __init__(self, data: bytes) -> None:
        self.length: int | None = len(data)
        self._data = data

    def read(self, size: int = -1) -> bytes:
        cut = len(self._data) if size < 0 else size
        found, self._data = self._data[:cut], self._data[cut:]
        return found

    def __iter__(self) -> Iterator[bytes]:
        return iter([self.read()])

    def save(self, path: str | Path) -> int:
        return Path(path).write_bytes(self.read())

    def close(self) -> None:
        self._data = b""

    def __enter__(self) -> FakeContent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FakeLine:
    """The calls of `ports.Line`, recorded, with LINE's rules about tokens and ids."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.trouble: dict[str, list[Exception]] = {}
        """By operation: what its next calls raise, before anything else happens."""
        self.profiles: dict[str, Profile] = {}
        self.contents: dict[str, bytes | None] = {}
        """By message id; None for a message that was taken back."""
        self.people = 3
        """In every group and room."""
        self.left: int | None = None
        """Messages that LINE still sends this month."""
        self.trouble_after: dict[str, list[Exception]] = {}
        """By operation: what its next calls raise after LINE has acted on them."""
        self.expired: set[str] = set()
        """Reply tokens that have run out."""
        self.received: list[str] = []
        """The texts that arrived in chats, in their order."""
        self.closed = False
        self._used: set[str] = set()
        self._keys: dict[str, list[SentMessage]] = {}
        self._lock = threading.Lock()

    def reply(
        self, reply_token: str, messages: Sequence[Json], *, notification_disabled: bool = False
    ) -> list[SentMessage]:
        with self._lock:
            self._meet("reply", reply_token, messages, quiet=notification_disabled)
            if not reply_token or reply_token in self._used | self.expired:
                raise BadRequest(400, "Invalid reply token", operation="reply")
            sent = _accepted(messages)
            self._used.add(reply_token)
            self._arrive("reply", messages)
            return sent

    def push(
        self,
        to: str,
        messages: Sequence[Json],
        *,
        retry_key: str | None = None,
        notification_disabled: bool = False,
    ) -> list[SentMessage]:
        with self._lock:
            self._meet("push", to, messages, quiet=notification_disabled, key=retry_key)
            if to[:1] not in {"U", "C", "R"}:
                raise BadRequest(400, "The property, 'to', in the request body is invalid")
            if retry_key is not None and retry_key in self._keys:
                return self._keys[retry_key]  # the client takes LINE's 409 for what it is
            sent = _accepted(messages)
            self._keys[retry_key or ""] = sent
            self._arrive("push", messages)
            return sent

    def profile(self, user_id: str) -> Profile:
        return self._profile("profile", user_id)

    def group_member_profile(self, group_id: str, user_id: str) -> Profile:
        return self._profile(f"profile in {group_id}", user_id)

    def room_member_profile(self, room_id: str, user_id: str) -> Profile:
        return self._profile(f"profile in {room_id}", user_id)

    def content(self, message_id: str) -> Content:
        self._meet("content", message_id)
        if message_id not in self.contents:
            raise NotFound(404, "not found", operation="content")
        data = self.contents[message_id]
        if data is None:
            raise ContentGone(410, "The content is gone", operation="content")
        return FakeContent(data)

    def group_members_count(self, group_id: str) -> int:
        self._meet("members", group_id)
        return self.people

    def room_members_count(self, room_id: str) -> int:
        self._meet("members", room_id)
        return self.people

    def left_this_month(self) -> int | None:
        self._meet("quota", "")
        return self.left

    def start_loading(self, chat_id: str, seconds: int = 20) -> None:
        self._meet(f"loading {seconds}", chat_id)
        if not chat_id.startswith("U"):
            raise BadRequest(400, "Only user id is acceptable")
        if seconds not in range(5, 61, 5):
            raise BadRequest(400, "Must be between 5 and 60")

    def mark_as_read(self, token: str) -> None:
        self._meet("mark_as_read", token)

    def close(self) -> None:
        self.closed = True

    def _profile(self, operation: str, user_id: str) -> Profile:
        self._meet(operation, user_id)
        if user_id not in self.profiles:
            raise NotFound(404, "Not found", operation="profile")
        return self.profiles[user_id]

    def _meet(self, operation: str, to: str, messages: Sequence[Json] = (), **options: Any) -> None:
        self.calls.append(Call(operation, to, list(messages), options))
        waiting = self.trouble.get(operation)
        if waiting:
            raise waiting.pop(0)

    def _arrive(self, operation: str, messages: Sequence[Json]) -> None:
        self.received += map(_text_of, messages)
        waiting = self.trouble_after.get(operation)
        if waiting:
            raise waiting.pop(0)

    @property
    def texts(self) -> list[str]:
        """The texts of all replies and pushes that were tried, in their order."""
        return [_text_of(one) for call in self.calls for one in call.messages]


def _text_of(message: Json) -> str:
    found: str = message.get("text", f"[{message['type']}]")
    return found


def _accepted(messages: Sequence[Json]) -> list[SentMessage]:
    if not 1 <= len(messages) <= 5:
        raise BadRequest(400, "The request body has 1 error(s)")
    return [SentMessage(str(next(_numbers)), f"quote{next(_numbers)}") for _ in messages]


class Clock:
    """A clock that only sleeping moves, and `later`."""

    def __init__(self, now: int = TIME + 300_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)

    def later(self, milliseconds: int) -> None:
        self.now += milliseconds


class Stage(NamedTuple):
    """A bot with its LINE and its store."""

    bot: Bot
    line: FakeLine
    store: Store

    def post(self, *events: Json) -> Response:
        """Deliver a signed webhook."""
        body = webhook(*events)
        return self.bot.handle(body, sign(SECRET, body))

    def rows(self, conversation: str = f"user#{ALICE}") -> list[Row]:
        """The log of a conversation."""
        return list(self.store.rows(conversation, now=LATER))


def stage(
    store: Store | None = None,
    secret: str | Sequence[str] = SECRET,
    *,
    line: FakeLine | None = None,
    clock: Clock | None = None,
    **options: Any,
) -> Stage:
    """A bot without handlers on a FakeLine; with a clock of its own, if one is given."""
    line, store = line or FakeLine(), MemoryStore() if store is None else store
    bot = Bot(channel_secret=secret, channel_access_token=TOKEN, store=store, line=line, **options)
    if clock is not None:
        services = bot._services()
        services.clock, services.sleep = clock, clock.sleep
    return Stage(bot, line, store)


def webhook(*events: Json) -> bytes:
    """The body of a webhook."""
    return encoded({"destination": BOT, "events": list(events)})


def fresh(sample: Json, **changes: Any) -> Json:
    """An event with an id, a time and a reply token of its own, later than those before it."""
    number = next(_numbers)
    token = {"replyToken": f"token{number}"} if "replyToken" in sample else {}
    return {
        **sample,
        "webhookEventId": f"01KDXS{number:020}",
        "timestamp": TIME + number,
        **token,
        **changes,
    }


def said(words: str, source: Json = SOURCES["user"], **changes: Any) -> Json:
    """A text message with an id of its own."""
    content = {**CONTENTS["text"], "text": words, "id": str(next(_numbers))}
    return fresh(message_event(content, source), **changes)


def user(number: int) -> Json:
    """The source of a 1:1 chat, a different one for each number."""
    return {"type": "user", "userId": f"U{number:032x}"}
