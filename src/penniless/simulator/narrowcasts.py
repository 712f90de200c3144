"""Narrowcasts: to the people whom an audience, an earlier narrowcast or a filter means.

Law of this module: who gets a narrowcast, and how far it has come by the world's clock. The
messages arrive at once; only the progress takes its time.

Source: https://developers.line.biz/en/reference/messaging-api/#send-narrowcast-message
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from msgspec import Struct

from penniless.simulator import audiences
from penniless.simulator.deliveries import Deliveries
from penniless.simulator.demographics import Fits, chosen_by, combined
from penniless.simulator.exchange import (
    Answer,
    Asked,
    errors_in_body,
    invalid_property,
    refusal,
)
from penniless.simulator.records import Json, Person
from penniless.simulator.sending import (
    MESSAGE,
    as_many_as_fit,
    checked_messages,
    flag,
    friends,
    iso_time,
    to_people,
)
from penniless.simulator.table import HOURLY, Operation
from penniless.simulator.world import World

PROGRESS_KEPT = 14 * 24 * 3600 * 1000
WAITING, SENDING = 500, 500
"""Milliseconds of the first two phases."""

MOST_RECIPIENTS = 10
TARGET_REACH, FEWEST = 100, 50
"""LINE's minimum numbers, where they are switched on."""

FAILURES = {
    1: "The messages exceed what is left of the month",
    2: "There are not enough recipients",
    4: "An audience has not enough recipients",
    5: "The messages do not reach all recipients",
}


class Narrowcast(Struct):
    """`at` in milliseconds; `error` is LINE's code, 0 for none."""

    at: int
    people: int
    error: int = 0

    @property
    def done_at(self) -> int:
        return self.at + WAITING + SENDING


class Narrowcasts:
    """The narrowcasts of the last fourteen days, by request id."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Narrowcast] = OrderedDict()

    def find(self, request_id: str, now: int) -> Narrowcast | None:
        found = self._known.get(request_id)
        return found if found is not None and now - found.at <= PROGRESS_KEPT else None

    def keep(self, request_id: str, new: Narrowcast) -> None:
        while self._known:
            oldest = next(iter(self._known))
            if new.at - self._known[oldest].at <= PROGRESS_KEPT:
                break
            del self._known[oldest]
        self._known[request_id] = new


def narrowcast(asked: Asked) -> Answer:
    """202, and then it may still fail: the progress says so."""
    world, body = asked.world, asked.json
    flag(body, "notificationDisabled")
    messages = checked_messages(asked, "narrowcast", None)
    recipients = _Recipients(asked)
    wanted = recipients.read(body["recipient"]) if body.get("recipient") is not None else None
    filtered = _filter(world, body.get("filter"))
    everybody = friends(world)
    people = [
        one
        for one in everybody
        if (wanted is None or wanted(one)) and (filtered is None or filtered(one))
    ]
    limit = _limit(body.get("limit"))
    chosen = _limited(world, limit, people)
    error = _failure(world, recipients, people, chosen, limit, by_filter=filtered is not None)
    if not error:
        to_people(asked, chosen, messages, "narrowcast")
    made = Narrowcast(world.now(), len(chosen), error)
    world.part(Narrowcasts).keep(asked.request_id, made)
    return Answer(status=202, json={}, hint=FAILURES.get(error, ""))


def progress(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-narrowcast-progress-status"""
    world = asked.world
    found = world.part(Narrowcasts).find(asked.query.get("requestId", ""), world.now())
    if found is None:
        raise refusal(404, "Not found", hint="no narrowcast had this request id")
    return Answer(json=_shown(found, world.now()))


def _shown(found: Narrowcast, now: int) -> Json:
    accepted = {"acceptedTime": iso_time(found.at)}
    if now < found.at + WAITING:
        return {"phase": "waiting", **accepted}
    completed = {**accepted, "completedTime": iso_time(found.done_at)}
    if found.error:
        return {
            "phase": "failed",
            "successCount": 0,
            "failureCount": found.people,
            "targetCount": found.people,
            "failedDescription": FAILURES[found.error],
            "errorCode": found.error,
            **completed,
        }
    if now < found.done_at:
        counts = {"successCount": 0, "failureCount": 0, "targetCount": found.people}
        return {"phase": "sending", **counts, **accepted}
    counts = {"successCount": found.people, "failureCount": 0, "targetCount": found.people}
    return {"phase": "succeeded", **counts, **completed}


