"""A bot behind an address, in whatever language: the simulated LINE is served on a port.

Law of this module: real time and real sockets. The world belongs to the server's thread; whatever
a test wants of it runs there.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any, TypeVar

from penniless.simulator.records import Webhook
from penniless.simulator.server import serving
from penniless.simulator.simulator import Simulator
from penniless.testing.clock import Clock

_T = TypeVar("_T")

LONGEST = 60.0
"""Seconds until a test gives up on the simulator itself."""


class Outside:
    """The carrier of a bot behind an address."""

    patience = 2.0
    raises = True

    def __init__(self, clock: Clock, port: int) -> None:
        """Raises OSError if the port is taken."""
        clock.run()
        secret, token = (
            os.environ.get(name, "").split(",")[0].strip() or None
            for name in ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN")
        )
        self._simulator = Simulator(secret, token, clock=clock)
        self.world = self._simulator.world
        self._open = ExitStack()
        self.url = self._open.enter_context(serving(self._simulator, port))

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a bot that talks to this LINE."""
        return {
            "LINE_CHANNEL_SECRET": self._simulator.channel_secret,
            "LINE_CHANNEL_ACCESS_TOKEN": self._simulator.channel_access_token,
            "LINE_API_ORIGIN": self.url,
        }

    def close(self) -> None:
        self._open.close()

    def do(self, what: Callable[[], _T]) -> _T:
        done: Future[_T] = Future()
        self._simulator._in_loop(lambda: _fulfil(done, what))
        return done.result(LONGEST)

    def deliver(self, webhook: Webhook) -> None:
        done = self.do(lambda: _begun(self._simulator, webhook))
        done.result(LONGEST)
        if self.raises and webhook.done and webhook.reason != "ok" and not webhook.fault:
            raise AssertionError(_failure_of(webhook))


def _fulfil(done: Future[Any], what: Callable[[], Any]) -> None:
    try:
        done.set_result(what())
    except Exception as error:  # noqa: BLE001  # it belongs to whoever waits
        done.set_exception(error)


def _begun(simulator: Simulator, webhook: Webhook) -> Future[Webhook]:
    return asyncio.run_coroutine_threadsafe(simulator.deliver(webhook), asyncio.get_running_loop())


def _failure_of(webhook: Webhook) -> str:
    detail = f" ({webhook.detail})" if webhook.detail else ""
    return f"the webhook to {webhook.url or 'nowhere'} failed: {webhook.reason}{detail}"
