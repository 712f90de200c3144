"""The wire of the simulated world: every webhook and every call, and what is on its way.

Law of this module: it makes webhooks, keeps what went over the wire, and settles what came back.
Nothing is delivered here. `World` is what the wire belongs to, and is used through it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from penniless.simulator import webhooks
from penniless.simulator.records import Call, Json, Outcome, Webhook
from penniless.simulator.timetable import Timetable
from penniless.simulator.tokens import ReplyTokens

if TYPE_CHECKING:
    from penniless.simulator.clock import Clock

WIRE_KEPT = 5_000

Listener = Callable[[str, Any], None]


class Wire:
    """What went over the wire, numbered; the half of the world that talks.

    `listeners` are called with a kind (`entry`, `wire`, `world`, `loading`, `log`, `bot`, `reset`)
    and the value that is new or changed.
    """

    def __init__(
        self, clock: Clock, *, channel_secret: str, user_id: str, webhook: str | None
    ) -> None:
        self.clock = clock
        self.channel_secret = channel_secret
        self.user_id = user_id
        self.webhook_url = webhook
        self.reply_tokens = ReplyTokens(60)
        self.timetable = Timetable()
        self.listeners: list[Listener] = []
        self.wire: deque[Webhook | Call] = deque(maxlen=WIRE_KEPT)
        self._seq = 0
        self._gathered: list[Webhook] | None = None
        self._under_way: set[int] = set()
        self._emptied_at = 0

    def _empty_wire(self) -> None:
        self.wire = deque(maxlen=WIRE_KEPT)
        self._under_way = set()
        self._emptied_at = self._seq

    def now(self) -> int:
        return self.clock.now()

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def tell(self, kind: str, value: Any) -> None:
        for listener in self.listeners:
            listener(kind, value)

    def post(
        self,
        events: list[Json],
        chat_id: str | None,
        *,
        url: str | None = None,
    ) -> Webhook:
        """A webhook with these events, ready to be delivered and on the wire already."""
        return self._out(self._made(events, chat_id, url=url))

    def _made(self, events: list[Json], chat_id: str | None, url: str | None = None) -> Webhook:
        raw = webhooks.body_of(self.user_id, events)
        return Webhook(
            seq=self.next_seq(),
            time=self.now(),
            url=url or self.webhook_url or "",
            headers=webhooks.headers_for(self.channel_secret, raw),
            body={"destination": self.user_id, "events": events},
            raw=raw,
            event_ids=[str(one.get("webhookEventId", "")) for one in events],
            chat=chat_id,
        )

    def _out(self, webhook: Webhook) -> Webhook:
        """Onto the wire, or to those that are being gathered for one webhook."""
        if self._gathered is not None:
            self._gathered.append(webhook)
            return webhook
        self._under_way.add(webhook.seq)
        self.wire.append(webhook)
        self.tell("wire", webhook)
        return webhook

    @contextmanager
    def one_webhook(self) -> Iterator[list[Webhook]]:
        """What is posted within goes out together: the list holds that one webhook in the end."""
        gathered = self._gathered = []
        together: list[Webhook] = []
        try:
            yield together
        finally:
            self._gathered = None
            events = [event for webhook in gathered for event in webhook.body["events"]]
            chats = {webhook.chat for webhook in gathered}
            if events:
                together.append(self.post(events, chats.pop() if len(chats) == 1 else None))

    def post_again(self, earlier: Webhook, some: list[Json] | None = None) -> Webhook:
        """Redeliver: the same events with `isRedelivery` true, signed anew; tokens live on.

        `some` are those of its events that go out, if not all.
        """
        events = [webhooks.redelivered(one) for one in some or earlier.body["events"]]
        made = self._made(events, earlier.chat)
        made.redelivery, made.attempt = True, earlier.attempt + 1
        self._renew_tokens(made)
        return self._out(made)

    def post_copy(self, earlier: Webhook) -> Webhook:
        """The same webhook a second time, byte for byte: the network's doing, not LINE's."""
        return self._out(
            msgspec.structs.replace(
                earlier,
                seq=self.next_seq(),
                time=self.now(),
                copy=True,
                status=None,
                milliseconds=0.0,
                reason="",
                detail="",
                done=False,
            )
        )

    def send_on(self, held: Webhook) -> Webhook:
        """A webhook that was held back is received now; its tokens' minute begins now."""
        self._renew_tokens(held)
        return held

    def _renew_tokens(self, webhook: Webhook) -> None:
        for one in webhook.body["events"]:
            if "replyToken" in one:
                self.reply_tokens.redelivered(one["replyToken"], self.now())

    @property
    def pending(self) -> int:
        """How many webhooks are on their way, or will be: redeliveries and copies to come."""
        return len(self._under_way) + self.timetable.to_come

    def settle(self, webhook: Webhook, outcome: Outcome) -> Webhook:
        """Write down how a delivery ended."""
        webhook.status = outcome.status
        webhook.milliseconds = outcome.milliseconds
        webhook.reason = outcome.reason
        webhook.detail = outcome.detail
        webhook.done = True
        self._under_way.discard(webhook.seq)
        if webhook.seq > self._emptied_at:
            self.tell("wire", webhook)
            self.tell("log", {})
            self._settled(webhook)
        return webhook

    def _settled(self, webhook: Webhook) -> None:
        """What the world makes of it."""

    def record_call(self, call: Call) -> None:
        self.wire.append(call)
        self.tell("wire", call)
        self.tell("log", {})

    def wire_since(self, seq: int) -> Iterator[Webhook | Call]:
        """The wire after that number, oldest first."""
        newer = 0
        for one in reversed(self.wire):
            if one.seq <= seq:
                break
            newer += 1
        return islice(self.wire, len(self.wire) - newer, None)

    def find_webhook(self, event_id: str) -> Webhook | None:
        """The last webhook on the wire that carried this event."""
        for one in reversed(self.wire):
            if isinstance(one, Webhook) and event_id in one.event_ids:
                return one
        return None
