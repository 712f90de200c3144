"""The plain values of the simulated world, in the shape in which /sim shows them.

Law of this module: data, no behaviour but its rendering. Field names become camelCase in JSON.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

Json: TypeAlias = dict[str, Any]

Via: TypeAlias = Literal["reply", "push", "multicast", "broadcast", "narrowcast", ""]


class Person(Struct, kw_only=True, rename="camel"):
    """Somebody who can talk to the bot."""

    name: str
    display_name: str
    user_id: str
    friend: bool = True
    blocked: bool = False
    language: str = "en"
    color: str = "#888888"


class Group(Struct, kw_only=True, rename="camel"):
    """A group, or a room: a multi-person chat of the old kind. `members` are people's names."""

    name: str
    kind: Literal["group", "room"] = "group"
    id: str
    members: list[str]
    has_bot: bool = True


class Entry(Struct, kw_only=True, rename="camel"):
    """One line of a chat: a message of a person or of the bot, or a note of the system.

    `message` is LINE's JSON: the bot's as it was sent, a person's as in the webhook, plus `url` and
    `previewUrl` of media that the page can show.
    """

    seq: int
    id: str = ""
    chat: str
    side: Literal["person", "bot", "system"] = field(name="from")
    name: str
    user_id: str | None = None
    icon_url: str | None = None
    time: int
    message: Json
    text: str
    via: Via = ""
    read: bool = False
    unsent: bool = False
    edited: bool = False
    quoted: Json | None = None


class Media(Struct, kw_only=True):
    """The bytes a person sent: LINE hands them out from `ready_at` on, until an unsend."""

    kind: str
    data: bytes
    content_type: str
    file_name: str = ""
    ready_at: int = 0
    fails: bool = False
    """The preparation of this video or audio ends in failure."""
    gone: bool = False


class Webhook(Struct, kw_only=True, rename="camel", tag_field="kind", tag="webhook"):
    """One delivery to the bot: what was posted, and how it ended.

    `reason` and `detail` are LINE's words, see
    https://developers.line.biz/en/docs/messaging-api/check-webhook-error-statistics/

    `attempt` counts redeliveries: 0 is the first delivery. `copy` marks a second delivery that LINE
    does not know of. `fault` says what was done to it on purpose.
    """

    seq: int
    time: int
    url: str
    headers: dict[str, str]
    body: Json
    raw: str
    status: int | None = None
    milliseconds: float = 0.0
    reason: str = ""
    detail: str = ""
    event_ids: list[str]
    chat: str | None = None
    redelivery: bool = False
    attempt: int = 0
    copy: bool = False
    fault: str = ""
    done: bool = False


class Call(Struct, kw_only=True, rename="camel", tag_field="kind", tag="call"):
    """One call of the Messaging API, and the simulator's answer.

    `hint` says in plain words what LINE's own answer leaves out, for example why a reply token is
    not valid; a real bot never sees it. `fault` says what was done to the call on purpose: a status
    of 0 means that LINE did not act, and with a drop or a timeout no answer went out.
    """

    seq: int
    time: int
    operation: str
    method: str
    path: str
    query: str
    request_headers: dict[str, str]
    request: Any
    status: int
    response_headers: dict[str, str]
    response: Any
    milliseconds: float
    request_id: str
    chat: str | None = None
    hint: str = ""
    fault: str = ""


class Outcome(Struct, kw_only=True, frozen=True):
    """How the delivery of a webhook ended."""

    status: int | None
    milliseconds: float
    reason: str
    detail: str = ""
