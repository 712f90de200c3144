"""`penniless sim`: the simulated LINE for bots that know nothing of Penniless."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.running import awaited, running, says

PAGE = r"Chat page +(http://127\.0\.0\.1:\d+)"


@contextmanager
def flask_bot(port: int, **settings: str) -> Iterator[None]:
    """The official SDK's echo, listening."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("flask_echo.py")), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **settings},
    )
    try:
        awaited(lambda: listens(port))
        yield
    finally:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_bot_of_the_official_sdk_and_flask(tmp_path: Path) -> None:
    """An echo bot written with the official SDK works with the secrets that `sim` printed."""
    port = free_port()
    webhook = f"http://127.0.0.1:{port}/callback"
    with running("sim", "--port", "0", "--webhook", webhook, folder=tmp_path) as command:
        url = command.until(PAGE)
        settings = {
            name: command.until(rf"{name} +(\S+)")
            for name in ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN")
        }
        with flask_bot(port, LINE_API_ORIGIN=url, **settings):
            outcome = says(url, "こんにちは 🍎")
            follow = httpx.post(
                f"{url}/sim/people", json={"name": "hanako", "displayName": "花子"}, trust_env=False
            )
            chat = httpx.get(f"{url}/sim/chat/hanako?format=text", trust_env=False).text
        assert command.interrupt() == 0

    assert outcome["webhook"]["status"] == 200
    assert [entry["text"] for entry in outcome["replies"]] == ["こんにちは 🍎"]
    assert follow.status_code == 201
    assert "Hello 花子" in chat
    assert re.search(r"LINE → bot +message +200", command.said)
    assert re.search(r"bot → LINE +reply +200", command.said)
    assert "こんにちは" not in command.said
    assert "Traceback" not in command.said


def test_dead_webhook_is_told_in_lines_words(tmp_path: Path) -> None:
    """A bot that is not there is `could_not_connect`, and the terminal says so."""
    webhook = f"http://127.0.0.1:{free_port()}/"
    with running("sim", "--port", "0", "--webhook", webhook, folder=tmp_path) as command:
        url = command.until(PAGE)

        assert says(url, "hello")["webhook"]["reason"] == "could_not_connect"
        command.until("could_not_connect")


def test_its_channel_id_comes_from_the_environment_and_its_clock_moves(tmp_path: Path) -> None:
    """LINE_CHANNEL_ID is the id with which tokens are issued; the clock can be moved on."""
    with running("sim", "--port", "0", folder=tmp_path, LINE_CHANNEL_ID="1655555555") as command:
        url = command.until(PAGE)
        with httpx.Client(base_url=url, trust_env=False) as client:
            before = client.get("/sim/world").json()
            moved = client.post("/sim/clock", json={"advance": "1h"})
        assert command.interrupt() == 0
    assert before["channel"]["channelId"] == "1655555555"
    assert moved.json()["now"] - before["now"] >= 3_600_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_its_world_is_kept_in_a_file(tmp_path: Path, number: int) -> None:
    """The next run goes on where this one ended; nothing else is left in the folder."""
    arguments = ("sim", "--port", "0", "--state", "世界.json")
    with running(*arguments, folder=tmp_path) as command:
        url = command.until(PAGE)
        says(url, "วันนี้ 🍎")
        assert command.interrupt(number) == 0
    assert [one.name for one in tmp_path.iterdir()] == ["世界.json"]
    with running(*arguments, folder=tmp_path) as command:
        url = command.until(PAGE)
        chat = httpx.get(f"{url}/sim/chat/alice?format=text", trust_env=False).text
        assert command.interrupt() == 0
    assert "วันนี้ 🍎" in chat


def test_a_file_that_is_no_state_is_not_touched(tmp_path: Path) -> None:
    """One sentence, an exit code, and the file is as it was."""
    (tmp_path / "notes.json").write_text('{"mine": true}', encoding="utf-8")
    with running("sim", "--port", "0", "--state", "notes.json", folder=tmp_path) as command:
        command.until("no saved state")
        assert command.process.wait(timeout=30) != 0
    assert (tmp_path / "notes.json").read_text(encoding="utf-8") == '{"mine": true}'
    assert "Traceback" not in command.said


def test_it_starts_light() -> None:
    """Nothing is imported at the start that serving and delivering do not need."""
    names = "penniless.cli.commands, penniless.cli.sim, penniless.simulator.server"
    heavy = {"boto3", "botocore", "httpcore", "jinja2", "pytest", "sqlite3"}
    asked = f"import sys, {names}; print('uvicorn' in sys.modules, {heavy} & sys.modules.keys())"
    found = subprocess.run(
        [sys.executable, "-c", asked], check=False, capture_output=True, text=True
    )
    assert (found.stdout, found.stderr) == ("True set()\n", "")


def test_its_guesses_come_from_the_command_line(tmp_path: Path) -> None:
    """They come before those of the file of --state, and are saved in it."""
    arguments = ("sim", "--port", "0", "--state", "world.json")
    for more in (("replyTokenSeconds=30", "followsRedirects=true"), ("followsRedirects=false",)):
        words = [word for one in more for word in ("--guess", one)]
        with running(*arguments, *words, folder=tmp_path) as command:
            url = command.until(PAGE)
            channel = httpx.get(f"{url}/sim/world", trust_env=False).json()["channel"]
            assert command.interrupt() == 0
        asked = more[-1].endswith("true")
        assert channel["guesses"]["followsRedirects"] is asked
        assert channel["guesses"]["replyTokenSeconds"] == 30


def test_a_guess_that_there_is_not_is_told(tmp_path: Path) -> None:
    """One sentence with the names, and an exit code; nothing is started."""
    with running("sim", "--port", "0", "--guess", "nothing=1", folder=tmp_path) as command:
        command.until("there is no guess 'nothing'; there are replyTokenSeconds, ")
        assert command.process.wait(timeout=30) != 0
    assert "Traceback" not in command.said
