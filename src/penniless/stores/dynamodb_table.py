"""One DynamoDB table: its calls, each with a time of its own, and what goes wrong as an exception.

Law of this module: requests and answers; nothing of events, conversations or states. Every
attribute goes by an alias (`#name`), because many plain words are reserved by DynamoDB.
"""

from __future__ import annotations

import time

from msgspec import json

from penniless.connections import Limits
from penniless.errors import StoreUnavailable
from penniless.stores.aws_json import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from penniless.ports import Json
    from penniless.stores.aws_json import JsonCalls
    from penniless.stores.dynamodb_items import Attribute, Item

_REFUSED = "ConditionalCheckFailedException"

NOTHING: Mapping[str, Any] = {}


class Condition:
    """A named condition: its expression, and the attributes in it, found by their `#`."""

    __slots__ = ("expression", "names")

    def __init__(self, expression: str) -> None:
        self.expression = expression
        words = expression.replace("(", " ").replace(")", " ").split()
        self.names = aliases(*(word[1:] for word in words if word.startswith("#")))

    def among(self, name: str, values: Mapping[str, Attribute]) -> Condition:
        """This condition, `(name)` in it being a list of these values."""
        listed = f"({', '.join(values)})"
        return Condition(self.expression.replace(f"({name})", listed))


