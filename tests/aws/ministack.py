"""An AWS on this machine for tests: ministack, in a process of its own, on a free port.

    with ministack("dynamodb") as url: ...

`CREDENTIALS` are what it is called with. Without it tests are skipped, but never in CI.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sysconfig
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from penniless.stores.aws_environment import Credentials
from penniless.stores.dynamodb import DynamoDBStore
from tests.servers import CLOSE, Received, Step, raw

REGION = "ap-northeast-1"
CREDENTIALS = Credentials("test", "test")
"""Good for every stand-in of AWS, and for nothing else."""


@contextmanager
def ministack(*services: str, patience: float = 30, **settings: str) -> Iterator[str]:
    """Start it with these services and `settings` (of its environment); gives its URL."""
    program = Path(sysconfig.get_path("scripts")) / "ministack"
    if not program.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("ministack is not installed")
    port = _free_port()
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "SERVICES": ",".join(services),
        **settings,
    }
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [str(program)],
            env={**inherited, **settings},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _until_healthy(process, port, patience, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until_healthy(process: subprocess.Popen[bytes], port: int, patience: float, log: Any) -> None:
    end = time.monotonic() + patience
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() > end:
            log.seek(0)
            pytest.fail(f"ministack did not start: {log.read()[-2000:].decode(errors='replace')}")
        time.sleep(0.02)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_localstack/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def call(url: str, operation: str, **request: Any) -> dict[str, Any]:
    """One DynamoDB operation, by hand and unsigned, for what the store has no business with."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/dynamodb/"
        "aws4_request, SignedHeaders=host;x-amz-date, Signature=0",
        "X-Amz-Date": "20260101T000000Z",
    }
    try:
        connection.request("POST", "/", json.dumps(request), headers)
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    finally:
        connection.close()
    assert response.status == 200, answer
    return answer


def new_table(url: str, *, index: bool = True) -> str:
    """Make a table as the template makes it, with the index `open` or without; its name, which no
    other has."""
    name = f"log-{uuid.uuid4().hex[:12]}"
    types = {"pk": "S", "sk": "S"}
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    indexes: dict[str, Any] = {}
    if index:
        types |= {"open": "S", "claimed_until": "N"}
        indexes["GlobalSecondaryIndexes"] = [
            {
                "IndexName": "open",
                "KeySchema": _keys("open", "claimed_until"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
                "ProvisionedThroughput": units,
            }
        ]
    call(
        url,
        "CreateTable",
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": kind} for key, kind in types.items()
        ],
        KeySchema=_keys("pk", "sk"),
        ProvisionedThroughput=units,
        **indexes,
    )
    end = time.monotonic() + 30
    while call(url, "DescribeTable", TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        assert time.monotonic() < end, f"the table {name} never became active"
        time.sleep(0.02)
    return name


def _keys(partition: str, order: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": order, "KeyType": "RANGE"},
    ]


def open_store(table: str, url: str, **options: Any) -> DynamoDBStore:
    """The store on that table, patient enough for a busy machine."""
    chosen: dict[str, Any] = {
        "region": REGION,
        "credentials": lambda: CREDENTIALS,
        "budget": 30.0,
        "connect_timeout": 10.0,
        "read_timeout": 10.0,
        **options,
    }
    return DynamoDBStore(table, endpoint=url, **chosen)


class Between:
    """A DynamoDB that loses requests and answers, for `FakeServer`: it passes on to a real one.

    `plan` says what happens to the next requests: `pass`; `lose` the answer of a request that was
    carried out; `drop` the request; or a `Step` to answer in its place. After the plan all pass.
    `requests` and `units` say what was asked, and what it cost, in DynamoDB's own count.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.plan: list[str | Step] = []
        self.requests: list[tuple[str, Any]] = []
        self.units: list[float] = []
        self._lock = threading.Lock()

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.requests]

    def __call__(self, request: Received) -> Step:
        with self._lock:
            fate = self.plan.pop(0) if self.plan else "pass"
            self.requests.append((request.headers["x-amz-target"].partition(".")[2], request.json))
        if isinstance(fate, Step):
            return fate
        answer = CLOSE if fate == "drop" else self._passed_on(request)
        return CLOSE if fate == "lose" else answer

    def _passed_on(self, request: Received) -> Step:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        asked = {**request.json, "ReturnConsumedCapacity": "TOTAL"}
        kept = {"authorization", "content-type", "x-amz-date", "x-amz-target"}
        headers = {name: value for name, value in request.headers.items() if name in kept}
        try:
            connection.request("POST", "/", json.dumps(asked), headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        consumed = json.loads(body).get("ConsumedCapacity")
        with self._lock:
            self.units += [float(consumed["CapacityUnits"])] if consumed else []
        return raw(f"{response.status} {response.reason}", body)
