"""Turns: one at a time in a conversation, any number in different ones."""

from __future__ import annotations

import threading

import pytest

from penniless.order import Order


def test_turns_of_one_conversation_wait_for_each_other() -> None:
    """Eight threads that add to one number lose nothing, and the order keeps no lock afterwards."""
    order = Order()
    total = [0]

    def add() -> None:
        for _ in range(200):
            with order.of("user#U1"):
                seen = total[0]
                total[0] = seen + 1

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert total == [1600]
    assert order._locks == {}


def test_turns_of_different_conversations_do_not_wait() -> None:
    """Inside one turn another conversation's can be taken."""
    order = Order()
    with order.of("user#U1"), order.of("user#U2"):
        assert sorted(order._locks) == ["user#U1", "user#U2"]
    assert order._locks == {}


def test_turn_ends_with_an_error_too() -> None:
    """An exception inside a turn does not block the conversation."""
    order = Order()
    with pytest.raises(ZeroDivisionError), order.of("user#U1"):
        raise ZeroDivisionError
    with order.of("user#U1"):
        assert list(order._locks) == ["user#U1"]
