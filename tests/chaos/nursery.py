"""Where the bots' processes come from: forked from one that has imported everything already.

Run as `python -m tests.chaos.nursery`. Each line on standard input is a request in JSON, answered
by a line of JSON: `{"start": Plan}` gives the process id once it listens, `{"kill": pid}` kills
and reaps, `{"reap": pid}` waits for one that ends by itself, `{"signal": [pid, number]}` sends
any signal. A real process costs the suite 30 ms so, not a second. Ends with its standard input,
and its children with it.

Nothing here has a thread: a process with threads must not fork.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any

import msgspec

from tests.chaos import bot

_CHILDREN: set[int] = set()


def main() -> None:
    try:
        for line in sys.stdin.buffer:
            [(what, value)] = msgspec.json.decode(line).items()
            told = _DO[what](value)
            sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
            sys.stdout.buffer.flush()
    finally:
        for pid in tuple(_CHILDREN):
            _kill(pid)


def _start(value: Any) -> int:
    plan = msgspec.convert(value, bot.Plan)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", plan.port))
    listener.listen(1024)
    pid = os.fork()
    if pid:
        listener.close()  # the child has it; a caller who is early waits in its queue
        _CHILDREN.add(pid)
        return pid
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)  # what it prints is no answer of the nursery's
        bot.run(plan, listener)
    finally:
        os._exit(1)


def _kill(pid: int) -> int:
    if pid in _CHILDREN:
        os.kill(pid, signal.SIGKILL)
    return _reap(pid)


def _reap(pid: int) -> int:
    """Wait for its end; how it ended, as `subprocess` says it."""
    if pid not in _CHILDREN:
        return 0
    _, status = os.waitpid(pid, 0)
    _CHILDREN.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _signal(value: Any) -> int:
    pid, number = value
    if pid in _CHILDREN:
        os.kill(pid, number)
    return 0


_DO = {"start": _start, "kill": _kill, "reap": _reap, "signal": _signal}

if __name__ == "__main__":
    main()
