"""Audiences: lists of people to narrowcast to, uploaded or made of who read a message.

Law of this module: the operations and their state. An audience becomes ready after a second of the
world's clock, an empty one never.

Source: https://developers.line.biz/en/reference/messaging-api/#manage-audience-group
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

from penniless.counting import utf16_units
from penniless.simulator.deliveries import DAY, KEPT_DAYS, Deliveries, Delivery
from penniless.simulator.exchange import Answer, Asked, LineRefusal, invalid_property, refusal
from penniless.simulator.forms import Part
from penniless.simulator.ids import USER_ID, UUID
from penniless.simulator.records import Json
from penniless.simulator.table import MINUTELY, Operation
from penniless.simulator.world import World

Kind: TypeAlias = Literal["UPLOAD", "CLICK", "IMP"]

LIFE = 180 * DAY
TAKES = 1000
"""Milliseconds until an audience is ready."""

MOST = 1_000
MOST_IN_JSON, MOST_IN_FILE = 10_000, 1_500_000
LONGEST_NAME, LONGEST_UPLOAD_NAME, LONGEST_URL = 120, 300, 2_000
SHOWN_JOBS = 50
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
STATUSES = ("IN_PROGRESS", "READY", "FAILED", "EXPIRED", "INACTIVE", "ACTIVATING")
ROUTES = ("OA_MANAGER", "MESSAGING_API", "POINT_AD", "AD_MANAGER")
NUMBER = re.compile(r"-?[0-9]{1,18}\Z")


class Audience(Struct, kw_only=True):
    """`user_ids` in the order of their coming; `created` in milliseconds."""

    id: int
    kind: Kind
    name: str
    created: int
    by_ifa: bool = False
    user_ids: dict[str, None] = field(default_factory=dict)
    jobs: list[Json] = field(default_factory=list)
    request_id: str = ""
    click_url: str = ""


class Audiences:
    """All audiences, by id."""

    def __init__(self) -> None:
        self.known: dict[int, Audience] = {}
        self.given = 0


def find(world: World, audience_id: int) -> Audience | None:
    found = world.part(Audiences).known.get(audience_id)
    return None if found is None or world.now() >= found.created + LIFE + 30 * DAY else found


def members_of(world: World, audience: Audience) -> frozenset[str]:
    """The user ids in it. Who read a message is in its impression audience from then on."""
    if audience.kind == "UPLOAD":
        return frozenset(audience.user_ids)
    sent = world.part(Deliveries).find(
        audience.request_id, ("broadcast", "narrowcast"), world.now()
    )
    return readers_of(world, sent) if sent and audience.kind == "IMP" else frozenset()


def readers_of(world: World, sent: Delivery) -> frozenset[str]:
    """Who has read at least one of the messages of a delivery."""
    entries = (world.messages.get(message_id) for message_id in sent.message_ids)
    return frozenset(entry.chat for entry in entries if entry is not None and entry.read)


def status_of(world: World, audience: Audience) -> str:
    if world.now() >= audience.created + LIFE:
        return "EXPIRED"
    fresh = world.now() < audience.created + TAKES
    count = len(members_of(world, audience)) if not audience.by_ifa else len(audience.user_ids)
    least = 50 if world.account.privacy and audience.kind != "UPLOAD" else 1
    return "IN_PROGRESS" if fresh or count < least else "READY"


# The operations


def create(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#create-upload-audience-group"""
    by_ifa = asked.json.get("isIfaAudience")
    if not isinstance(by_ifa, bool | None):
        raise invalid_property("isIfaAudience")
    ids = _ids_in_json(asked.json.get("audiences"), by_ifa=bool(by_ifa))
    return _created(
        asked, asked.json.get("description"), ids, asked.json.get("uploadDescription"), bool(by_ifa)
    )


