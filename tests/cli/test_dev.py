"""`penniless dev`: it starts, it restarts on a saved change, it recovers, it stops."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx
import psutil

from tests.cli.running import awaited, running, says

BOT = """
from penniless import Bot

bot = Bot(channel_secret="not the simulator's", channel_access_token="neither")


@bot.text
def answer(ctx):
    return "%s " + ctx.text
"""
PAGE = r"Chat page +(http://127\.0\.0\.1:\d+)"


def write(folder: Path, text: str) -> None:
    (folder / "app.py").write_text(text, encoding="utf-8")


def heard(url: str, text: str) -> list[str]:
    return [entry["text"] for entry in says(url, text)["replies"]]


def status(url: str) -> dict[str, str]:
    found: dict[str, str] = httpx.get(f"{url}/sim/world", trust_env=False).json()["bot"]
    return found


def test_answers_and_logs(tmp_path: Path) -> None:
    """The bot answers whatever secrets its code names, and the log shows it; Ctrl-C ends both."""
    write(tmp_path, BOT % "one")
    with running("dev", "--port", "0", folder=tmp_path) as command:
        url = command.until(PAGE)
        children = psutil.Process(command.process.pid).children(recursive=True)

        assert heard(url, "สวัสดี") == ["one สวัสดี"]
        rows = httpx.get(f"{url}/sim/log", trust_env=False).json()["rows"]
        assert [(row["message"], row["outcome"]) for row in rows] == [("สวัสดี", "replied")]
        assert command.interrupt() == 0

    assert "Stopping" in command.said
    assert "Traceback" not in command.said
    assert len(children) == 1
    assert [child for child in children if child.is_running()] == []


def test_terminate_stops_it_too(tmp_path: Path) -> None:
    """SIGTERM ends it as Ctrl-C does, and the bot with it."""
    write(tmp_path, BOT % "one")
    with running("dev", "--port", "0", folder=tmp_path) as command:
        command.until(PAGE)
        children = psutil.Process(command.process.pid).children()

        assert command.interrupt(signal.SIGTERM) == 0

    assert [child for child in children if child.is_running()] == []


def test_bot_ends_when_dev_is_killed(tmp_path: Path) -> None:
    """Even `kill -9` leaves no bot behind."""
    write(tmp_path, BOT % "one")
    with running("dev", "--port", "0", folder=tmp_path) as command:
        command.until(PAGE)
        [child] = psutil.Process(command.process.pid).children()
        command.process.kill()

        child.wait(timeout=20)


def test_saved_change_restarts_the_bot(tmp_path: Path) -> None:
    """A saved change is what answers next; the log goes on."""
    write(tmp_path, BOT % "one")
    with running("dev", "--port", "0", folder=tmp_path) as command:
        url = command.until(PAGE)
        assert heard(url, "a") == ["one a"]

        write(tmp_path, BOT % "two")

        awaited(lambda: heard(url, "b") == ["two b"])
        rows = httpx.get(f"{url}/sim/log", trust_env=False).json()["rows"]
        assert rows[0]["message"] == "a"
        command.until("restarted")


def test_syntax_error_is_shown_and_the_next_save_recovers(tmp_path: Path) -> None:
    """While it runs, a syntax error shows in the terminal and on the page; a good save mends it."""
    write(tmp_path, BOT % "one")
    with running("dev", "--port", "0", folder=tmp_path) as command:
        url = command.until(PAGE)
        assert status(url) == {"status": "running", "detail": ""}

        write(tmp_path, "def f(:\n")

        sentence = "syntax error in app.py, line 1: invalid syntax"
        awaited(lambda: status(url) == {"status": "failed", "detail": sentence})
        command.until(f"not restarted: {sentence}")
        assert says(url, "x")["webhook"]["reason"] == "could_not_connect"

        write(tmp_path, BOT % "two")

        awaited(lambda: status(url)["status"] == "running")
        assert heard(url, "y") == ["two y"]


def test_helper_module_and_dotenv_are_watched(tmp_path: Path) -> None:
    """A change in a module below the bot's folder restarts it, too."""
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "__init__.py").write_text("WORD = 'one'\n")
    write(tmp_path, BOT.replace('"%s "', "words.WORD") + "import words\n")
    with running("dev", "--port", "0", folder=tmp_path) as command:
        url = command.until(PAGE)
        assert heard(url, "!") == ["one!"]

        (tmp_path / "words" / "__init__.py").write_text("WORD = 'two'\n")

        awaited(lambda: heard(url, "!") == ["two!"])


