"""The store on AWS: one DynamoDB table, five calls, and no SDK on the way to the answer.

Law of this module: which request each operation of `ports.Store` is, and under which named
condition it may change anything. How items look stands in `dynamodb_items`, how requests are
signed, sent and repeated in `aws_json`. `docs/dynamodb.md` tells costs and failures.
"""

from __future__ import annotations

import time
from itertools import chain
from os import urandom

from msgspec import DecodeError

from penniless.connections import Limits
from penniless.errors import SettingsError, StateConflict, StoreUnavailable
from penniless.ports import Claim, State
from penniless.stores.aws_json import DYNAMODB, JsonCalls
from penniless.stores.dynamodb_items import (
    END_OF_TIME,
    FIRST_TIME,
    answer_of,
    has_expired,
    item_of,
    key_of,
    number,
    row_of,
    sort_key,
    state_key,
    state_of,
    text,
)
from penniless.stores.dynamodb_table import Condition, Table, aliases
from penniless.stores.encoding import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from penniless.ports import Json, Row
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
#   A                                            finish as attempt 1, MINE: refused
#   C                                            finish as attempt 2, MINE: stored
#   E                                                    put, ABSENT: refused; finished -> `done`
#
# And one worker against itself, when the network loses an answer. Every claim carries a random
# token into the row, so that a second attempt which is refused knows what it met:
#
#   A  put, ABSENT: stored, but the answer is lost
#   A                       again, ABSENT: refused; it met its own token -> granted
#   A                                finish, MINE: stored, but the answer is lost
#   A                                        again, MINE: refused; it met its own answer -> finished
#   A          (delayed in the network) the first finish, MINE: refused
#
# A state is written under NO_STATE or SAME_VERSION, with a token too. DynamoDB decides each of
# these writes alone and in order, for one item: there is no moment between condition and change.
ABSENT = Condition("attribute_not_exists(#pk) OR #expires_at <= :second")
ABANDONED = Condition(
    "#status = :claimed AND #attempt = :attempt AND #claimed_until <= :now"
    " AND (attribute_not_exists(#expires_at) OR #expires_at > :second)"
)
MINE = Condition("#status = :claimed AND #attempt = :attempt")
NO_STATE = Condition("attribute_not_exists(#pk)")
SAME_VERSION = Condition("#version = :version")
HAS_MESSAGE = Condition("attribute_exists(#message)")
PRESENT = Condition("attribute_exists(#pk)")

_IN_WINDOW = "#pk = :pk AND #sk BETWEEN :first AND :last"
_OF_CONVERSATION = "#pk = :pk"
_OF_MESSAGE = "#message_id = :id"

_CLAIMED: Attribute = {"S": "claimed"}

