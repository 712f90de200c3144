"""What the DynamoDB store adds to a cold start: its own modules, and hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

from tests.servers import OK, FakeServer, raw

OURS = {
    "aws_environment",
    "aws_json",
    "dynamodb",
    "dynamodb_items",
    "dynamodb_reads",
    "dynamodb_table",
    "encoding",
    "sigv4",
}
"""The modules of the store; a new one on this path is a decision."""

HEAVY = {
    "asyncio",
    "boto3",
    "botocore",
    "concurrent.futures",
    "dataclasses",
    "inspect",
    "json",
    "logging",
    "pathlib",
    "urllib.request",
    "uuid",
}

CHILD = """
import sys
import msgspec  # what it brings along is its own affair
before = set(sys.modules)
from penniless.ports import Row
from penniless.stores.dynamodb import DynamoDBStore
store = DynamoDBStore("log", budget=20, connect_timeout=20, read_timeout=20)
row = Row(conversation="user#U1", event_id="1", timestamp=1, sender="U1", to="U0", type="follow")
assert store.claim(row, now=1).granted
assert store.advance(row)
store.append(row)
assert store.desk("user#U1", now=1).held == []
assert store.read_state("user#U1").version == 0
assert store.write_state("user#U1", {}, version=0) == 1
store.close()
found = sorted(set(sys.modules) - before)
import json
print(json.dumps(found))
"""


def test_imports(serve: Callable[..., FakeServer]) -> None:
    """A claim, its end, a push, a desk and a state: with nothing of asyncio, logging or an SDK."""
    server = serve(raw(OK, b'{"Items":[]}'))
    settings = {
        "AWS_ENDPOINT_URL_DYNAMODB": server.origin,
        "AWS_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    ran = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    found = set(json.loads(ran.stdout))
    prefix = "penniless.stores."
    assert {one.removeprefix(prefix) for one in found if one.startswith(prefix)} == OURS
    assert found & HEAVY == set()
    targets = [one.headers["x-amz-target"].partition(".")[2] for one in server.received]
    assert targets == ["PutItem", "UpdateItem", "PutItem", "Query", "GetItem", "UpdateItem"]
    assert server.connections == 1
