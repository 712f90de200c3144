"""The state of a conversation: read once, written if changed, never over somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from penniless.conversation import Conversation
from penniless.errors import CodeError, StateConflict
from penniless.events.common import NOBODY
from penniless.ports import Json, State
from penniless.stores.memory import MemoryStore

KEY = "user#U1"


class Counting(MemoryStore):
    """A store that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.writes = 0

    def read_state(self, conversation: str) -> State:
        self.reads += 1
        return super().read_state(conversation)

    def write_state(self, conversation: str, data: Json, *, version: int) -> int:
        self.writes += 1
        return super().write_state(conversation, data, version=version)


@pytest.fixture
def store() -> Counting:
    return Counting()


def test_state_is_read_once_and_written_if_changed(store: Counting) -> None:
    """Untouched: nothing. Touched: one read. Changed, nested parts too: one write."""
    assert Conversation(KEY, store).save() is False
    assert (store.reads, store.writes) == (0, 0)
    first = Conversation(KEY, store)
    first.state["cart"] = {"items": ["卵"]}
    assert first.state is first.state
    assert first.save() is True
    assert first.save() is False
    assert (store.reads, store.writes) == (1, 1)
    second = Conversation(KEY, store)
    second.state["cart"]["items"].append("牛乳")
    assert second.save() is True
    assert store.read_state(KEY) == State(2, {"cart": {"items": ["卵", "牛乳"]}})


def test_state_may_be_saved_more_than_once(store: Counting) -> None:
    """Each save goes on from the version that the last one wrote."""
    conversation = Conversation(KEY, store)
    for number in range(3):
        conversation.state["n"] = number
        assert conversation.save() is True
    assert store.read_state(KEY) == State(3, {"n": 2})


def test_order_of_keys_is_no_change(store: Counting) -> None:
    """The same entries put in another order are the same state."""
    store.write_state(KEY, {"a": 1, "b": 2}, version=0)
    conversation = Conversation(KEY, store)
    conversation.state["a"] = conversation.state.pop("a")
    assert conversation.save() is False


def test_slower_of_two_writers_is_told(store: Counting) -> None:
    """The second one loses, and what the first wrote stays."""
    one, two = Conversation(KEY, store), Conversation(KEY, store)
    one.state["winner"], two.state["winner"] = "one", "two"
    assert one.save() is True
    with pytest.raises(StateConflict):
        two.save()
    assert store.read_state(KEY).data == {"winner": "one"}


@pytest.mark.parametrize("value", [{1, 2}, object(), datetime.now(UTC), b"x", float("nan"), (1,)])
def test_state_must_be_json(store: Counting, value: Any) -> None:
    """What would read back as something else is refused when it is stored."""
    conversation = Conversation(KEY, store)
    conversation.state["value"] = value
    with pytest.raises(CodeError, match="state"):
        conversation.save()
    assert store.read_state(KEY).version == 0


def test_state_that_contains_itself_is_refused(store: Counting) -> None:
    """A circle is no JSON either."""
    conversation = Conversation(KEY, store)
    conversation.state["me"] = conversation.state
    with pytest.raises(CodeError, match="state"):
        conversation.save()


def test_state_of_nobody_is_not_kept(store: Counting) -> None:
    """Events that name no conversation would share it, strangers with strangers."""
    nobody = Conversation(NOBODY, store)
    nobody.state["name"] = "Alice"
    assert nobody.state == {"name": "Alice"}
    assert nobody.save() is False
    assert Conversation(NOBODY, store).state == {}
    assert (store.reads, store.writes) == (0, 0)