class Table:
    """A table, over the connections of one `JsonCalls`. Safe for threads.

    Whatever fails raises StoreUnavailable, which names the table, the call and AWS's error code,
    and never a value; only a refused condition is given back.
    """

    def __init__(self, name: str, calls: JsonCalls, *, timeouts: Limits, budget: float) -> None:
        self.name = name
        self._calls = calls
        self._timeouts = timeouts
        self._budget = budget
        self._closed = [False]  # shared by what `within` returns

    @property
    def endpoint(self) -> str:
        return str(self._calls.origin)

    def within(self, seconds: float) -> Table:
        """This table, sharing its connections, for calls that together end in `seconds`."""
        table = object.__new__(type(self))
        table.__dict__.update(self.__dict__)
        until = time.monotonic() + self._timeouts.left(seconds)
        table._timeouts = Limits(self._timeouts.connect, self._timeouts.read, until)
        return table

    def limits(self) -> Limits:
        """The time of an operation that starts now."""
        until = time.monotonic() + self._timeouts.left(self._budget)
        return Limits(self._timeouts.connect, self._timeouts.read, until)

    def warm(self) -> None:
        broken = self._calls.warm(self.limits())
        if broken:
            raise StoreUnavailable(f"{self.name}: {broken.reason}")

    def close(self) -> None:
        self._closed[0] = True
        self._calls.close()

    def put(
        self, item: Item, limits: Limits, condition: Condition, values: Mapping[str, Attribute]
    ) -> Failure | None:
        """Store an item whole; None, or the refusal of the condition."""
        return _refusal(self._write("PutItem", {"Item": item}, limits, condition, values))

    def update(
        self,
        key: Item,
        changes: Mapping[str, Attribute | None],
        limits: Limits,
        condition: Condition | None,
        values: Mapping[str, Attribute],
        *,
        add: Mapping[str, Attribute] = NOTHING,
        take: Mapping[str, Attribute] = NOTHING,
    ) -> Failure | None:
        """Set attributes of an item and remove those whose change is None; as `put` otherwise.

        `add` is added to numbers and sets, `take` taken out of sets.
        """
        request, new = _update(key, changes, add, take)
        return _refusal(self._write("UpdateItem", request, limits, condition, {**values, **new}))

    def updated(
        self,
        key: Item,
        changes: Mapping[str, Attribute | None],
        limits: Limits,
        condition: Condition,
        values: Mapping[str, Attribute],
    ) -> Item | Failure:
        """As `update`, and gives back the whole item as this has left it."""
        request, new = _update(key, changes, NOTHING, NOTHING)
        request["ReturnValues"] = "ALL_NEW"
        answer = self._write("UpdateItem", request, limits, condition, {**values, **new})
        if isinstance(answer, Failure):
            return answer
        item: Item = answer["Attributes"]
        return item

    def delete(self, key: Item, limits: Limits, condition: Condition) -> Failure | None:
        """Delete an item; as `put` otherwise."""
        return _refusal(self._write("DeleteItem", {"Key": key}, limits, condition, {}))

    def replace(self, item: Item) -> None:
        """Store an item whole, whatever was there."""
        self.send("PutItem", {"Item": item}, self.limits())

    def get(self, key: Item, limits: Limits) -> Item | None:
        """The item as all writes before have left it."""
        answer = self.send("GetItem", {"Key": key, "ConsistentRead": True}, limits)
        found: Item | None = answer.get("Item")
        return found

    def met(self, refused: Failure, key: Item, limits: Limits) -> Item | None:
        """What a refused condition met; None if nothing is there.

        DynamoDB sends it with the refusal; others that speak its protocol have to be asked.
        """
        return refused.item or self.get(key, limits)

    def pages(
        self, operation: str, request: Json, *, cures: Mapping[str, str] = NOTHING
    ) -> Iterator[list[Any]]:
        """The items of a Query or Scan, page by page; each page has its own time."""
        while True:
            page = self.send(operation, request, self.limits(), cures=cures)
            yield page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def send(
        self, operation: str, request: Json, limits: Limits, *, cures: Mapping[str, str] = NOTHING
    ) -> Json:
        """Any call; `cures` tells what an error code means here."""
        answer = self._try(operation, request, limits)
        if isinstance(answer, Failure):
            raise self._unavailable(operation, answer, cures)
        return answer

    def _write(
        self,
        operation: str,
        request: Json,
        limits: Limits,
        condition: Condition | None,
        values: Mapping[str, Attribute],
    ) -> Json | Failure:
        if condition:
            request["ConditionExpression"] = condition.expression
            names = request.get("ExpressionAttributeNames", {})
            request["ExpressionAttributeNames"] = {**names, **condition.names}
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if values:
            request["ExpressionAttributeValues"] = values
        answer = self._try(operation, request, limits)
        if isinstance(answer, Failure) and answer.code != _REFUSED:
            raise self._unavailable(operation, answer)
        return answer

    def _try(self, operation: str, request: Json, limits: Limits) -> Json | Failure:
        if self._closed[0]:
            raise StoreUnavailable(f"{self.name}: the store is closed")
        request["TableName"] = self.name
        return self._calls.send(operation, json.encode(request), limits)

    def _unavailable(
        self, operation: str, failure: Failure, cures: Mapping[str, str] = NOTHING
    ) -> StoreUnavailable:
        why = failure.why
        if failure.code in cures:
            why += f": {cures[failure.code]}"
        if failure.code == "ResourceNotFoundException":
            why += f": there is no such table at {self.endpoint}"
        return StoreUnavailable(f"{self.name}: {operation}: {why}")


def _update(
    key: Item,
    changes: Mapping[str, Attribute | None],
    add: Mapping[str, Attribute],
    take: Mapping[str, Attribute],
) -> tuple[Json, dict[str, Attribute]]:
    """The request of an update, and the values in its expression."""
    kept = {name: value for name, value in changes.items() if value is not None}
    clauses = (
        ("SET", [f"#{name}=:new_{name}" for name in kept]),
        ("REMOVE", [f"#{name}" for name in changes if name not in kept]),
        ("ADD", [f"#{name} :new_{name}" for name in add]),
        ("DELETE", [f"#{name} :new_{name}" for name in take]),
    )
    request: Json = {
        "Key": key,
        "UpdateExpression": " ".join(f"{verb} {','.join(what)}" for verb, what in clauses if what),
        "ExpressionAttributeNames": aliases(*changes, *add, *take),
    }
    new = {**kept, **add, **take}
    return request, {f":new_{name}": value for name, value in new.items()}


def _refusal(answer: Json | Failure) -> Failure | None:
    return answer if isinstance(answer, Failure) else None


def aliases(*names: str) -> dict[str, str]:
    return {f"#{name}": name for name in names}