class _Recipients:
    """Reads recipient objects, and remembers which audiences they name."""

    def __init__(self, asked: Asked) -> None:
        self._world = asked.world
        self._count = 0
        self.audiences: list[audiences.Audience] = []

    def read(self, value: Any, path: str = "recipient") -> Fits:
        if not isinstance(value, dict):
            raise invalid_property(path)
        kind = value.get("type")
        if kind == "operator":
            return combined(value, path, self.read)
        self._count += 1
        if self._count > MOST_RECIPIENTS:
            sentence = f"Size must be between 1 and {MOST_RECIPIENTS}"
            raise errors_in_body([(sentence, "recipient")])
        if kind == "audience":
            return self._audience(value.get("audienceGroupId"), path)
        if kind == "redelivery":
            return self._redelivery(value.get("requestId"), path)
        among = "operator, audience, redelivery"
        sentence = f"Must be one of the following values: [{among}]"
        raise errors_in_body([(sentence, f"{path}.type")])

    def _audience(self, given: Any, path: str) -> Fits:
        if isinstance(given, bool) or not isinstance(given, int):
            raise invalid_property(f"{path}.audienceGroupId")
        found = audiences.find(self._world, given)
        if found is None or audiences.status_of(self._world, found) != "READY":
            hint = "there is none" if found is None else "its status is not READY"
            raise refusal(400, f"Invalid audience group id: {given}", hint=hint)
        self.audiences.append(found)
        members = audiences.members_of(self._world, found)
        return lambda person: person.user_id in members

    def _redelivery(self, given: Any, path: str) -> Fits:
        if not isinstance(given, str):
            raise invalid_property(f"{path}.requestId")
        now = self._world.now()
        earlier = self._world.part(Narrowcasts).find(given, now)
        sent = self._world.part(Deliveries).find(given, ("narrowcast",), now)
        if earlier is None or sent is None or now < earlier.done_at:
            hint = "only a narrowcast of the last 14 days that has succeeded"
            raise refusal(400, f"Invalid request id: {given}", hint=hint)
        told = frozenset(sent.user_ids)
        return lambda person: person.user_id in told


def _filter(world: World, given: Any) -> Fits | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise invalid_property("filter")
    if given.get("demographic") is None:
        return None
    fits = chosen_by(world, given["demographic"])
    if world.account.privacy and len(friends(world)) < TARGET_REACH:
        raise refusal(403, "Your account does not have enough friends")
    return fits


def _limit(given: Any) -> Json:
    """The limit object, checked."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise invalid_property("limit")
    most = given.get("max")
    if most is not None:
        if isinstance(most, bool) or not isinstance(most, int):
            raise invalid_property("limit.max")
        if most < 1:
            raise errors_in_body([("must be greater than or equal to 1", "limit.max")])
    for name in ("upToRemainingQuota", "forbidPartialDelivery"):
        if not isinstance(given.get(name, False), bool | None):
            raise invalid_property(f"limit.{name}")
    if given.get("forbidPartialDelivery") and not given.get("upToRemainingQuota"):
        sentence = "May be true only if upToRemainingQuota is true"
        raise errors_in_body([(sentence, "limit.forbidPartialDelivery")])
    return given


def _limited(world: World, limit: Json, people: list[Person]) -> list[Person]:
    """As many people as the limit lets through."""
    people = people[: limit.get("max")]
    left = world.quota.left(world.now())
    return people[:left] if limit.get("upToRemainingQuota") else as_many_as_fit(world, people)


def _failure(
    world: World,
    recipients: _Recipients,
    people: list[Person],
    chosen: list[Person],
    limit: Json,
    *,
    by_filter: bool,
) -> int:
    """LINE's code for why the narrowcast fails once it starts; 0 if it does not."""
    guarded = [one for one in recipients.audiences if one.kind != "UPLOAD"]
    if world.account.privacy and (by_filter or guarded) and len(people) < FEWEST:
        return 2
    small = (len(audiences.members_of(world, one)) < FEWEST for one in guarded)
    if world.account.privacy and len(recipients.audiences) > 1 and any(small):
        return 4
    later = world.guesses.narrowcast_beyond_quota == "failsLater"
    if later and not world.quota.allows(len(chosen), world.now()):
        return 1
    if limit.get("forbidPartialDelivery") and len(chosen) < len(people[: limit.get("max")]):
        return 5
    return 0


OPERATIONS = (
    Operation(
        "narrowcast", "POST", f"{MESSAGE}/narrowcast", narrowcast, retry_key=True, rate=HOURLY
    ),
    Operation("narrowcastProgress", "GET", f"{MESSAGE}/progress/narrowcast", progress),
)
