"""The state of a conversation: read once, written if changed, never over somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from penniless.conversation import ANSWERS_KEPT, Conversation
from penniless.errors import CodeError, StateConflict
from penniless.events.common import NOBODY
from penniless.ports import Json, State
from penniless.stores.memory import MemoryStore

KEY = "user#U1"
NOW = 1_767_225_600_000
HI: list[Json] = [{"type": "text", "text": "hi"}]


class Counting(MemoryStore):
    """A store that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.writes = 0

    def read_state(self, conversation: str) -> State:
        self.reads += 1
        return super().read_state(conversation)

    def write_state(
        self, conversation: str, data: Json, *, version: int, answers: Json | None = None
    ) -> int:
        self.writes += 1
        return super().write_state(conversation, data, version=version, answers=answers)


def save(conversation: Conversation, event_id: str = "E1", now: int = NOW) -> bool:
    """Store the state with an answer to that event."""
    return conversation.save(event_id, HI, now)


@pytest.fixture
def store() -> Counting:
    return Counting()


def test_state_is_read_once_and_written_if_changed(store: Counting) -> None:
    """Untouched: nothing. Touched: one read. Changed, nested parts too: one write."""
    assert save(Conversation(KEY, store)) is False
    assert (store.reads, store.writes) == (0, 0)
    first = Conversation(KEY, store)
    first.state["cart"] = {"items": ["卵"]}
    assert first.state is first.state
    assert save(first) is True
    assert save(first) is False
    assert (store.reads, store.writes) == (1, 1)
    second = Conversation(KEY, store)
    second.state["cart"]["items"].append("牛乳")
    assert save(second, "E2") is True
    stored = store.read_state(KEY)
    assert (stored.version, stored.data) == (2, {"cart": {"items": ["卵", "牛乳"]}})


def test_state_may_be_saved_more_than_once(store: Counting) -> None:
    """Each save goes on from the version that the last one wrote."""
    conversation = Conversation(KEY, store)
    for number in range(3):
        conversation.state["n"] = number
        assert save(conversation, f"E{number}") is True
    stored = store.read_state(KEY)
    assert (stored.version, stored.data) == (3, {"n": 2})


def test_order_of_keys_is_no_change(store: Counting) -> None:
    """The same entries put in another order are the same state."""
    store.write_state(KEY, {"a": 1, "b": 2}, version=0)
    conversation = Conversation(KEY, store)
    conversation.state["a"] = conversation.state.pop("a")
    assert save(conversation) is False


def test_slower_of_two_writers_is_told(store: Counting) -> None:
    """The second one loses, and what the first wrote stays."""
    one, two = Conversation(KEY, store), Conversation(KEY, store)
    one.state["winner"], two.state["winner"] = "one", "two"
    assert save(one) is True
    with pytest.raises(StateConflict):
        save(two)
    assert store.read_state(KEY).data == {"winner": "one"}


@pytest.mark.parametrize("value", [{1, 2}, object(), datetime.now(UTC), b"x", float("nan"), (1,)])
def test_state_must_be_json(store: Counting, value: Any) -> None:
    """What would read back as something else is refused when it is stored."""
    conversation = Conversation(KEY, store)
    conversation.state["value"] = value
    with pytest.raises(CodeError, match="state"):
        save(conversation)
    assert store.read_state(KEY).version == 0


def test_state_that_contains_itself_is_refused(store: Counting) -> None:
    """A circle is no JSON either."""
    conversation = Conversation(KEY, store)
    conversation.state["me"] = conversation.state
    with pytest.raises(CodeError, match="state"):
        save(conversation)


def test_state_of_nobody_is_not_kept(store: Counting) -> None:
    """Events that name no conversation would share it, strangers with strangers."""
    nobody = Conversation(NOBODY, store)
    nobody.state["name"] = "Alice"
    assert nobody.state == {"name": "Alice"}
    assert save(nobody) is False
    assert Conversation(NOBODY, store).state == {}
    assert (store.reads, store.writes) == (0, 0)


def test_state_that_was_found_is_not_read_again(store: Counting) -> None:
    """What the desk held is taken as it is, and the write names its version."""
    store.write_state(KEY, {"n": 1}, version=0)
    found = store.read_state(KEY)
    store.reads = 0
    conversation = Conversation(KEY, store, found)
    conversation.state["n"] += 1
    assert save(conversation) is True
    assert (store.reads, store.read_state(KEY).data) == (0, {"n": 2})


def test_answer_is_stored_with_the_change(store: Counting) -> None:
    """Whoever handles the event again finds its answer; no other event does."""
    first = Conversation(KEY, store)
    assert first.answer_to("E1") is None
    first.state["n"] = 1
    save(first)
    again = Conversation(KEY, store, store.read_state(KEY))
    assert again.answer_to("E1") == HI
    assert again.answer_to("E2") is None
    assert again.state == {"n": 1}


def test_what_was_replied_before_is_stored_too(store: Counting) -> None:
    """So that nobody takes the reply that used the token for the rest of the answer."""
    first = Conversation(KEY, store)
    first.state["n"] = 1
    assert first.replied_to("E1") == []
    first.save("E1", [], NOW, replied=HI)
    again = Conversation(KEY, store, store.read_state(KEY))
    assert (again.answer_to("E1"), again.replied_to("E1")) == ([], HI)
    assert again.replied_to("E2") == []


def test_answer_without_a_change_is_not_stored(store: Counting) -> None:
    """A handler that left the state alone may run again."""
    conversation = Conversation(KEY, store)
    assert conversation.state == {}
    assert save(conversation) is False
    assert store.read_state(KEY) == State(0, {})


def test_no_event_changes_the_state_twice(store: Counting) -> None:
    """Of two workers on one event the second is told, even if it read the state after the first."""
    first = Conversation(KEY, store)
    first.state["n"] = 1
    save(first)
    second = Conversation(KEY, store)
    second.state["n"] += 1
    with pytest.raises(StateConflict, match="already"):
        save(second)
    assert store.read_state(KEY).data == {"n": 1}


def test_answers_do_not_pile_up(store: Counting) -> None:
    """The newest eight are kept, and none for longer than five minutes."""
    for number in range(12):
        conversation = Conversation(KEY, store)
        conversation.state["n"] = number
        save(conversation, f"E{number}", NOW + number)
    assert list(store.read_state(KEY).answers) == [f"E{number}" for number in range(4, 12)]
    late = Conversation(KEY, store)
    late.state["n"] = "late"
    save(late, "E99", NOW + 8 + ANSWERS_KEPT)
    assert list(store.read_state(KEY).answers) == ["E9", "E10", "E11", "E99"]
