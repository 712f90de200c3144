"""An AWS on this machine, its IAM enforced, in Python 3.13 where there is one: ministack.

    with local_aws(LINE_API_ORIGIN=url) as aws: ...

What is given is passed to the functions, as their own environment is.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx

from tests.deploy.project import REGION, shell
from tests.deploy.tools import environment, python_3_13

START_SECONDS = 60

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
}
"""The root user of the emulated account."""


class LocalAWS:
    """Where it listens, and boto3's clients for it."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = log

    def client(self, service: str) -> Any:
        """A boto3 client of the root user."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    @property
    def environment(self) -> dict[str, str]:
        """What commands such as `sam` need to find it, and no way to any other AWS."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return {
            **shell(clean),
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def local_aws(**for_functions: str) -> Iterator[LocalAWS]:
    """Start it on a free port, wait until it answers, and end it with the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="penniless-aws-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [str(environment("ministack", python_3_13()) / "ministack")],
                env=_settings(port) | for_functions,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
        try:
            found = LocalAWS(port, log)
            _await_health(found, process)
            yield found
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _settings(port: int) -> dict[str, str]:
    prefixes = ("AWS_", "LINE_", "PYTHON", "VIRTUAL_ENV")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(prefixes)}
    return {
        **clean,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
    }


def _await_health(aws: LocalAWS, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{aws.url}/_localstack/health", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"ministack did not start:\n{aws.log.read_text(errors='replace')[-2000:]}")
