"""TLS: certificates are verified, one context serves all, and idle connections stay usable."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from penniless.connections import tls_context
from penniless.errors import LineUnreachable
from penniless.line.client import LineClient
from tests.conftest import TOKEN, Connect, Serve
from tests.servers import CLOSE, answer, in_turn, until

INFO = answer({"userId": "U1", "basicId": "@a", "displayName": "ぼっと"})


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    """A context that trusts the self-made certificate."""
    return ssl.create_default_context(cafile=str(certificate))


def test_an_untrusted_certificate_is_refused(
    serve: Serve, connect: Connect, server_tls: ssl.SSLContext
) -> None:
    """A self-made certificate ends the call before the token is sent, and no repeat is tried."""
    server = serve(INFO, server_tls)
    with pytest.raises(LineUnreachable, match="certificate is not trusted") as caught:
        connect(server).bot_info()
    assert caught.value.maybe_received is False
    assert TOKEN not in str(caught.value)
    assert server.received == []
    until(lambda: server.closed == 1)
    assert server.connections == 1


def test_another_server_s_certificate_is_refused(
    serve: Serve, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """A trusted certificate for another name is refused too."""
    server = serve(INFO, server_tls)
    origin = f"https://localhost:{server.port}"
    with (
        LineClient(TOKEN, api_origin=origin, tls_context=trusting) as client,
        pytest.raises(LineUnreachable, match="certificate is not trusted"),
    ):
        client.bot_info()
    assert server.received == []


def test_plain_http_towards_tls_is_no_answer(serve: Serve, server_tls: ssl.SSLContext) -> None:
    """A server that expects TLS is not talked into anything else."""
    server = serve(INFO, server_tls)
    origin = f"http://127.0.0.1:{server.port}"
    client = LineClient(TOKEN, api_origin=origin, attempts=1)
    with pytest.raises(LineUnreachable):
        client.mark_as_read("t")
    assert server.received == []


def test_tls_towards_plain_http_is_no_answer(serve: Serve) -> None:
    """A server that does not speak TLS gets no request."""
    server = serve(CLOSE)
    origin = f"https://127.0.0.1:{server.port}"
    client = LineClient(TOKEN, api_origin=origin, attempts=1, read_timeout=1)
    with pytest.raises(LineUnreachable, match="cannot connect") as caught:
        client.mark_as_read("t")
    assert caught.value.maybe_received is False


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_warmed_connection_is_used(
    serve: Serve,
    connect: Connect,
    server_tls: ssl.SSLContext,
    trusting: ssl.SSLContext,
    version: ssl.TLSVersion,
) -> None:
    """A TLS connection opened in advance is taken as alive, though TLS 1.3 tickets wait in it."""
    server_tls.minimum_version = server_tls.maximum_version = version
    server = serve(INFO, server_tls)
    client = connect(server, tls_context=trusting)
    for _ in range(3):
        client.warm()
        assert client.bot_info().display_name == "ぼっと"
    assert server.connections == 1


def test_a_tls_connection_closed_while_idle_is_replaced(
    serve: Serve, connect: Connect, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """The end of an idle TLS connection is noticed before a reply is put on it."""
    server = serve(in_turn(answer({"sentMessages": [{"id": "1"}]})), server_tls)
    client = connect(server, tls_context=trusting)
    for number in range(1, 4):
        assert client.reply("t", [{"type": "text", "text": str(number)}])[0].id == "1"
        server.drop_all()
    assert [call.connection for call in server.received] == [1, 2, 3]


def test_one_context_for_the_process() -> None:
    """The context is made once; it verifies certificates and names, and speaks TLS 1.2 or newer."""
    context = tls_context()
    assert context is tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
