"""The store on AWS: one DynamoDB table, a few calls, and no SDK on the way to the answer.

Law of this module: which request each operation of `ports.Store` is, and under which named
condition it may change anything. How items look stands in `dynamodb_items`, how requests are
signed, sent and repeated in `aws_json`. `docs/dynamodb.md` tells costs and failures.
"""

from __future__ import annotations

import time
from itertools import chain
from os import urandom

from penniless.connections import Limits
from penniless.errors import SettingsError, StateConflict, StoreUnavailable
from penniless.lifecycle import ATTEMPTS
from penniless.ports import OPEN, Claim, Desk
from penniless.stores.aws_json import DYNAMODB, Failure, JsonCalls
from penniless.stores.dynamodb_items import (
    END_OF_TIME,
    FIRST_TIME,
    STATE,
    answer_of,
    has_expired,
    is_of_conversation,
    item_of,
    key_of,
    mark_of,
    number,
    open_under,
    pushes_key,
    sort_key,
    state_key,
    state_of,
    text,
)
from penniless.stores.dynamodb_reads import PRESENT, read_desk, read_overdue, row_in, state_in
from penniless.stores.dynamodb_table import Condition, Table, aliases

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence

    from penniless.ports import Json, Row, State, Status
    from penniless.stores.aws_environment import CredentialsSource
    from penniless.stores.dynamodb_items import Attribute, Item

# The races of a claim, by name. Two workers that got the same event, and one condition each time:
#
#   A  put, ABSENT: stored, attempt 1
#   B        put, ABSENT: refused; it met A's claim under a live lease -> `live`
#   A                             is frozen with its sandbox, or dies
#   C                                    put, ABSENT: refused; it met a claim whose lease is over
#   C                                    update, ABANDONED: attempt 2
#   D                                    the same at the same moment: ABANDONED is not so any more,
#                                        because C raised the attempt -> `live`
#   A                                            advance as attempt 1, MINE: refused
#   C                                            advance as attempt 2, MINE: stored
#   E                                                    put, ABSENT: refused; finished -> `done`
#
# Two later events that both want to take a held answer along:
#
#   F  update, MINE from `held`: stored, `answered`
#   G                                  update, MINE from `held`: refused, it is `answered` by now
#
# And one worker against itself, when the network loses an answer. Every claim carries a random
# token into the row, so that a second attempt which is refused knows what it met:
#
#   A  put, ABSENT: stored, but the answer is lost
#   A                       again, ABSENT: refused; it met its own token -> granted
#   A                                advance, MINE: stored, but the answer is lost
#   A                                        again, MINE: refused; it met its own answer -> stored
#   A          (delayed in the network) the first advance, MINE: refused
#
# A row that is held is anybody's, so the second attempt may come when it is `answered` again, by
# another. The token of the write that held the row stays in it, and keeps that attempt away:
#
#   A  advance to `held`, HOLDING: stored, but the answer is lost
#   F                                  update, MINE from `held`: stored, `answered`
#   A                                  again, HOLDING: refused; it met its own token -> stored
#
# Where held rows are stands in the state's item, as marks: one is added before the row is held, and
# taken away by whoever finds the row final. Each has the token of its write in it; so no mark is
# taken away whose write may still come, because that write is refused by a final row.
#
# A state is written under NO_STATE or SAME_VERSION, with a token too. DynamoDB decides each of
# these writes alone and in order, for one item: there is no moment between condition and change.
ABSENT = Condition("attribute_not_exists(#pk) OR #expires_at <= :second")
ABANDONED = Condition(
    "#status IN (:claimed, :answered) AND #attempt = :attempt AND #claimed_until <= :now"
    " AND (attribute_not_exists(#expires_at) OR #expires_at > :second)"
)
MINE = Condition("#status IN (:was) AND #attempt = :attempt")
HOLDING = Condition("#status IN (:was) AND #attempt = :attempt AND NOT #claim = :token")
FAILED = Condition("#status = :failed AND #attempt = :attempt AND attribute_exists(#event)")
NO_STATE = Condition("attribute_not_exists(#version)")
SAME_VERSION = Condition("#version = :version")
AFFORDABLE = Condition("(attribute_not_exists(#spent) OR #spent <= :room) AND NOT #writer = :token")
UNTOUCHED = Condition("#writer = :seen")
HAS_MESSAGE = Condition("attribute_exists(#message)")

