"""LINE's official SDK for Node as judge of the simulator, in processes of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from penniless.simulator import Simulator
from penniless.simulator.server import serving
from tests.cli.running import SECONDS
from tests.judges.bots import echoes
from tests.judges.fetched import node, sdk
from tests.simulator.pictures import png

pytestmark = [pytest.mark.slow, pytest.mark.deploy]

SCRIPTS = Path(__file__).with_name("node")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of Node's with our scripts and the SDK."""
    (tmp_path / "node_modules").symlink_to(sdk())
    for script in SCRIPTS.glob("*.mjs"):
        shutil.copy(script, tmp_path)
    return tmp_path


@pytest.fixture
def seen(folder: Path) -> dict[str, Any]:
    """What the SDK's clients got of the simulator."""
    picture = folder / "photo.png"
    picture.write_bytes(png(800, 250))
    simulator = Simulator()
    with serving(simulator) as url:
        done = subprocess.run(
            [node(), "drive.mjs", str(picture)],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
            env={
                **os.environ,
                "LINE_API_ORIGIN": url,
                "LINE_CHANNEL_SECRET": simulator.channel_secret,
                "LINE_CHANNEL_ACCESS_TOKEN": simulator.channel_access_token,
            },
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_sdk_for_node_drives_the_simulator(seen: dict[str, Any]) -> None:
    """Signatures, replies, pushes, profiles, content, rich menus and quota are as it expects."""
    assert seen["webhook"] == 200
    assert (seen["genuine"], seen["changed"]) == (True, False)
    assert seen["forged"] == [401, "SignatureValidationFailed"]
    assert [len(sent) for sent in seen["reply"] + seen["push"]] == [18, 18, 18]
    assert seen["replyAgain"] == {"status": 400, "body": {"message": "Invalid reply token"}}
    assert seen["pushAgain"]["status"] == 409
    assert [one["id"] for one in seen["pushAgain"]["body"]["sentMessages"]] == seen["push"]
    assert seen["long"]["status"] == 400
    assert seen["long"]["body"]["details"][0]["property"] == "messages[0].text"
    assert (seen["quota"], seen["used"]) == ({"type": "limited", "value": 200}, 1)
    assert seen["profile"]["displayName"] == "Alice"
    assert seen["stranger"] == {"status": 404, "body": {"message": "Not found"}}
    assert (seen["content"], seen["picture"], seen["menuOfUser"]) == (True, True, True)
    assert seen["menuOfPerson"]["richMenuId"] == seen["menuId"]


def test_an_echo_bot_of_node_is_unchanged_behind_sim(folder: Path) -> None:
    """An echo bot on the SDK for Node works with what `penniless sim` printed."""
    echoes([node(), "echo.mjs"], folder)
