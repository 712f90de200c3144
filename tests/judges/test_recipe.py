"""The recipe of docs/ci.md does what the page says, with a bot that others wrote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import SECONDS
from tests.cli.test_sim import free_port

ROOT = Path(__file__).resolve().parents[2]
ECHO = Path(__file__).with_name("aiohttp_echo.py")


def recipe(bot: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The page's script, run with that bot."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    found = re.search(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ports = {"SIM_PORT": str(free_port()), "PORT": str(free_port())}
    return subprocess.run(
        [str(shutil.which("bash")), "-c", found[1]],
        cwd=folder,
        env={**os.environ, **ports, "PATH": commands, "BOT": bot},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture(autouse=True)
def _curl() -> None:
    if shutil.which("curl") is None and os.environ.get("CI"):
        pytest.fail("the curl command is not installed, and CI needs it")
    if shutil.which("curl") is None:
        pytest.skip("the curl command is not installed")


@pytest.mark.slow
def test_the_recipe_talks_to_a_bot(tmp_path: Path) -> None:
    """The script of the page starts simulator and bot, and finds the answer."""
    shutil.copy(ECHO, tmp_path / "bot.py")
    done = recipe(f"{sys.executable} bot.py", tmp_path)

    assert done.stdout.splitlines()[-1:] == ["the bot answered"], done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.slow
def test_the_recipe_fails_with_a_bot_that_says_nothing(tmp_path: Path) -> None:
    """A server that is no bot makes the script fail, and it shows why."""
    (tmp_path / "silent.py").write_text(
        "import http.server, os\n"
        "class Silent(http.server.BaseHTTPRequestHandler):\n"
        "    def do_POST(self):\n"
        "        self.send_response(200)\n"
        "        self.end_headers()\n"
        "port = int(os.environ['PORT'])\n"
        "http.server.HTTPServer(('127.0.0.1', port), Silent).serve_forever()\n",
        encoding="utf-8",
    )
    done = recipe(f"{sys.executable} silent.py", tmp_path)

    assert done.returncode == 1
    assert "no answer" in done.stdout
