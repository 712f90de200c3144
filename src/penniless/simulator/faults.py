"""Faults on purpose: rules by which the simulated LINE, or the way to it, fails.

Law of this module: which call or webhook is struck, and by what. Pure and replayable: each rule
draws from its own seeded chance, one draw for each call it looks at. Nothing waits here and no
connection is closed: that is done in `server`, `delivery` and `simulator`.

Rules are asked in the order in which they were added; the first that strikes decides.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from penniless.simulator import sentences
from penniless.simulator.records import Json

WEBHOOK = "webhook"
EVERY = "*"
LONGEST = 60.0
"""Seconds: how long a fault may keep anybody waiting."""

MOST_RULES = 100

MESSAGES = {
    401: sentences.NOT_AUTHENTICATED,
    403: sentences.NO_ACCESS,
    404: "Not found",
    409: sentences.ACCEPTED_BEFORE,
    413: sentences.TOO_LARGE,
    429: sentences.RATE_LIMIT,
    500: "The server encountered an internal error",
}


class Status(Struct, frozen=True, forbid_unknown_fields=True, tag="status", tag_field="type"):
    """LINE answers with an error. `quota` makes a 429 the month's, not the rate's.

    With `acted` the call has taken effect all the same, as a 500 on LINE's way out can mean.
    """

    status: int
    quota: bool = False
    message: str = ""
    acted: bool = False

    @property
    def body(self) -> Json:
        if self.message:
            return {"message": self.message}
        if self.quota:
            return {"message": sentences.MONTHLY_LIMIT}
        return {"message": MESSAGES.get(self.status, "The request could not be processed")}


class Latency(Struct, frozen=True, forbid_unknown_fields=True, tag="latency", tag_field="type"):
    """A call takes effect at once and is answered that late; a webhook arrives that late."""

    seconds: float


class Drop(Struct, frozen=True, forbid_unknown_fields=True, tag="drop", tag_field="type"):
    """The connection is closed without an answer: before LINE acts, or after (`acted`)."""

    acted: bool = False


class Timeout(Struct, frozen=True, forbid_unknown_fields=True, tag="timeout", tag_field="type"):
    """No answer ever. The connection is closed after so many seconds, if the caller still waits."""

    acted: bool = False
    seconds: float = LONGEST


class Duplicate(Struct, frozen=True, forbid_unknown_fields=True, tag="duplicate", tag_field="type"):
    """The same webhook a second time, byte for byte: at the same moment, or `after` seconds.

    LINE does not know of the second one: https://developers.line.biz/en/docs/messaging-api/receiving-messages/#redelivered-webhooks
    """

    after: float = 0.0


class Reorder(Struct, frozen=True, forbid_unknown_fields=True, tag="reorder", tag_field="type"):
    """The webhook waits until a later one has been answered, at most so many seconds."""

    seconds: float = 5.0


class Lost(Struct, frozen=True, forbid_unknown_fields=True, tag="lost", tag_field="type"):
    """The webhook does not reach the bot; LINE could not connect."""


class Late(Struct, frozen=True, forbid_unknown_fields=True, tag="late", tag_field="type"):
    """The bot's answer takes that much longer on its way back; LINE still waits two seconds."""

    seconds: float = 2.0


Effect: TypeAlias = Status | Latency | Drop | Timeout | Duplicate | Reorder | Lost | Late
ON_CALLS = (Status, Latency, Drop, Timeout)
ON_WEBHOOKS = (Latency, Duplicate, Reorder, Lost, Late)


class Rule(Struct, kw_only=True, forbid_unknown_fields=True):
    """One rule, as `/sim/faults` shows it.

    `seen` counts the calls it has drawn for, `struck` those it hit. `seed` was made up if none was
    given, so that any run can be repeated.
    """

    endpoint: str
    effect: Effect
    probability: float = 1.0
    times: int | None = None
    seed: int | None = None
    id: int = 0
    seen: int = 0
    struck: int = 0


