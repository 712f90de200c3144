"""What leaves AWS for a message: the call of LINE, and the webhook's answer, down to the packets.

Law of this module: requests and bodies are counted in the run, TLS is measured with this machine's
OpenSSL, and what stands below is estimated. AWS does not publish what of TLS and TCP it bills, so
all of it is counted. What goes to DynamoDB stays in the Region and costs nothing.
"""

from __future__ import annotations

import ssl
import statistics
from contextlib import suppress

from benchmarks import endpoint
from benchmarks.cost.accounting import Account

PACKET = 52
"""Bytes of IPv4 and TCP in front of a packet, with timestamps."""
CALL_PACKETS = 9
"""Estimate, of a call on a new connection: SYN, hello, Finished and request, FIN, five ACKs."""
ANSWER_PACKETS = 2
"""Estimate: the answer, and the ACK of the webhook."""
ANSWER_HEAD = (
    "HTTP/1.1 200 OK\r\n"
    "Date: Fri, 27 Nov 2026 00:00:00 GMT\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 2\r\n"
    "Connection: keep-alive\r\n"
    "x-amzn-RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
    "X-Amzn-Trace-Id: Root=1-6a17b8d2-0a1b2c3d4e5f60718293a4b5;Parent=0a1b2c3d4e5f6071;"
    "Sampled=0;Lineage=1:0a1b2c3d:0\r\n\r\n"
)
"""Estimate: what a Function URL puts before the body."""


def parts(account: Account) -> dict[str, float]:
    """Bytes a message, by what they are; the calls of LINE on a new connection each.

    A connection that has been idle for 30 seconds is not used again, so a bot with a message now
    and then opens one for each.
    """
    calls = len(account.line) / account.messages
    hello, record = tls_bytes()
    return {
        "requests to LINE": sum(account.line) / account.messages,
        "TLS of those": calls * (hello + record),
        "TCP/IP of those (estimate)": calls * CALL_PACKETS * PACKET,
        "bodies of answers": statistics.mean(account.answers),
        "their heads, TLS, TCP/IP (estimate)": len(ANSWER_HEAD) + record + ANSWER_PACKETS * PACKET,
    }


def tls_bytes() -> tuple[int, int]:
    """What the client sends until it may speak, and what a record adds to a request."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cafile=str(endpoint.certificate()))
    trusting.check_hostname = False  # it is the certificate of 127.0.0.1
    trusting.set_alpn_protocols(["http/1.1"])
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.load_cert_chain(endpoint.certificate())
    client = trusting.wrap_bio(to_client, to_server, server_hostname="api.line.me")
    server = trusted.wrap_bio(to_server, to_client, server_side=True)
    hello = _shake(client, to_server)
    _shake(server, to_client)
    hello += _shake(client, to_server)
    _shake(server, to_client)
    client.write(b"x" * 500)
    return hello, to_server.pending - 500


def _shake(side: ssl.SSLObject, out: ssl.MemoryBIO) -> int:
    """Let this side go on with its handshake; the bytes that it has sent."""
    before = out.pending
    with suppress(ssl.SSLWantReadError):
        side.do_handshake()
    return out.pending - before