_IN_WINDOW = "#pk = :pk AND #sk BETWEEN :first AND :last"
_OF_CONVERSATION = "#pk = :pk"
_OF_MESSAGE = "#message_id = :id"

_CLAIMED: Attribute = {"S": "claimed"}
_FAILED: Attribute = {"S": "failed"}
_ANSWERED: Attribute = {"S": "answered"}


_UNSEND_PAGE = 100
_UNSEND_DEPTH = 2_000
"""Rows of a conversation, the newest first, in which an unsent message is looked for."""
_DELETERS = 8
_MOST = 1 << 20
"""Rows that one page is asked for at most; it ends at 1 MB anyway."""


class DynamoDBStore:
    """A `Store` in the DynamoDB table `table`, for any number of functions, processes and threads.

    The table has the text keys `pk` and `sk`, and TTL on `expires_at`. Region, endpoint and
    credentials come from the variables that AWS tools read, unless given: `credentials` is a
    function that returns an access key (boto3's `get_frozen_credentials` is one), asked before
    each request.

    Each operation, and each page of one that reads pages, has `budget` seconds for all its
    attempts; then it raises StoreUnavailable, which names the table, the call and AWS's error
    code, and never a value. `connect_timeout` and `read_timeout` are how long one attempt waits.
    All times here are in seconds. Raises SettingsError for settings that cannot work; nothing is
    sent yet.
    """

    writes_are_free = False

    def __init__(
        self,
        table: str,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        credentials: CredentialsSource | None = None,
        budget: float = 1.0,
        connect_timeout: float = 0.5,
        read_timeout: float = 0.5,
        keep_alive: float = 30.0,
        tls_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] | None = None,
    ) -> None:
        if not table or not table.isascii() or not table.isprintable():
            raise SettingsError("DynamoDBStore needs the name of a table, or its ARN")
        self._table = Table(
            table,
            JsonCalls(
                DYNAMODB,
                region=region,
                endpoint=endpoint,
                credentials=credentials,
                keep_alive=keep_alive,
                tls_context=tls_context,
                clock=clock,
                sleep=sleep,
                random=random,
            ),
            timeouts=Limits(connect_timeout, read_timeout),
            budget=budget,
        )

    def __repr__(self) -> str:
        return f"DynamoDBStore({self._table.name!r}, endpoint={self._table.endpoint!r})"

    def within(self, seconds: float) -> DynamoDBStore:
        """This store, sharing its connections, for operations that together end in `seconds`."""
        store = object.__new__(type(self))
        store._table = self._table.within(seconds)
        return store

    def warm(self) -> None:
        """Open a connection before it is needed. Raises StoreUnavailable if that fails."""
        self._table.warm()

    def close(self) -> None:
        """Close the connections. Later use raises StoreUnavailable."""
        self._table.close()

    # The log

    def claim(self, row: Row, *, now: int) -> Claim:
        """As the Protocol says: one write unit per KB, two where it takes over."""
        limits = self._table.limits()
        token = _new_token()
        item = {**item_of(row), "status": _CLAIMED, "attempt": number(1), "claim": token}
        item["open"] = open_under(item)
        while True:  # until `limits` end it: whatever changes in between is looked at again
            refused = self._table.put(item, limits, ABSENT, {":second": number(now // 1000)})
            if refused is None:
                return Claim(granted=True, found="nothing")
            met = self._table.met(refused, key_of(row), limits)
            if met is None or has_expired(met, now // 1000):
                continue  # it was forgotten, or has expired, this moment: absent
            attempt = int(met["attempt"]["N"])
            if met.get("claim") == token:
                return self._granted(met)
            if met["status"]["S"] not in OPEN:
                return Claim(granted=False, found="done", attempt=attempt)
            if int(met["claimed_until"]["N"]) > now:
                return Claim(granted=False, found="live", attempt=attempt)
            taken = self._take_over(row, met, token, now, limits)
            if taken is not None:
                return self._granted(taken)

    def _take_over(
        self, row: Row, met: Item, token: Attribute, now: int, limits: Limits
    ) -> Item | None:
        """Raise the attempt of an abandoned claim; None if something else happened to it first.

        Also None if this very write was stored and its answer lost: then the next look at the row
        finds the token.
        """
        attempt = int(met["attempt"]["N"])
        received_at = int(met["received_at"]["N"]) if "received_at" in met else 0
        values = {
            ":claimed": _CLAIMED,
            ":answered": _ANSWERED,
            ":attempt": number(attempt),
            ":now": number(now),
            ":second": number(now // 1000),
        }
        changes = {
            "attempt": number(attempt + 1),
            "claimed_until": number(row.claimed_until),
            "received_at": number(max(received_at, row.received_at)),
            "claim": token,
            "open": open_under(met),
        }
        # What was met may have been answered since, so the row is what the update gives back.
        taken = self._table.updated(key_of(row), changes, limits, ABANDONED, values)
        return None if isinstance(taken, Failure) else taken

    def _granted(self, item: Item) -> Claim:
        attempt = int(item["attempt"]["N"])
        if attempt == 1:
            return Claim(granted=True, found="nothing")
        return Claim(granted=True, found="expired", attempt=attempt, row=row_in(self._table, item))

    def advance(self, row: Row, *, was: Sequence[Status] = OPEN) -> bool:
        """As the Protocol says: one write unit per KB of the whole row.

        An event that is gone from the row, as after an unsend, stays gone: where `row.event` is not
        None, the stored one is left as it is. To become `held` a row costs a second write before
        this one, of a unit per KB of the state.
        """
        limits = self._table.limits()
        changes = answer_of(row)
        earlier: Item = {f":was{place}": {"S": status} for place, status in enumerate(was)}
        values = {**earlier, ":attempt": number(row.attempt)}
        if not earlier:
            return False
        condition = MINE
        if row.status == "held":
            condition, values[":token"] = HOLDING, self._mark(row, changes, limits)
        condition = condition.among(":was", earlier)
        refused = self._table.update(key_of(row), changes, limits, condition, values)
        if refused is None:
            return True
        if not refused.maybe_done:
            return False
        met = self._table.met(refused, key_of(row), limits) or {}
        if row.status == "held":
            return met.get("claim") == changes["claim"]
        stored = {**changes, "attempt": number(row.attempt)}
        return all(met.get(name) == value for name, value in stored.items())

    def _mark(self, row: Row, changes: dict[str, Attribute | None], limits: Limits) -> Attribute:
        """Write down where a row is that is going to be held; the token that it is to carry."""
        changes["claim"] = token = _new_token()
        marks: Item = {"held": {"SS": [mark_of(row, token["S"])]}}
        self._table.update(state_key(row.conversation), {}, limits, None, {}, add=marks)
        return token

    def reopen(self, row: Row) -> bool:
        """As the Protocol says; its attempt is raised, so that nobody finishes the old one.

        False too if the answer was lost and another has taken the row over since.
        """
        limits = self._table.limits()
        key, token, attempt = key_of(row), _new_token(), row.attempt
        while True:
            changes = {
                "status": _CLAIMED,
                "attempt": number(attempt + 1),
                "last_attempt": number(attempt + 1 + ATTEMPTS),
                "claimed_until": number(0),
                "claim": token,
                "open": open_under(key),
                "deferred": number(1),
                "waiting": None,
                "way": None,
            }
            values = {":failed": _FAILED, ":attempt": number(attempt)}
            refused = self._table.update(key, changes, limits, FAILED, values)
            if refused is None:
                return True
            met = self._table.met(refused, key, limits)
            if met is None or met.get("claim") == token:
                return met is not None
            if met["status"] != _FAILED or "event" not in met:
                return False
            attempt = int(met["attempt"]["N"])

    def append(self, row: Row) -> None:
        item = item_of(row)
        if row.status == "held":
            item["claim"] = self._mark(row, {}, self._table.limits())
        self._table.replace(item)

    def desk(self, conversation: str, *, now: int) -> Desk:
        """As the Protocol says, overdue rows among the newest five: one read unit per 4 KB.

        A row that waits and is older costs a unit more. Marks of rows that do not wait any more
        are taken away, which is a write.
        """
        return read_desk(self._table, conversation, now)

    def overdue(self, *, now: int, limit: int) -> list[Row]:
        """As the Protocol says, one query for each key of the index `open`, each row read again.

        Raises StoreUnavailable where the table has no such index.
        """
        return read_overdue(self._table, now, limit)

    def unsend(self, conversation: str, message_id: str) -> int:
        """As the Protocol says, in the newest 2,000 rows.

        The search ends with the page that has the message itself: its edited wordings are newer.
        """
        limits = self._table.limits()
        touched = 0
        for page in self._pages_of_message(conversation, message_id, limits):
            for item in page:
                key = {"pk": text(conversation), "sk": item["sk"]}
                changes = {"message": None, "event": None}
                refused = self._table.update(key, changes, limits, HAS_MESSAGE, {})
                touched += refused is None or refused.maybe_done
            if any(item["type"]["S"].startswith("message.") for item in page):
                break
        return touched

    def _pages_of_message(
        self, conversation: str, message_id: str, limits: Limits
    ) -> Iterator[list[Item]]:
        query: Json = {
            "KeyConditionExpression": _OF_CONVERSATION,
            "FilterExpression": _OF_MESSAGE,
            "ProjectionExpression": "#sk,#type",
            "ExpressionAttributeNames": aliases("pk", "sk", "type", "message_id"),
            "ExpressionAttributeValues": {":pk": text(conversation), ":id": text(message_id)},
            "ScanIndexForward": False,
            "Limit": _UNSEND_PAGE,
        }
        for _ in range(_UNSEND_DEPTH // _UNSEND_PAGE):
            # Only the newest rows can be too young for a read at half the price.
            query["ConsistentRead"] = "ExclusiveStartKey" not in query
            page = self._table.send("Query", query, limits)
            yield page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def rows(
        self,
        conversation: str,
        *,
        now: int,
        since: int = 0,
        until: int | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Row]:
        """As the Protocol says; a row that is written while one reads may or may not be seen."""
        if limit is not None and limit < 0:
            raise ValueError(f"limit is {limit}, but cannot be less than 0")
        first, end = max(since, FIRST_TIME), END_OF_TIME if until is None else until
        if limit == 0 or first >= min(end, END_OF_TIME):
            return iter(())
        # The rows of `end` begin after the key of that time, and so are left out; all rows come
        # before `event$`, because `$` follows `#`.
        last = sort_key(end) if end < END_OF_TIME else "event$"
        query: Json = {
            "KeyConditionExpression": _IN_WINDOW,
            "ExpressionAttributeNames": aliases("pk", "sk"),
            "ExpressionAttributeValues": {
                ":pk": text(conversation),
                ":first": text(sort_key(first)),
                ":last": text(last),
            },
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
        }
        if limit is not None:
            query["Limit"] = min(limit, _MOST)
        return self._window(query, now // 1000, limit)

    def _window(self, query: Json, second: int, limit: int | None) -> Iterator[Row]:
        for item in self._items("Query", query):
            if has_expired(item, second):
                continue
            yield row_in(self._table, item)
            if limit is not None:
                limit -= 1
                if limit == 0:
                    return

    def conversations(self) -> Iterator[str]:
        """As the Protocol says, by reading the whole table: for a laptop, not for a function.

        Read at half the price, so what was written this very second may be missing.
        """
        scan: Json = {
            "ProjectionExpression": "#pk,#sk,#version",
            "ExpressionAttributeNames": aliases("pk", "sk", "version"),
        }
        items = filter(is_of_conversation, self._items("Scan", scan))
        return iter(sorted({item["pk"]["S"] for item in items}))

    # States

    def read_state(self, conversation: str) -> State:
        return state_in(self._table, self._table.get(state_key(conversation), self._table.limits()))

    def write_state(
        self, conversation: str, data: Json, *, version: int, answers: Json | None = None
    ) -> int:
        """As the Protocol says; raises CodeError also for a state of more than 390 KB.

        Raises StoreUnavailable, not StateConflict, where an answer was lost and others have
        written since, because then nobody knows whether this was written in between.
        """
        limits = self._table.limits()
        token = _new_token()
        key = state_key(conversation)
        state = {"version": number(version + 1), **state_of(data, answers or {}), "writer": token}
        condition, values = SAME_VERSION, {":version": number(version)}
        if version == 0:
            condition, values = NO_STATE, {}
        refused = self._table.update(key, state, limits, condition, values)
        if refused is None:
            return version + 1
        met = (self._table.met(refused, key, limits) if refused.maybe_done else None) or {}
        if met.get("writer") == token:
            return version + 1
        if "version" in met and int(met["version"]["N"]) > version + 1:
            raise StoreUnavailable(
                f"{self._table.name}: UpdateItem: the answer was lost, "
                "and others have written since"
            )
        raise StateConflict(f"{conversation}: the state is not at {version} any more")

    # Pushes

    def spend(self, month: str, count: int, *, limit: int) -> bool:
        """As the Protocol says: a write unit; two calls to give back.

        Never more than `limit`: where an answer was lost and others have counted since, pushes may
        be counted twice, and what is given back may stay counted.
        """
        if count < 0:
            self._give_back(month, count)
            return True
        if count == 0 or count > limit:
            return count == 0 and self.spent(month) <= limit
        limits, key, token = self._table.limits(), pushes_key(month), _new_token()
        values = {":room": number(limit - count), ":token": token}
        refused = self._table.update(
            key, {"writer": token}, limits, AFFORDABLE, values, add={"spent": number(count)}
        )
        if refused is None or not refused.maybe_done:
            return refused is None
        met = self._table.met(refused, key, limits) or {}
        return met.get("writer") == token

    def _give_back(self, month: str, count: int) -> None:
        """Take pushes off the count, once, but rather not at all than twice."""
        limits, key, token = self._table.limits(), pushes_key(month), _new_token()
        met = self._table.get(key, limits)
        while met is not None:
            left = max(int(met["spent"]["N"]) + count, 0)
            changes = {"spent": number(left), "writer": token}
            values = {":seen": met["writer"]}
            refused = self._table.update(key, changes, limits, UNTOUCHED, values)
            if refused is None or refused.maybe_done:
                return
            met = self._table.met(refused, key, limits)

    def spent(self, month: str) -> int:
        found = self._table.get(pushes_key(month), self._table.limits())
        return 0 if found is None else int(found["spent"]["N"])

    # All of a conversation

    def forget(self, conversation: str) -> int:
        """As the Protocol says, one delete for each row, eight at a time.

        If it fails half-way, what is deleted stays deleted, and forgetting again goes on.
        """
        from concurrent.futures import ThreadPoolExecutor

        query: Json = {
            "KeyConditionExpression": _OF_CONVERSATION,
            "ProjectionExpression": "#pk,#sk,#version",
            "ExpressionAttributeNames": aliases("pk", "sk", "version"),
            "ExpressionAttributeValues": {":pk": text(conversation)},
            "ConsistentRead": True,
        }
        with ThreadPoolExecutor(_DELETERS, "penniless-forget") as deleters:
            return sum(deleters.map(self._delete, self._items("Query", query)))

    def _delete(self, item: Item) -> bool:
        """Delete an item; whether it was there, and was anything that counts."""
        key = {"pk": item["pk"], "sk": item["sk"]}
        refused = self._table.delete(key, self._table.limits(), PRESENT)
        counts = "version" in item or item["sk"]["S"] != STATE
        return counts and (refused is None or refused.maybe_done)

    def _items(self, operation: str, request: Json) -> Iterator[Item]:
        return chain.from_iterable(self._table.pages(operation, request))


def _new_token() -> Attribute:
    return {"S": urandom(8).hex()}