class Faults:
    """The rules in force. `add`, `remove` and `clear` may be called from any thread.

    `chance` gives the seeds of rules that bring none.
    """

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.SystemRandom()
        self._live: tuple[tuple[Rule, random.Random], ...] = ()
        self._last_id = 0

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule, _ in self._live)

    def add(
        self,
        endpoint: str,
        effect: Effect,
        *,
        probability: float = 1.0,
        times: int | None = None,
        seed: int | None = None,
    ) -> Rule:
        """A new rule, behind those that are there. Raises ValueError for one without sense.

        `endpoint` is an operation such as `reply` or `push`, `*` for each operation, or `webhook`.
        `times` is how often it strikes at most.
        """
        rule = Rule(
            endpoint=endpoint, effect=effect, probability=probability, times=times, seed=seed
        )
        self._put((*self._live, self._alive(rule)))
        return rule

    def replace(self, rules: Iterable[Rule]) -> None:
        """These rules and no others. Raises ValueError, and then nothing has changed."""
        self._put(tuple(self._alive(rule) for rule in rules))

    def remove(self, number: int | str) -> bool:
        """Take the rule of that id away; false if there is none."""
        left = tuple(one for one in self._live if str(one[0].id) != str(number))
        found = len(left) < len(self._live)
        self._put(left)
        return found

    def clear(self) -> None:
        self._put(())

    def strike(self, endpoint: str) -> Effect | None:
        """What happens to this call of an operation, or to this `webhook`: usually nothing."""
        for rule, chance in self._live:
            if _draw(rule, chance, endpoint):
                return rule.effect
        return None

    def _put(self, live: tuple[tuple[Rule, random.Random], ...]) -> None:
        """One assignment: whoever draws at this moment has the old rules or the new ones."""
        if len(live) > MOST_RULES:
            raise ValueError(f"there can be {MOST_RULES} rules")
        self._live = live

    def _alive(self, rule: Rule) -> tuple[Rule, random.Random]:
        """The rule with an id, at its start, and its chance."""
        _check(rule)
        self._last_id += 1
        rule.id, rule.seen, rule.struck = self._last_id, 0, 0
        if rule.seed is None:
            rule.seed = self._chance.getrandbits(32)
        return rule, random.Random(rule.seed)  # noqa: S311 - to be repeated, not to be secret


def _draw(rule: Rule, chance: random.Random, endpoint: str) -> bool:
    if rule.endpoint != endpoint and (rule.endpoint != EVERY or endpoint == WEBHOOK):
        return False
    if rule.times is not None and rule.struck >= rule.times:
        return False
    rule.seen += 1
    if chance.random() >= rule.probability:
        return False
    rule.struck += 1
    return True


def rule_from(asked: Any) -> Rule:
    """A rule as JSON. Raises ValueError with one sentence."""
    try:
        return msgspec.convert(asked, Rule)
    except msgspec.ValidationError as error:
        raise ValueError(f"the rule cannot be read: {error}") from None


def described(effect: Effect) -> str:
    """A few words for the wire, such as `drop, acted: false`."""
    shown = msgspec.to_builtins(effect)
    kind = shown.pop("type")
    rest = [f"{name}: {msgspec.json.encode(value).decode()}" for name, value in shown.items()]
    return ", ".join((kind, *rest))


def _check(rule: Rule) -> None:
    """Raises ValueError for a rule without sense."""
    _check_endpoint(rule)
    if not 0 <= rule.probability <= 1:
        raise ValueError("probability must be a number from 0 to 1")
    if rule.times is not None and rule.times < 1:
        raise ValueError("times must be a whole number from 1 up, or null for always")
    if isinstance(rule.effect, Status) and not 400 <= rule.effect.status <= 599:
        raise ValueError("status must be an error: 400 to 599")
    if isinstance(rule.effect, Status) and rule.effect.quota and rule.effect.status != 429:
        raise ValueError("quota goes with status 429")
    for name in ("seconds", "after"):
        if not 0 <= getattr(rule.effect, name, 0) <= LONGEST:
            raise ValueError(f"{name} must be a number of seconds from 0 to {LONGEST:g}")


def _check_endpoint(rule: Rule) -> None:
    # The operations know the world, and the world its faults.
    from penniless.simulator.operations import OPERATIONS

    if rule.endpoint not in {one.name for one in OPERATIONS} | {WEBHOOK, EVERY}:
        raise ValueError(f"there is no endpoint {rule.endpoint!r}: use 'reply', 'webhook', '*' ...")
    allowed = ON_WEBHOOKS if rule.endpoint == WEBHOOK else ON_CALLS
    if not isinstance(rule.effect, allowed):
        names = ", ".join(str(one.__struct_config__.tag) for one in allowed)
        raise ValueError(f"the effect on {rule.endpoint!r} must be one of {names}")