_UNSEND_PAGE = 100
_UNSEND_DEPTH = 2_000
"""Rows of a conversation, the newest first, in which an unsent message is looked for."""
_DELETERS = 8
_MOST = 1 << 20
"""Rows that one page is asked for at most; it ends at 1 MB anyway."""
_UNREADABLE = (KeyError, TypeError, ValueError, DecodeError)


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
        while True:  # until `limits` end it: whatever changes in between is looked at again
            refused = self._table.put(item, limits, ABSENT, {":second": number(now // 1000)})
            if refused is None:
                return Claim(granted=True, found="nothing")
            met = self._table.met(refused, key_of(row), limits)
            if met is None or has_expired(met, now // 1000):
                continue  # it was forgotten, or has expired, this moment: absent
            attempt = int(met["attempt"]["N"])
            if met.get("claim") == token:
                return _granted(attempt)
            if met["status"] != _CLAIMED:
                return Claim(granted=False, found="done", attempt=attempt)
            if int(met["claimed_until"]["N"]) > now:
                return Claim(granted=False, found="live", attempt=attempt)
            if self._take_over(row, attempt, token, now, limits):
                return _granted(attempt + 1)

    def _take_over(
        self, row: Row, attempt: int, token: Attribute, now: int, limits: Limits
    ) -> bool:
        """Raise the attempt of an abandoned claim; False if something else happened to it first.

        Also False if this very write was stored and its answer lost: then the next look at the row
        finds the token.
        """
        values = {
            ":claimed": _CLAIMED,
            ":attempt": number(attempt),
            ":now": number(now),
            ":second": number(now // 1000),
        }
        changes = {
            "attempt": number(attempt + 1),
            "claimed_until": number(row.claimed_until),
            "claim": token,
        }
        return self._table.update(key_of(row), changes, limits, ABANDONED, values) is None

    def finish(self, row: Row) -> bool:
        """As the Protocol says: one write unit per KB of the whole row."""
        limits = self._table.limits()
        answer = answer_of(row)
        values = {":claimed": _CLAIMED, ":attempt": number(row.attempt)}
        refused = self._table.update(key_of(row), answer, limits, MINE, values)
        if refused is None:
            return True
        if not refused.maybe_done:
            return False
        met = self._table.met(refused, key_of(row), limits) or {}
        stored = {**answer, "attempt": number(row.attempt)}
        return all(met.get(name) == value for name, value in stored.items())

    def append(self, row: Row) -> None:
        self._table.replace(item_of(row))

    def unsend(self, conversation: str, message_id: str) -> int:
        """As the Protocol says, in the newest 2,000 rows.

        The search ends with the page that has the message itself: its edited wordings are newer.
        """
        limits = self._table.limits()
        touched = 0
        for page in self._pages_of_message(conversation, message_id, limits):
            for item in page:
                key = {"pk": text(conversation), "sk": item["sk"]}
                refused = self._table.update(key, {"message": None}, limits, HAS_MESSAGE, {})
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
            yield self._row(item)
            if limit is not None:
                limit -= 1
                if limit == 0:
                    return

    def conversations(self) -> Iterator[str]:
        """As the Protocol says, by reading the whole table: for a laptop, not for a function.

        Read at half the price, so what was written this very second may be missing.
        """
        scan: Json = {"ProjectionExpression": "#pk", "ExpressionAttributeNames": aliases("pk")}
        return iter(sorted({item["pk"]["S"] for item in self._items("Scan", scan)}))

    # States

    def read_state(self, conversation: str) -> State:
        found = self._table.get(state_key(conversation), self._table.limits())
        if found is None:
            return State(0, {})
        try:
            return State(int(found["version"]["N"]), decode(found["data"]["S"]))
        except _UNREADABLE:
            raise StoreUnavailable(f"{self._table.name}: a state cannot be read") from None

    def write_state(self, conversation: str, data: Json, *, version: int) -> int:
        """As the Protocol says; raises CodeError also for a state of more than 390 KB.

        Raises StoreUnavailable, not StateConflict, where an answer was lost and others have
        written since, because then nobody knows whether this was written in between.
        """
        limits = self._table.limits()
        token = _new_token()
        key = state_key(conversation)
        state = {"version": number(version + 1), "data": state_of(data), "writer": token}
        condition, values = SAME_VERSION, {":version": number(version)}
        if version == 0:
            condition, values = NO_STATE, {}
        refused = self._table.put({**key, **state}, limits, condition, values)
        if refused is None:
            return version + 1
        met = (self._table.met(refused, key, limits) if refused.maybe_done else None) or {}
        if met.get("writer") == token:
            return version + 1
        if met and int(met["version"]["N"]) > version + 1:
            raise StoreUnavailable(
                f"{self._table.name}: PutItem: the answer was lost, and others have written since"
            )
        raise StateConflict(f"{conversation}: the state is not at {version} any more")

    # All of a conversation

    def forget(self, conversation: str) -> int:
        """As the Protocol says, one delete for each row, eight at a time.

        If it fails half-way, what is deleted stays deleted, and forgetting again goes on.
        """
        from concurrent.futures import ThreadPoolExecutor

        query: Json = {
            "KeyConditionExpression": _OF_CONVERSATION,
            "ProjectionExpression": "#pk,#sk",
            "ExpressionAttributeNames": aliases("pk", "sk"),
            "ExpressionAttributeValues": {":pk": text(conversation)},
            "ConsistentRead": True,
        }
        with ThreadPoolExecutor(_DELETERS, "penniless-forget") as deleters:
            return sum(deleters.map(self._delete, self._items("Query", query)))

    def _delete(self, key: Item) -> bool:
        refused = self._table.delete(key, self._table.limits(), PRESENT)
        return refused is None or refused.maybe_done

    def _items(self, operation: str, request: Json) -> Iterator[Item]:
        return chain.from_iterable(self._table.pages(operation, request))

    def _row(self, item: Item) -> Row:
        try:
            return row_of(item)
        except _UNREADABLE:
            raise StoreUnavailable(f"{self._table.name}: a row cannot be read") from None


def _granted(attempt: int) -> Claim:
    return Claim(granted=True, found="nothing" if attempt == 1 else "expired", attempt=attempt)


def _new_token() -> Attribute:
    return {"S": urandom(8).hex()}
