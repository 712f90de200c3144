"""A stand-in for LINE and DynamoDB that costs as little as possible: all is answered with success.

A process of its own, so that its work is not counted to the bot that is measured.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".benchmarks"
BODY = b'{"sentMessages":[{"id":"461230966842064897","quoteToken":"IStG5h1Tz7b"}]}'
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    b"x-line-request-id: 6f1d3c4e-6f3f-4f0e-9a54-0d3c2d6f4b11\r\ncontent-length: "
)
LINE_ANSWER = HEAD + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
DYNAMODB_ANSWER = HEAD + b'12\r\n\r\n{"Items":[]}'


def _serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    held = b""
    with connection:
        while True:
            head, found, rest = held.partition(b"\r\n\r\n")
            length = _content_length(head) if found else 0
            if found and len(rest) >= length:
                aws = b"x-amz-target" in head.lower()
                connection.sendall(DYNAMODB_ANSWER if aws else LINE_ANSWER)
                held = rest[length:]
                continue
            piece = connection.recv(65536)
            if not piece:
                return
            held += piece


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def main(certificate: str = "") -> None:
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_accept, args=(connection, context), daemon=True).start()


def _accept(connection: socket.socket, context: ssl.SSLContext | None) -> None:
    try:
        _serve(context.wrap_socket(connection, server_side=True) if context else connection)
    except OSError:
        connection.close()


def certificate() -> Path:
    """A self-made certificate for 127.0.0.1 with its key, made once."""
    found = FOLDER / "certificate.pem"
    if not found.exists():
        FOLDER.mkdir(exist_ok=True)
        key, public = FOLDER / "key.pem", FOLDER / "public.pem"
        command = f"req -x509 -newkey rsa:2048 -nodes -days 365 -keyout {key} -out {public}"
        names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run(["openssl", *command.split(), *names], check=True, capture_output=True)
        found.write_bytes(key.read_bytes() + public.read_bytes())
    return found


def authorities() -> Path:
    """A bundle of certificate authorities of the usual size that trusts the certificate too.

    Reading the bundle is a large part of what TLS costs at a start, so it must not be a small one.
    """
    found = FOLDER / "authorities.pem"
    usual = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    found.write_bytes(Path(usual).read_bytes() + certificate().read_bytes())
    return found


@contextmanager
def running(*, tls: bool = False) -> Iterator[str]:
    """The endpoint's address, while it runs."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), *([str(certificate())] if tls else [])],
        stdout=subprocess.PIPE,
        text=True,
    )
    scheme = "https" if tls else "http"
    try:
        assert process.stdout is not None
        yield f"{scheme}://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
