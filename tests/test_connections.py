"""Connections kept alive: reused while good, replaced while that is safe, counted in each test."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest

from penniless.connections import Answer, Broken, Limits, Pool, Request, parse_origin
from penniless.errors import LineRefused, LineUnreachable, NotFound, SettingsError
from penniless.line.client import LineClient
from tests.conftest import Connect, Serve
from tests.servers import HANG, RESET, FakeServer, Received, Step, answer, chunked, raw, until

INFO = {"userId": "U1", "basicId": "@a", "displayName": "ぼっと"}
LIMITS = Limits(connect=5, read=5)
GET = Request("GET", "/", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")


class DyingSocket(socket.socket):
    """A connection that looks alive and breaks as soon as something is sent over it."""

    failure: OSError = BrokenPipeError()

    def sendall(self, *_: object) -> None:
        raise self.failure


def dying(server: FakeServer, failure: OSError) -> DyingSocket:
    sock = DyingSocket()
    sock.connect(("127.0.0.1", server.port))
    sock.failure = failure
    return sock


def pool_for(server: FakeServer, **options: object) -> Pool:
    return Pool(parse_origin(server.origin), **{"keep_alive": 30, **options})  # type: ignore[arg-type]


def exchanged(pool: Pool) -> Answer:
    found = pool.exchange(GET, LIMITS)
    assert isinstance(found, Answer)
    found.load(1000)
    return found


def test_one_connection_carries_many_calls(serve: Serve, connect: Connect) -> None:
    """Calls one after the other share one connection, errors among them."""
    refused = answer({"message": "Not found"}, "404 Not Found")
    server = serve(lambda call: answer(INFO) if call.target == "/v2/bot/info" else refused)
    client = connect(server)
    for _ in range(3):
        client.bot_info()
        with pytest.raises(NotFound):
            client.profile("U1")
    assert (server.connections, len(server.received)) == (1, 6)


def test_head_and_body_leave_in_one_packet(serve: Serve) -> None:
    """The request is handed over in one piece, with Nagle's delay switched off."""
    sent: list[bytes] = []

    class Counting(socket.socket):
        def sendall(self, data: bytes, *_: object) -> None:  # type: ignore[override]
            sent.append(data)
            super().sendall(data)

    server = serve(answer({}))
    sock = Counting()
    sock.connect(("127.0.0.1", server.port))
    pool = pool_for(server)
    pool.keep(sock)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
    found = pool.exchange(Request("POST", "/", head, b"{}"), LIMITS)
    assert isinstance(found, Answer)
    found.load(10)
    assert sent == [head + b"{}"]
    pool.close()


def test_a_fresh_connection_has_no_nagle_delay(serve: Serve) -> None:
    """TCP_NODELAY is set on what the pool opens."""
    pool = pool_for(serve(answer({})))
    assert pool.warm(LIMITS) is None
    sock = pool._idle[0][0]
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    pool.close()


def test_a_connection_closed_while_idle_is_replaced(serve: Serve, connect: Connect) -> None:
    """The far side closed the idle connection: the next reply goes out once, over a new one."""
    server = serve(answer({"sentMessages": []}))
    client = connect(server)
    client.reply("token", [{"type": "text", "text": "1"}])
    server.drop_all()
    client.reply("token", [{"type": "text", "text": "2"}])
    assert server.connections == 2
    assert [call.json["messages"][0]["text"] for call in server.received] == ["1", "2"]


def test_a_close_right_after_the_answer_is_noticed(serve: Serve, connect: Connect) -> None:
    """A server that closes without having said so costs a connection, never a call."""
    server = serve(answer({}, close=True))
    client = connect(server)
    for number in range(1, 4):
        client.mark_as_read("token")
        until(lambda closed=number: server.closed == closed)  # type: ignore[misc]
    assert (server.connections, len(server.received)) == (3, 3)


def test_unasked_bytes_end_a_connection(serve: Serve, connect: Connect) -> None:
    """A connection on which more comes than the answer is not used again."""
    surplus = answer(INFO)
    server = serve(Step(surplus.data + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 5000))
    client = connect(server)
    assert client.bot_info().display_name == "ぼっと"
    assert client.bot_info().display_name == "ぼっと"
    assert server.connections == 2