def test_bot_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    """A bot whose process ends is shown as failed, and a save starts it again."""
    write(tmp_path, BOT % "one" + "\n@bot.follow\ndef leave(ctx):\n    import os; os._exit(7)\n")
    with running("dev", "--port", "0", folder=tmp_path) as command:
        url = command.until(PAGE)
        httpx.post(f"{url}/sim/people", json={"name": "carol"}, timeout=20, trust_env=False)

        awaited(lambda: status(url)["status"] == "failed")
        assert "exit code 7" in status(url)["detail"]
        write(tmp_path, BOT % "two")
        awaited(lambda: status(url)["status"] == "running")


def test_default_port_is_taken(tmp_path: Path) -> None:
    """Without a wish the next free port is taken, and that is said plainly."""
    write(tmp_path, BOT % "one")
    try:
        taken = socket.create_server(("127.0.0.1", 8080))
    except OSError:
        taken = None  # somebody else has it, which serves as well
    with running("dev", folder=tmp_path) as command:
        url = command.until(PAGE)
        if taken is not None:
            taken.close()

        assert not url.endswith(":8080")
        assert "Port 8080 is taken" in command.said


def test_keeps_the_log_where_it_is_told(tmp_path: Path) -> None:
    """`--store` keeps the log in a file, for the next time."""
    write(tmp_path, BOT % "one")
    for said in ("first", "second"):
        with running("dev", "--port", "0", "--store", "my.sqlite3", folder=tmp_path) as command:
            url = command.until(PAGE)
            heard(url, said)
            rows = httpx.get(f"{url}/sim/log", trust_env=False).json()["rows"]
            command.interrupt()

    assert [row["message"] for row in rows] == ["first", "second"]


def test_settings_from_the_environment_are_not_shown(tmp_path: Path) -> None:
    """Secrets that were made up are printed; those that were set are not."""
    write(tmp_path, BOT % "one")
    secret, token = "5e" * 16, "set-by-somebody"
    settings = {"LINE_CHANNEL_SECRET": secret, "LINE_CHANNEL_ACCESS_TOKEN": token}
    with running("dev", "--port", "0", folder=tmp_path, **settings) as command:
        url = command.until(PAGE)
        assert heard(url, "x") == ["one x"]
        command.interrupt()

    assert secret not in command.said
    assert token not in command.said
    assert "made up" not in command.said


def test_its_world_is_kept_in_a_file(tmp_path: Path) -> None:
    """The chat is there again in the next run, and the bot answers at its new address."""
    write(tmp_path, BOT % "echo")
    arguments = ("dev", "app.py", "--port", "0", "--state", "world.json")
    with running(*arguments, folder=tmp_path) as command:
        assert heard(command.until(PAGE), "first") == ["echo first"]
        assert command.interrupt() == 0
    with running(*arguments, folder=tmp_path) as command:
        url = command.until(PAGE)
        assert heard(url, "second") == ["echo second"]
        chat = httpx.get(f"{url}/sim/chat/alice?format=text", trust_env=False).text
        assert command.interrupt() == 0
    assert "echo first" in chat


def test_its_guesses_come_from_the_command_line(tmp_path: Path) -> None:
    """As for `penniless sim`; the bot answers all the same."""
    write(tmp_path, BOT % "echo")
    with running(
        "dev", "--port", "0", "--guess", "replyTokenSeconds=30", folder=tmp_path
    ) as command:
        url = command.until(PAGE)
        assert heard(url, "hello") == ["echo hello"]
        channel = httpx.get(f"{url}/sim/world", trust_env=False).json()["channel"]
        assert command.interrupt() == 0
    assert channel["guesses"]["replyTokenSeconds"] == 30
