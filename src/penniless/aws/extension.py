"""Work after the response: an extension of Lambda, in a thread of the function itself.

When a function has answered, Lambda freezes its environment, threads and all, until the next
invocation. But first it waits until the runtime and every registered extension have asked for the
next event. This extension asks when the work that the invocation left behind is done. The caller
has had its answer for long then, and no second request is paid for; the time is.

    handler     begin ------ end                          answered in time
    deferred work      ---------------------- done
    extension   INVOKE ...................... next         frozen from here on

The next invocation of this environment waits for that too. Whoever comes meanwhile gets another
environment. The function's timeout ends all of it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

from __future__ import annotations

import logging
from threading import Condition, Thread

from msgspec import json

from penniless.aws.process_age import process_age
from penniless.connections import Answer, Limits, Pool, Request, parse_origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "penniless"
REGISTER = "/2020-01-01/extension/register"
NEXT = "/2020-01-01/extension/event/next"

PATIENCE = 2.0
"""Seconds that registering may take; it goes to this very machine."""

FOR_EVER = 30 * 86_400.0
"""Seconds to wait for the next event. The environment may be frozen for hours meanwhile."""

BEGINS_WITHIN = 5.0
"""Seconds after which an invocation will not reach the handler: what is no JSON does not."""

LEAST_DEADLINE = 0.2
COLD = 10.0
"""Seconds that the init phase takes at most; an older environment was made in advance."""

_LARGEST_EVENT = 64 * 1024


class Extension:
    """Holds the environment until the work after each response is done.

    It registers in a thread of its own as soon as it is made, which must be in the init phase:
    Lambda refuses it later. `wait` blocks until no work is left. The handler tells of each
    invocation with `begin` and `end`, whatever became of it.
    """

    def __init__(self, api: str, wait: Callable[[], object]) -> None:
        self._pool = Pool(parse_origin(f"http://{api}"), keep_alive=FOR_EVER, size=1)
        self._wait = wait
        self._changed = Condition()
        self._holds: bool | None = None
        self._begun = self._ended = ""
        self._first = True
        Thread(target=self._run, name="penniless-extension", daemon=True).start()

    def registered(self) -> bool:
        """Whether Lambda waits for it; blocks until that is known, `PATIENCE` at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._holds is not None, PATIENCE)
            return bool(self._holds)

    def deadline(self, usual: float) -> float | None:
        """Seconds until the webhook is answered, done or not; None where no work can follow.

        LINE's two seconds run during a cold start too, so the first deadline is that much shorter.
        """
        first, self._first = self._first, False
        if not self._holds:
            return None
        age = process_age() if first else 0.0
        return max(usual - age, min(usual, LEAST_DEADLINE)) if 0 < age < COLD else usual

    def begin(self, request_id: str) -> None:
        """The handler was called."""
        with self._changed:
            self._begun = request_id
            self._changed.notify_all()

    def end(self, request_id: str) -> None:
        """The handler returned or raised; what it leaves behind has been started."""
        with self._changed:
            self._ended = request_id
            self._changed.notify_all()

    def _run(self) -> None:
        """Register, then see one invocation after the other out; ends when Lambda refuses."""
        try:
            headers = {"Lambda-Extension-Identifier": self._register()}
            self._settle(holds=True)
            while True:
                event = json.decode(self._ask("GET", NEXT, headers).body)
                if event.get("eventType") == "INVOKE":
                    self._see_out(event.get("requestId", ""))
        except Exception as error:  # noqa: BLE001  # the bot works without an extension too
            _logger().warning(
                "slow handlers are waited for, because Lambda does not let them work after the "
                "response: %s",
                error if isinstance(error, Refused) else type(error).__name__,
            )
            self._pool.close()
            self._settle(holds=False)

    def _register(self) -> str:
        """The identifier that Lambda gives this extension."""
        answer = self._ask("POST", REGISTER, {"Lambda-Extension-Name": NAME}, EVENTS, PATIENCE)
        return answer.header("Lambda-Extension-Identifier")

    def _settle(self, *, holds: bool) -> None:
        with self._changed:
            self._holds = holds
            self._changed.notify_all()

    def _see_out(self, request_id: str) -> None:
        """Block until that invocation has returned and its work is done."""
        with self._changed:
            known = self._changed.wait_for(
                lambda: request_id in {self._begun, self._ended}, BEGINS_WITHIN
            )
            if known:
                self._changed.wait_for(lambda: self._ended == request_id)
        try:
            self._wait()
        except Exception as error:  # noqa: BLE001  # or each later invocation would time out
            _logger().error("the work after the response failed: %s", type(error).__name__)

    def _ask(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes = b"",
        seconds: float = FOR_EVER,
    ) -> Answer:
        """One call of the Extensions API. Raises Refused for everything but a 200."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._pool.origin.authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}"] if body else []
        head = "\r\n".join([*lines, "", ""]).encode("ascii")
        answer = self._pool.exchange(Request(method, target, head, body), Limits(PATIENCE, seconds))
        if not isinstance(answer, Answer):
            raise Refused(f"{target}: {answer.reason}")
        answer.load(_LARGEST_EVENT)
        if answer.status != 200:
            raise Refused(f"{target}: {answer.status} {_error_type(answer.body)}".rstrip())
        return answer


EVENTS = json.encode({"events": ["INVOKE"]})
"""Not SHUTDOWN, which Lambda refuses to extensions inside the function."""


class Refused(Exception):
    """What the Extensions API answered instead."""


def _error_type(body: bytes) -> str:
    try:
        return str(json.decode(body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return ""


def _logger() -> logging.Logger:
    return logging.getLogger("penniless")