def test_connection_close_is_obeyed(serve: Serve, connect: Connect) -> None:
    """After `Connection: close` the next call opens its own connection."""
    server = serve(answer({}, "200 OK", "Connection: close", close=True))
    client = connect(server)
    client.mark_as_read("token")
    client.mark_as_read("token")
    assert server.connections == 2


@pytest.mark.parametrize("failure", [BrokenPipeError(), ConnectionResetError()])
def test_a_connection_that_breaks_at_sending_is_replaced(serve: Serve, failure: OSError) -> None:
    """An idle connection that refuses the request's bytes is replaced at once."""
    server = serve(answer(INFO))
    pool = pool_for(server)
    pool.keep(dying(server, failure))
    assert exchanged(pool).status == 200
    assert len(server.received) == 1
    pool.close()


def test_a_timeout_at_sending_is_not_repeated(serve: Serve) -> None:
    """A connection that takes too long to accept the request is given up, not replaced."""
    server = serve(answer(INFO))
    pool = pool_for(server)
    pool.keep(dying(server, TimeoutError()))
    assert pool.exchange(GET, LIMITS) == Broken("timed out", maybe_received=True)
    assert server.received == []


def test_an_old_idle_connection_is_not_trusted(serve: Serve) -> None:
    """Past its time, or when the clock went backwards, an idle connection is opened anew."""
    now = [1000.0]
    server = serve(answer(INFO))
    pool = pool_for(server, keep_alive=30, clock=lambda: now[0])
    counts = []
    for now[0] in (1000.0, 1029.9, 1059.9, 1050.0):
        exchanged(pool)
        counts.append(server.connections)
    assert counts == [1, 1, 2, 3]
    pool.close()


def test_warm_opens_in_advance(serve: Serve, connect: Connect) -> None:
    """The first call uses the warmed connection, and warming twice opens one."""
    server = serve(answer({"sentMessages": []}))
    client = connect(server)
    client.warm()
    client.warm()
    until(lambda: server.connections == 1)
    client.reply("token", [])
    assert server.connections == 1
    client.warm(data=True)
    until(lambda: server.connections == 2)


def test_warm_says_what_is_wrong(connect: Connect) -> None:
    """Warming towards nobody raises LineUnreachable that names the origin."""
    origin = nobody()
    with pytest.raises(LineUnreachable, match=origin) as caught:
        connect(origin).warm()
    assert caught.value.maybe_received is False


def test_a_closed_client_keeps_nothing(serve: Serve, connect: Connect) -> None:
    """close() ends the idle connections; a later call works and leaves none behind."""
    server = serve(answer(INFO))
    client = connect(server)
    client.bot_info()
    client.close()
    until(lambda: server.closed == 1)
    client.bot_info()
    until(lambda: server.closed == 2)


def test_with_closes_the_client(serve: Serve) -> None:
    """Leaving a `with` block ends the idle connections."""
    server = serve(answer(INFO))
    with LineClient("token", api_origin=server.origin) as client:
        client.bot_info()
    until(lambda: server.closed == 1)


def test_only_so_many_idle_connections_are_kept(serve: Serve) -> None:
    """What comes back above the pool's size is closed."""
    server = serve(answer(INFO))
    pool = pool_for(server, size=2)
    answers = [pool.exchange(GET, LIMITS) for _ in range(4)]
    for one in answers:
        assert isinstance(one, Answer)
        one.load(1000)
    until(lambda: server.closed == 2)
    assert server.connections == 4
    pool.close()


def test_every_thread_gets_its_own_answer(serve: Serve, connect: Connect) -> None:
    """Threads on one client never wait for each other's calls nor get each other's answers."""
    threads, calls = 16, 10
    together = threading.Barrier(threads)

    def profile(call: Received) -> Step:
        if call.target.endswith("-0"):
            together.wait(5)  # passes only if all threads have a call under way at once
        return answer({"userId": call.target.rsplit("/")[-1], "displayName": "花子"})

    server = serve(profile)
    client = connect(server)
    found: dict[str, str] = {}

    def work(number: int) -> None:
        for call in range(calls):
            name = f"U{number}-{call}"
            found[name] = client.profile(name).user_id

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert len(found) == threads * calls
    assert all(asked == got for asked, got in found.items())
    # Up to 8 are kept idle, so calls that overlap may open a few more than one a thread.
    assert threads <= server.connections <= threads * 3


