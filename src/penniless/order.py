"""Turns: the events of one conversation are handled one after the other in this process."""

from __future__ import annotations

from threading import Lock


class Order:
    """One lock a conversation, so that its events are handled one after the other."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._locks: dict[str, tuple[Lock, int]] = {}

    def of(self, conversation: str) -> Turn:
        return Turn(self, conversation)

    def enter(self, conversation: str) -> None:
        with self._guard:
            lock, users = self._locks.get(conversation) or (Lock(), 0)
            self._locks[conversation] = (lock, users + 1)
        lock.acquire()

    def leave(self, conversation: str) -> None:
        with self._guard:
            lock, users = self._locks.pop(conversation)
            if users > 1:
                self._locks[conversation] = (lock, users - 1)
        lock.release()


class Turn:
    __slots__ = ("_conversation", "_order")

    def __init__(self, order: Order, conversation: str) -> None:
        self._order = order
        self._conversation = conversation

    def __enter__(self) -> None:
        self._order.enter(self._conversation)

    def __exit__(self, *_: object) -> None:
        self._order.leave(self._conversation)
