"""A DynamoDB that throttles, fails, hangs and drops: a proxy of real sockets before ministack.

Run as `python -m tests.chaos.shaky PORT-OF-MINISTACK SEED RATE`; it prints its own port and lives
as long as its standard input. Each request meets each fault with the probability RATE; what met
what follows from SEED and the order of requests. SIGUSR1 ends all trouble.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sys

FAULTS = ("throttled", "500", "dropped before", "dropped after", "slow")
SLOW = 0.7
"""Seconds; longer than one attempt of an impatient store waits."""

_ERRORS = {
    "throttled": (
        b"400 Bad Request",
        b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",'
        b'"message":"The level of configured provisioned throughput was exceeded"}',
    ),
    "500": (
        b"500 Internal Server Error",
        b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal"}',
    ),
}


class Proxy:
    """One upstream connection for each that comes in."""

    def __init__(self, port: int, seed: int, rate: float) -> None:
        self._port = port
        self._chance = random.Random(seed)
        self._rate = rate

    def calm_down(self) -> None:
        """Pass on everything from now on."""
        self._rate = 0.0

    def _fault(self) -> str:
        drawn = self._chance.random()
        number = int(drawn / self._rate) if self._rate else len(FAULTS)
        return FAULTS[number] if number < len(FAULTS) else ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while await self._exchange(reader, writer, upstream, downstream):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two went away
        finally:
            for one in (writer, downstream):
                one.close()

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: asyncio.StreamReader,
        downstream: asyncio.StreamWriter,
    ) -> bool:
        request = await _message(reader)
        fault = self._fault()
        if fault in _ERRORS:
            status, body = _ERRORS[fault]
            length = b"content-length: %d\r\n\r\n" % len(body)
            writer.write(b"HTTP/1.1 " + status + b"\r\n" + length + body)
            await writer.drain()
            return True
        if fault == "dropped before":
            return False
        downstream.write(request)
        await downstream.drain()
        answer = await _message(upstream)
        if fault == "dropped after":
            return False
        if fault == "slow":
            await asyncio.sleep(SLOW)
        writer.write(answer)
        await writer.drain()
        return True


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One request or answer, whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return head + await _chunks(reader)
    length = next(
        (
            int(line.partition(b":")[2])
            for line in lower.split(b"\r\n")
            if line.startswith(b"content-length:")
        ),
        0,
    )
    return head + await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while True:
        line = await reader.readline()
        size = int(line, 16)
        found += line + await reader.readexactly(size + 2)
        if not size:
            return found


async def main(port: str, seed: str, rate: str) -> None:
    proxy = Proxy(int(port), int(seed), float(rate))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, proxy.calm_down)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