def test_a_fork_does_not_share_connections(serve: Serve) -> None:
    """A child process opens its own connection, and the parent goes on with its own."""
    server = serve(answer(INFO))
    program = f"""
import os
from penniless.line.client import LineClient
client = LineClient("token", api_origin={server.origin!r})
client.bot_info()
child = os.fork()
client.bot_info()
if child:
    assert os.waitpid(child, 0)[1] == 0
    client.bot_info()
client.close()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
    assert (server.connections, len(server.received)) == (2, 4)


def test_chunked_answers_are_read(serve: Serve, connect: Connect) -> None:
    """An answer in chunks is read whole and its connection used again."""
    server = serve(chunked(b'{"total', b'Usage": 1', b"2}"))
    client = connect(server)
    assert [client.quota_consumption() for _ in range(3)] == [12, 12, 12]
    assert server.connections == 1


def test_an_answer_that_ends_with_the_connection_is_read(serve: Serve, connect: Connect) -> None:
    """Without a length the body ends where the connection does."""
    server = serve(Step(b'HTTP/1.0 200 OK\r\n\r\n{"totalUsage": 7}', close=True))
    client = connect(server)
    assert client.quota_consumption() == 7
    assert client.quota_consumption() == 7
    assert server.connections == 2


def test_an_endless_answer_is_given_up(serve: Serve, connect: Connect) -> None:
    """More JSON than a mebibyte is not read, and is no answer."""
    server = serve(raw("200 OK", b'{"totalUsage": 7}' + b" " * (1 << 20)))
    with pytest.raises(LineUnreachable):
        connect(server, attempts=1).quota_consumption()


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01nonsense\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"]
)
def test_what_is_not_http_is_no_answer(serve: Serve, connect: Connect, garbage: bytes) -> None:
    """A server that speaks something else is unreachable, and none of its bytes are repeated."""
    server = serve(Step(garbage, close=True))
    with pytest.raises(LineUnreachable, match="no HTTP answer") as caught:
        connect(server).mark_as_read("token")
    assert caught.value.maybe_received
    assert "nonsense" not in str(caught.value)


def test_a_reset_is_no_answer(serve: Serve, connect: Connect) -> None:
    """A connection reset instead of an answer may have been received."""
    server = serve(RESET)
    with pytest.raises(LineUnreachable) as caught:
        connect(server).mark_as_read("token")
    assert caught.value.maybe_received
    assert len(server.received) == 1


def test_silence_ends_after_the_read_timeout(serve: Serve, connect: Connect) -> None:
    """A server that hangs is given up after the read timeout."""
    server = serve(HANG)
    with pytest.raises(LineUnreachable, match="mark_as_read: timed out") as caught:
        connect(server, read_timeout=0.1).mark_as_read("token")
    assert caught.value.maybe_received


def test_redirects_are_not_followed(serve: Serve, connect: Connect) -> None:
    """A 3xx is a refusal: the token must not go where somebody points."""
    elsewhere = serve(answer(INFO))
    server = serve(answer({}, "302 Found", f"Location: {elsewhere.origin}/v2/bot/info"))
    with pytest.raises(LineRefused, match="LINE answered 302 Found"):
        connect(server).bot_info()
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("text", "written", "authority"),
    [
        ("https://api.line.me", "https://api.line.me", "api.line.me"),
        ("https://api.line.me/", "https://api.line.me", "api.line.me"),
        ("https://api.line.me:443", "https://api.line.me", "api.line.me"),
        ("http://localhost:8080", "http://localhost:8080", "localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_origins(text: str, written: str, authority: str) -> None:
    """An origin is scheme, host and port; usual ports are left out."""
    origin = parse_origin(text)
    assert (str(origin), origin.authority) == (written, authority)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.line.me",
        "ftp://api.line.me",
        "https://",
        "https://api.line.me/v2",
        "https://api.line.me?x=1",
        "https://user:secret@api.line.me",
        "https://api.line.me:99999",
        "https://api.line.me:port",
        "https://ライン.jp",
        "http://[::1",
        "https://a\r\nb",
    ],
)
def test_other_texts_are_no_origins(text: str) -> None:
    """Anything else is a settings error that does not repeat the text, which may hold secrets."""
    with pytest.raises(SettingsError) as caught:
        parse_origin(text)
    assert "secret" not in str(caught.value)


def nobody() -> str:
    """An origin where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
