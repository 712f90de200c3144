"""What the events of a bot share: the ports, the clock, the counters, the profiles, the allowance.

Law of this module: it belongs to one bot and lives as long as it; whatever belongs to one event is
in `leased.Leased`, `sending.Mail` and `context.Context`.
"""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

from penniless.delivery import month_of
from penniless.errors import LineError, NotFound, StoreError
from penniless.lifecycle import LEASE, LONG_LEASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from penniless.events import Event
    from penniless.notices import Notice
    from penniless.ports import Line, Profile, Store
    from penniless.records import Log

ALLOWANCE_KEPT = 600_000
"""Milliseconds that LINE's word on the month's messages is believed."""


class Policy(NamedTuple):
    """What the bot's maker decided about answers that cannot be replied any more."""

    push_budget: int = 0
    """Messages that may be pushed for them in a month, as LINE counts: by people. 0 is never."""
    language: str = "en"
    """Of the notice, for people whose language LINE does not tell."""
    notices: Mapping[str, Notice] | None = None


class Services:
    """The ports of a bot, and what it knows of the world beyond one event."""

    def __init__(
        self,
        line: Line,
        store: Store,
        log: Log,
        *,
        clock: Callable[[], int],
        count: Callable[[str, int], None],
        sleep: Callable[[float], None],
        policy: Policy | None = None,
        careful: bool = False,
    ) -> None:
        self.line = line
        self.store = store
        self.log = log
        self.clock = clock
        self.count = count
        self.sleep = sleep
        self.policy = policy or Policy()
        self.careful = careful
        """Whether each answer is written down before it is sent."""
        self.profiles = Profiles()
        self.ends_at: int | None = None
        """On Lambda, when (UTC ms) the function will be killed."""
        self._left: tuple[int, int | None] | None = None
        self._people: dict[str, int] = {}

    def lease_end(self, now: int, *, long: bool) -> int:
        """How long a claim made now lasts: no longer than the process may."""
        end = now + (LONG_LEASE if long else LEASE)
        return end if self.ends_at is None else min(end, self.ends_at + 1_000)

    def line_within(self, seconds: float) -> Line:
        """LINE, for a call that ends in about that time, where the client can promise that."""
        within = getattr(self.line, "within", None)
        return self.line if within is None else within(seconds)

    def language_of(self, event: Event) -> str | None:
        """The language of who caused a 1:1 event, if LINE tells; never raises."""
        user_id = event.user_id
        if user_id is None or not event.conversation.startswith("user#"):
            return None
        line = self.line_within(2.0)
        try:
            found = self.profiles.get(
                f"{event.conversation} {user_id}", self.clock(), lambda: line.profile(user_id)
            )
        except LineError:
            return None
        return None if found is None else found.language

    # Pushes that the policy pays for

    def allowance(self, conversation: str) -> tuple[int, int]:
        """How many messages a push to this conversation counts, and how many are still allowed.

        (0, 0) where the policy pays for none, or nobody can say.
        """
        if self.policy.push_budget <= 0:
            return 0, 0
        now = self.clock()
        try:
            people = self._people_in(conversation)
            ours = self.policy.push_budget - self.store.spent(month_of(now))
            return people, min(ours, self._left_at_line(now, ours))
        except (LineError, StoreError):
            return 0, 0

    def spend(self, conversation: str, *, back: bool = False) -> bool:
        """Count a push against the budget, or give it back; whether there was room."""
        people = self._people.get(conversation, 1)
        try:
            count, budget = (-people if back else people), self.policy.push_budget
            return self.store.spend(month_of(self.clock()), count, limit=budget)
        except StoreError:
            return False

    def quota_is_gone(self, conversation: str) -> None:
        """LINE has said that the month's messages are used up: believe it for a while."""
        self._left = (self.clock(), 0)
        self.spend(conversation, back=True)

    def _people_in(self, conversation: str) -> int:
        kind, _, chat_id = conversation.partition("#")
        if kind == "group":
            people = self.line_within(2.0).group_members_count(chat_id)
        elif kind == "room":
            people = self.line_within(2.0).room_members_count(chat_id)
        else:
            people = 1 if kind == "user" else 0
        self._people[conversation] = people
        return people

    def _left_at_line(self, now: int, otherwise: int) -> int:
        """What LINE still sends this month, asked now and then; `otherwise` if without limit."""
        if self._left is None or now - self._left[0] > ALLOWANCE_KEPT:
            self._left = (now, self.line_within(2.0).left_this_month())
        left = self._left[1]
        return otherwise if left is None else left


class Profiles:
    """Profiles that were fetched: the newest thousand, each for an hour; None for a 404."""

    SIZE = 1000
    MILLISECONDS = 3_600_000

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, Profile | None]] = {}
        self._lock = Lock()

    def get(self, key: str, now: int, fetch: Callable[[], Profile]) -> Profile | None:
        known = self._found.get(key)
        if known and now - known[0] < self.MILLISECONDS:
            return known[1]
        try:
            profile: Profile | None = fetch()
        except NotFound:
            profile = None
        with self._lock:
            self._found.pop(key, None)
            while len(self._found) >= self.SIZE:
                del self._found[next(iter(self._found))]
            self._found[key] = (now, profile)
        return profile