def create_from_file(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#create-upload-audience-group-by-file"""
    by_ifa = _text(asked, "isIfaAudience") == "true"
    ids = _ids_in_file(asked.parts.get("file"), by_ifa=by_ifa)
    name, upload = _text(asked, "description"), _text(asked, "uploadDescription")
    return _created(asked, name, ids, upload, by_ifa)


def add(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#update-upload-audience-group"""
    found = _uploaded(asked, asked.json.get("audienceGroupId"))
    ids = _ids_in_json(asked.json.get("audiences"), by_ifa=found.by_ifa)
    if not ids:
        raise problem("UPLOAD_AUDIENCE_GROUP_NO_VALID_AUDIENCE_IDS")
    _add(asked, found, ids, asked.json.get("uploadDescription"))
    return Answer(status=202, json={})


def add_from_file(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#update-upload-audience-group-by-file"""
    given = _text(asked, "audienceGroupId") or ""
    found = _uploaded(asked, int(given) if NUMBER.match(given) else None)
    ids = _ids_in_file(asked.parts.get("file"), by_ifa=found.by_ifa)
    _add(asked, found, ids, _text(asked, "uploadDescription"))
    return Answer(status=202, json={})


def create_of_clicks(asked: Asked) -> Answer:
    """Nobody is in it: which links people open is not simulated.

    https://developers.line.biz/en/reference/messaging-api/#create-click-audience-group
    """
    url = asked.json.get("clickUrl")
    if url is not None and (not isinstance(url, str) or utf16_units(url) > LONGEST_URL):
        raise invalid_property("clickUrl")
    return _of_message(asked, "CLICK", url or "")


def create_of_impressions(asked: Asked) -> Answer:
    """Who reads the message is in it.

    https://developers.line.biz/en/reference/messaging-api/#create-imp-audience-group
    """
    return _of_message(asked, "IMP", "")


def rename(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#set-description-audience-group"""
    found = _named_in_path(asked)
    found.name = _name(asked.json.get("description"))
    return Answer(json={})


def delete(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#delete-audience-group"""
    del asked.world.part(Audiences).known[_named_in_path(asked).id]
    return Answer(json={})


def get(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-audience-group"""
    found = _named_in_path(asked)
    jobs = list(reversed(found.jobs))[:SHOWN_JOBS]
    return Answer(json={"audienceGroup": _shown(asked.world, found), "jobs": jobs})


def get_list(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-audience-groups"""
    return _list(asked, list(asked.world.part(Audiences).known.values()))


def get_shared_list(asked: Asked) -> Answer:
    """Nobody shares audiences with this account; its own are there where they are asked for.

    https://developers.line.biz/en/reference/messaging-api/#get-shared-audience-list
    """
    owned = asked.query.get("includesOwnedAudienceGroups") == "true"
    return _list(asked, list(asked.world.part(Audiences).known.values()) if owned else [])


# Parts of a request


def problem(code: str, message: str = "", *, prop: str = "", hint: str = "") -> LineRefusal:
    """400 as the audience operations write it: a code in the details."""
    detail = {"message": code, **({"property": prop} if prop else {})}
    made = refusal(400, message or code, hint=hint)
    made.answer.json["details"] = [detail]
    return made


def _name(given: Any) -> str:
    if given is not None and not isinstance(given, str):
        raise invalid_property("description")
    if not given or not given.strip():
        raise problem("AUDIENCE_GROUP_NAME_EMPTY", "audienceGroupName is empty")
    if utf16_units(given) > LONGEST_NAME:
        raise problem("AUDIENCE_GROUP_NAME_SIZE_OVER", "size over audienceGroupName")
    if CONTROL.search(given):
        raise problem("AUDIENCE_GROUP_NAME_WRONG", "wrong audienceGroupName")
    return str(given)


def _upload_name(given: Any) -> str:
    if given is not None and not isinstance(given, str):
        raise invalid_property("uploadDescription")
    if given and utf16_units(given) > LONGEST_UPLOAD_NAME:
        code = "AUDIENCE_GROUP_UPLOAD_DESCRIPTION_SIZE_OVER"
        raise problem(code, "size over uploadDescription")
    return given or ""


def _ids_in_json(given: Any, *, by_ifa: bool) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise invalid_property("audiences")
    if len(given) > MOST_IN_JSON:
        raise problem("UPLOAD_AUDIENCE_GROUP_TOO_MANY_AUDIENCE_IDS")
    if not all(isinstance(one, dict) for one in given):
        raise invalid_property("audiences")
    return _checked([one.get("id") for one in given], "audiences", by_ifa=by_ifa)


def _ids_in_file(given: Part | None, *, by_ifa: bool) -> list[str]:
    if given is None:
        raise problem("UPLOAD_AUDIENCE_GROUP_NO_VALID_AUDIENCE_IDS", prop="file")
    lines = [line.strip() for line in given.text.splitlines() if line.strip()]
    if len(lines) > MOST_IN_FILE:
        raise problem("UPLOAD_AUDIENCE_GROUP_TOO_MANY_AUDIENCE_IDS", prop="file")
    if not lines:
        raise problem("UPLOAD_AUDIENCE_GROUP_NO_VALID_AUDIENCE_IDS", prop="file")
    return _checked(lines, "file", by_ifa=by_ifa)


def _checked(given: Sequence[Any], prop: str, *, by_ifa: bool) -> list[str]:
    form = UUID if by_ifa else USER_ID
    if not all(isinstance(one, str) and form.match(one) for one in given):
        code = "UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT"
        raise problem(code, prop=prop)
    return list(given)


def _text(asked: Asked, name: str) -> str | None:
    part = asked.parts.get(name)
    return None if part is None else part.text


def _named_in_path(asked: Asked) -> Audience:
    given = asked.params["audienceGroupId"]
    return _known(asked, int(given) if NUMBER.match(given) else None)


def _known(asked: Asked, audience_id: Any) -> Audience:
    whole = isinstance(audience_id, int) and not isinstance(audience_id, bool)
    found = find(asked.world, audience_id) if whole else None
    if found is None:
        raise problem("AUDIENCE_GROUP_NOT_FOUND", "audience group not found")
    return found


def _uploaded(asked: Asked, audience_id: Any) -> Audience:
    """An audience that takes more people."""
    found = _known(asked, audience_id)
    if found.kind != "UPLOAD":
        raise problem("AUDIENCE_GROUP_NOT_FOUND", "audience group not found", hint="no upload")
    if status_of(asked.world, found) == "EXPIRED":
        raise problem("AUDIENCE_GROUP_CAN_NOT_UPLOAD_STATUS_EXPIRED")
    return found


# Making and showing


def _new(asked: Asked, kind: Kind, name: str, **more: Any) -> Audience:
    state = asked.world.part(Audiences)
    taken = any(one.name == name for one in state.known.values())
    if taken and asked.world.guesses.same_audience_names == "refused":
        raise problem("AUDIENCE_GROUP_NAME_DUPLICATE", "audienceGroupName is taken")
    if len(state.known) >= MOST:
        raise problem("AUDIENCE_GROUP_COUNT_MAX_OVER", "audience group count max over")
    state.given += 1
    made = Audience(
        id=4_389_303_728_990 + state.given, kind=kind, name=name, created=asked.world.now(), **more
    )
    state.known[made.id] = made
    return made


def _created(asked: Asked, name: Any, ids: list[str], upload: Any, by_ifa: bool) -> Answer:  # noqa: FBT001 - one of five
    checked, described = _name(name), _upload_name(upload)
    made = _new(asked, "UPLOAD", checked, by_ifa=by_ifa)
    if ids:
        _add(asked, made, ids, described)
    return Answer(status=202, json=_as_created(made))


def _add(asked: Asked, audience: Audience, ids: list[str], upload: Any) -> None:
    described = _upload_name(upload)
    before = len(audience.user_ids)
    audience.user_ids.update(dict.fromkeys(ids))
    audience.jobs.append(
        {
            "audienceGroupJobId": audience.id % 10**6 * 1_000 + len(audience.jobs) + 1,
            "audienceGroupId": audience.id,
            "description": described,
            "type": "DIFF_ADD",
            "jobStatus": "FINISHED",
            "audienceCount": len(audience.user_ids) - before,
            "created": asked.world.now() // 1000,
        }
    )


def _of_message(asked: Asked, kind: Kind, url: str) -> Answer:
    name, request_id = _name(asked.json.get("description")), asked.json.get("requestId")
    if not isinstance(request_id, str):
        raise invalid_property("requestId")
    known = asked.world.part(Audiences).known.values()
    if any((one.kind, one.request_id, one.click_url) == (kind, request_id, url) for one in known):
        raise problem("AUDIENCE_GROUP_REQUESTID_DUPLICATE", "duplicate request id")
    vias, deliveries = ("broadcast", "narrowcast"), asked.world.part(Deliveries)
    if deliveries.find(request_id, vias, asked.world.now()) is None:
        hint = f"only a broadcast or narrowcast of the last {KEPT_DAYS} days"
        raise problem("REQUEST_NOT_FOUND", "request not found", hint=hint)
    made = _new(asked, kind, name, request_id=request_id, click_url=url)
    return Answer(status=202, json=_as_created(made))


def _as_created(made: Audience) -> Json:
    shown: Json = {
        "audienceGroupId": made.id,
        "createRoute": "MESSAGING_API",
        "type": made.kind,
        "description": made.name,
        "created": made.created // 1000,
        "permission": "READ_WRITE",
        "expireTimestamp": (made.created + LIFE) // 1000,
        "isIfaAudience": made.by_ifa,
    }
    if made.request_id:
        shown["requestId"] = made.request_id
    return {**shown, "clickUrl": made.click_url} if made.click_url else shown


def _shown(world: World, audience: Audience) -> Json:
    """Small numbers are hidden, where LINE's minimum numbers are switched on."""
    open_count = audience.kind == "UPLOAD" and not audience.by_ifa
    count = len(audience.user_ids if audience.kind == "UPLOAD" else members_of(world, audience))
    if world.account.privacy and not open_count and count < 20:
        count = 0
    return {
        **_as_created(audience),
        "status": status_of(world, audience),
        "audienceCount": count,
    }


def _list(asked: Asked, audiences: list[Audience]) -> Answer:
    number = _whole(asked, "page", None, 1, 10**9)
    size = _whole(asked, "size", 20, 1, 40)
    for name, among in (("status", STATUSES), ("createRoute", ROUTES)):
        if asked.query.get(name, among[0]) not in among:
            raise problem("INVALID_VALUE", f"{name}: must be one of {', '.join(among)}")
    world, wanted = asked.world, asked.query.get("description", "").casefold()
    status, route = asked.query.get("status"), asked.query.get("createRoute", "MESSAGING_API")
    found = [
        one
        for one in audiences
        if wanted in one.name.casefold()
        and status in (None, status_of(world, one))
        and route == "MESSAGING_API"
        and find(world, one.id) is not None
    ]
    begin = (number - 1) * size
    return Answer(
        json={
            "audienceGroups": [_shown(world, one) for one in found[begin : begin + size]],
            "hasNextPage": begin + size < len(found),
            "totalCount": len(found),
            "readWriteAudienceGroupTotalCount": len(found),
            "page": number,
            "size": size,
        }
    )


def _whole(asked: Asked, name: str, usual: int | None, low: int, high: int) -> int:
    given = asked.query.get(name)
    if given is None and usual is not None:
        return usual
    if given is None or not NUMBER.match(given):
        raise problem("INVALID_VALUE", f"{name}: must be a number")
    if int(given) < low:
        raise problem("TOO_LOW", f"{name}: must be greater than or equal to {low}")
    if int(given) > high:
        raise problem("TOO_HIGH", f"{name}: must be less than or equal to {high}")
    return int(given)


GROUP = "/v2/bot/audienceGroup"
ONE = f"{GROUP}/{{audienceGroupId}}"

OPERATIONS = (
    *(
        Operation(name, method, f"{GROUP}/{path}", handler, rate=MINUTELY)
        for name, method, path, handler in (
            ("createAudienceGroup", "POST", "upload", create),
            ("addAudienceToAudienceGroup", "PUT", "upload", add),
            ("createClickBasedAudienceGroup", "POST", "click", create_of_clicks),
            ("createImpBasedAudienceGroup", "POST", "imp", create_of_impressions),
            ("getAudienceGroups", "GET", "list", get_list),
            ("getSharedAudienceGroups", "GET", "shared/list", get_shared_list),
            ("getSharedAudienceData", "GET", "shared/{audienceGroupId}", get),
            ("getAudienceData", "GET", "{audienceGroupId}", get),
        )
    ),
    *(
        Operation(name, method, f"{GROUP}/upload/byFile", handler, body="files", rate=MINUTELY)
        for name, method, handler in (
            ("createAudienceForUploadingUserIds", "POST", create_from_file),
            ("addUserIdsToAudience", "PUT", add_from_file),
        )
    ),
    Operation(
        "updateAudienceGroupDescription", "PUT", f"{ONE}/updateDescription", rename, rate=MINUTELY
    ),
    Operation("deleteAudienceGroup", "DELETE", ONE, delete, body="none", rate=MINUTELY),
)
