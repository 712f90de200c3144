"""A call of the Messaging API as values: what came in, what goes out, and how to refuse.

Law of this module: shapes only. Refusals carry LINE's status and body; the `hint` is for the
developer in front of the simulator and never part of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from penniless.simulator.faults import Effect
from penniless.simulator.forms import Part
from penniless.simulator.ids import CHAT_ID, USER_ID
from penniless.simulator.records import Json, Webhook

if TYPE_CHECKING:
    from penniless.simulator.world import World

Detail = tuple[str, str]
"""A message and the property it is about."""


class Request(Struct, kw_only=True):
    """What came in. Header names are lower-case; `path` is decoded, `query` is not."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Response(Struct, kw_only=True):
    """What goes out. `deliver` are webhooks that the call set off.

    If `awaits` is a webhook, deliver it first and then ask `api.after_delivery` for the answer.
    `fault` may be something that is to be done to this answer, on purpose.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    deliver: list[Webhook] = field(default_factory=list)
    awaits: Webhook | None = None
    fault: Effect | None = None
    call: Any = None


class Answer(Struct, kw_only=True):
    """What an operation answers, before it is made into a Response."""

    status: int = 200
    json: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    chat: str | None = None
    hint: str = ""
    deliver: list[Webhook] = field(default_factory=list)
    awaits: Webhook | None = None


class Asked(Struct, kw_only=True):
    """A call as an operation sees it: authorised, known and parsed."""

    world: World
    params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    json: Json
    text: str
    request_id: str
    every: dict[str, list[str]] = field(default_factory=dict)
    """All values of each name in the query."""
    form: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    raw: bytes = b""


class LineRefusal(Exception):
    """The call is answered with an error, in LINE's words."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status}")
        self.answer = answer


def refusal(
    status: int,
    message: str,
    details: Sequence[Detail] = (),
    *,
    hint: str = "",
    headers: dict[str, str] | None = None,
    more: Json | None = None,
) -> LineRefusal:
    """An error answer; `details` are left out of the body when there are none, as LINE says."""
    body: Json = {"message": message}
    if details:
        body["details"] = [{"message": text, "property": where} for text, where in details]
    return LineRefusal(
        Answer(status=status, json={**body, **(more or {})}, hint=hint, headers=headers or {})
    )


def errors_in_body(found: Sequence[Detail], *, hint: str = "") -> LineRefusal:
    """400 in the first style: the checks of LINE's request beans."""
    return refusal(400, f"The request body has {len(found)} error(s)", found, hint=hint)


def invalid_property(name: str, line: object = "-", column: object = "-") -> LineRefusal:
    """400 for a property that cannot be read at all."""
    return refusal(
        400,
        f"The property, '{name}', in the request body is invalid (line: {line}, column: {column})",
    )


def invalid_parameter(name: str) -> LineRefusal:
    """400 for a value of the path or of the query."""
    return refusal(400, f"The value for the '{name}' parameter is invalid")


def with_no_details(status: int, message: str, *, hint: str = "") -> LineRefusal:
    """An error of those operations that write `"details": []`."""
    return refusal(status, message, hint=hint, more={"details": []})


def path_id(asked: Asked, name: str) -> str:
    """The id of a person, group or room in the path. Raises 400 if it cannot be one."""
    given = asked.params[name]
    letter = {"userId": "U", "groupId": "C", "roomId": "R"}[name]
    if not CHAT_ID.match(given) or not given.startswith(letter):
        raise invalid_parameter(name)
    return given


def user_ids_in(body: Json, name: str = "userIds") -> list[str]:
    """1 to 500 user ids of a body. Raises 400 for anything else."""
    given = body.get(name)
    if given is None:
        raise errors_in_body([("May not be empty", name)])
    if not isinstance(given, list):
        raise invalid_property(name)
    if not 1 <= len(given) <= 500:
        raise errors_in_body([("Size must be between 1 and 500", name)])
    for number, user_id in enumerate(given):
        if not isinstance(user_id, str) or not USER_ID.match(user_id):
            raise invalid_property(f"{name}[{number}]")
    return given
