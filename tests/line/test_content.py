"""Content as a stream: whole, in pieces, to a file, cut off, not there yet, and gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from penniless.errors import ContentGone, ContentNotReady, LineUnreachable, NotFound
from penniless.ports import Content
from tests.conftest import Connect, Serve
from tests.servers import Step, answer, chunked, in_turn, raw

PHOTO = bytes(range(256)) * 1000
JPEG = raw("200 OK", PHOTO, "Content-Type: image/jpeg")
CUT = Step(JPEG.data[:200_000], close=True)
CUT_CHUNK = Step(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + b"x" * 100, close=True
)


def test_content_in_one_piece(serve: Serve, connect: Connect) -> None:
    """The bytes, their type and their number are LINE's; it comes from the data origin."""
    api, data = serve(answer({})), serve(JPEG)
    client = connect(api, data_origin=data.origin)
    content: Content = client.content("461230966842064897")
    with content:
        assert (content.content_type, content.length) == ("image/jpeg", len(PHOTO))
        assert content.read() == PHOTO
        assert content.read() == b""
    assert data.received[0].target == "/v2/bot/message/461230966842064897/content"
    assert api.connections == 0


def test_content_in_pieces(serve: Serve, connect: Connect) -> None:
    """Iteration and sized reads give all bytes in order."""
    client = connect(serve(JPEG))
    with client.content("1") as content:
        pieces = list(content)
    assert b"".join(pieces) == PHOTO
    assert {len(piece) for piece in pieces[:-1]} == {65_536}
    with client.content_preview("1") as content:
        assert content.read(10) + content.read(0) + content.read(300_000) == PHOTO


@pytest.mark.parametrize("size", [-1, 1, 7, 100])
def test_chunked_content(serve: Serve, connect: Connect, size: int) -> None:
    """Content without a known length is read to its end, in pieces of any size."""
    server = serve(chunked(b"a" * 50, b"b", b"c" * 60))
    client = connect(server)
    for _ in range(2):
        with client.content("1") as content:
            assert content.length is None
            assert b"".join(iter(lambda: content.read(size), b"")) == b"a" * 50 + b"b" + b"c" * 60
    assert server.connections == 1


def test_empty_content(serve: Serve, connect: Connect) -> None:
    """A file of no bytes is a file."""
    with connect(serve(raw("200 OK", b""))).content("1") as content:
        assert (content.read(), content.length) == (b"", 0)


def test_a_read_content_gives_its_connection_back(serve: Serve, connect: Connect) -> None:
    """Read to the end, the connection is used again, closed by hand or not, once or twice."""
    server = serve(JPEG)
    client = connect(server)
    for closes in range(3):
        content = client.content("1")
        content.read()
        for _ in range(closes):
            content.close()
    assert server.connections == 1


def test_two_contents_at_a_time(serve: Serve, connect: Connect) -> None:
    """An open content holds its connection alone."""
    server = serve(JPEG)
    client = connect(server)
    with client.content("1") as first, client.content("2") as second:
        assert first.read(1000) == second.read(1000) == PHOTO[:1000]
        assert first.read() == second.read() == PHOTO[1000:]
    assert server.connections == 2


def test_an_unread_content_costs_its_connection(serve: Serve, connect: Connect) -> None:
    """Closed before the end, the connection is closed too: the rest is not for the next call."""
    server = serve(in_turn(JPEG, raw("200 OK", b"next")))
    client = connect(server)
    with client.content("1") as content:
        content.read(10)
    with client.content("2") as content:
        assert content.read() == b"next"
    assert server.connections == 2


def test_a_rest_that_is_still_to_come_costs_the_connection(serve: Serve, connect: Connect) -> None:
    """Closed while the rest is on its way, the connection is closed too, although it is silent."""
    server = serve(in_turn(Step(JPEG.data[:1000], hang=True), raw("200 OK", b"next")))
    client = connect(server, attempts=1)
    with client.content("1") as content:
        content.read(10)
    with client.content("2") as content:
        assert content.read() == b"next"
    assert server.connections == 2


def test_saving(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    """save() writes the whole file under a path or a text and says how many bytes."""
    client = connect(serve(JPEG))
    path = tmp_path / "写真 🍎.jpg"
    assert client.content("1").save(path) == len(PHOTO)
    assert client.content("1").save(str(path)) == len(PHOTO)
    assert path.read_bytes() == PHOTO
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("size", [-1, 1000])
@pytest.mark.parametrize("cut", [CUT, CUT_CHUNK], ids=["length", "chunked"])
def test_a_cut_content_is_an_error(serve: Serve, connect: Connect, cut: Step, size: int) -> None:
    """Bytes that are missing are never passed off as the end."""
    server = serve(in_turn(cut, JPEG))
    client = connect(server)
    content = client.content("1")
    with pytest.raises(LineUnreachable, match="cut off"):
        list(iter(lambda: content.read(size), b""))
    with client.content("1") as again:
        assert again.read() == PHOTO
    assert server.connections == 2


def test_a_cut_content_leaves_no_file(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    """A failed save leaves what was there before, and nothing beside it."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"old")
    with pytest.raises(LineUnreachable):
        connect(serve(CUT)).content("1").save(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_content_that_falls_silent_is_given_up(serve: Serve, connect: Connect) -> None:
    """Silence in the middle ends after the read timeout."""
    silent = Step(JPEG.data[:1000], hang=True)
    content = connect(serve(silent), read_timeout=1.0).content("1")
    with pytest.raises(LineUnreachable):
        content.read()


def test_content_that_is_not_ready(serve: Serve, connect: Connect) -> None:
    """202 says that LINE is not done; the same connection asks again."""
    server = serve(in_turn(answer({}, "202 Accepted"), raw("202 Accepted", b""), JPEG))
    client = connect(server)
    for _ in range(2):
        with pytest.raises(ContentNotReady):
            client.content("1")
    assert client.content("1").read() == PHOTO
    assert server.connections == 1


@pytest.mark.parametrize(
    ("status", "kind"), [("410 Gone", ContentGone), ("404 Not Found", NotFound)]
)
def test_content_that_is_not_there(
    serve: Serve, connect: Connect, status: str, kind: type[Exception]
) -> None:
    """410 is an unsent message, 404 one that never was or is too old."""
    server = serve(answer({"message": "x"}, status))
    client = connect(server)
    for fetch in (client.content, client.content_preview):
        with pytest.raises(kind):
            fetch("1")
    assert server.connections == 1


def test_transcoding(serve: Serve, connect: Connect) -> None:
    """The state of a video's preparation is LINE's word for it."""
    server = serve(in_turn(answer({"status": "processing"}), answer({"status": "succeeded"})))
    client = connect(server)
    assert [client.content_transcoding("1") for _ in range(2)] == ["processing", "succeeded"]
