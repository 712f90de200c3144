"""The secrets of a deployed bot: stored encrypted, never shown, and checked against LINE."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from penniless.aws.secrets import NAMES
from penniless.simulator import Simulator
from penniless.simulator.server import serving
from tests.cli.account import Account
from tests.cli.logged import command, refusal
from tests.conftest import Serve
from tests.servers import answer

SECRET, TOKEN, CHANNEL_ID = NAMES
THE_SECRET = "0123456789abcdef0123456789abcdef"
THE_TOKEN = "the/access+token" * 8 + "="
DOTENV = f"\ufeff# mine\r\n{SECRET}={THE_SECRET}\r\nexport {TOKEN}='{THE_TOKEN}'\r\nOTHER=x\r\n"

_numbers = count(1)

pytestmark = pytest.mark.aws


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def path() -> str:
    """Where no secret is yet."""
    return f"/bot-{next(_numbers)}"


def stored(account: Account, path: str) -> dict[str, tuple[str, str]]:
    """Type and value of what is there."""
    with account.client("ssm") as ssm:
        names = [f"{path}/{name}" for name in NAMES]
        found = ssm.get_parameters(Names=names, WithDecryption=True)["Parameters"]
    return {one["Name"].rpartition("/")[2]: (one["Type"], one["Value"]) for one in found}


def store(account: Account, path: str, kind: str = "SecureString", **values: str) -> None:
    with account.client("ssm") as ssm:
        for name, value in values.items():
            ssm.put_parameter(Name=f"{path}/{name}", Value=value, Type=kind)


BOTH = {SECRET: ("SecureString", THE_SECRET), TOKEN: ("SecureString", THE_TOKEN)}


@pytest.mark.parametrize("options", [["--from-file", ".env"], ["--from-file", "-"]])
def test_from_a_file_or_a_pipe(account: Account, path: str, options: list[str]) -> None:
    """Both secrets are stored encrypted, below the path; neither is printed."""
    Path(".env").write_text(DOTENV, encoding="utf-8", newline="")
    settings = account.settings()
    done = command("secrets", "set", "--path", path, *options, typed=DOTENV, **settings)

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"stored {path}/{SECRET}\nstored {path}/{TOKEN}\n"
    assert stored(account, path) == BOTH


def test_from_the_environment(account: Account, path: str) -> None:
    """Variables that are set already can be stored, and an id, which is no secret, can be said."""
    done = command(
        *("secrets", "set", "--path", path, "--from-environment", "--channel-id", "1234567890"),
        **account.settings(LINE_CHANNEL_SECRET=THE_SECRET),
    )

    assert (done.exit_code, done.stderr) == (0, "")
    assert stored(account, path) == {
        SECRET: ("SecureString", THE_SECRET),
        CHANNEL_ID: ("SecureString", "1234567890"),
    }


def test_the_path_is_that_of_the_project(account: Account, path: str) -> None:
    """In the folder of a project the stack's name is the path."""
    Path("samconfig.toml").write_text(
        f'[default.global.parameters]\nstack_name = "{path[1:]}"\n', encoding="utf-8"
    )
    done = command("secrets", "set", "--from-file", "-", typed=DOTENV, **account.settings())

    assert done.exit_code == 0
    assert stored(account, path) == BOTH


def test_nothing_is_replaced_unasked(account: Account, path: str) -> None:
    """A script has to say that it replaces; then it does, and is told what that takes."""
    store(account, path, **{SECRET: "old"})
    options = ["--path", path, "--from-file", "-"]
    settings = account.settings()
    sentence = refusal(command("secrets", "set", *options, typed=DOTENV, **settings))

    assert sentence == f"{path}/{SECRET} is there already; say --yes to replace it"
    assert stored(account, path) == {SECRET: ("SecureString", "old")}

    done = command("secrets", "set", *options, "--yes", typed=DOTENV, **settings)

    assert done.stdout.endswith("keeps the old ones until it is deployed again.\n")
    assert stored(account, path) == BOTH


def test_what_lies_open_is_not_written_over(account: Account, path: str) -> None:
    """A plain parameter would stay plain; it has to be deleted first."""
    store(account, path, "String", **{SECRET: "old"})
    options = ["--path", path, "--from-file", "-", "--yes"]
    sentence = refusal(command("secrets", "set", *options, typed=DOTENV, **account.settings()))

    assert sentence == (
        f"{path}/{SECRET} is there as a plain String; delete it first: "
        f"aws ssm delete-parameter --name {path}/{SECRET}"
    )
    assert set(stored(account, path)) == {SECRET}


def test_what_is_missing_afterwards(account: Account, path: str) -> None:
    """A bot needs a secret and a token; half of it is stored, and said to be half."""
    options = ["--path", path, "--from-file", "-"]
    done = command(
        "secrets", "set", *options, typed=f"{SECRET}={THE_SECRET}\n", **account.settings()
    )

    assert done.exit_code == 0
    assert done.stderr == f"penniless: {path}/{TOKEN} is still missing\n"


@pytest.mark.parametrize(
    ("typed", "options", "sentence"),
    [
        ("", [], "there is no terminal to ask on"),
        ("", ["--from-file", "-"], f"- has none of {', '.join(NAMES)}"),
        ("", ["--from-file", "no.env"], "no.env cannot be read: No such file or directory"),
        ("", ["--from-environment"], "the environment has none of LINE_CHANNEL_SECRET"),
        ("", ["--from-environment", "--from-file", "-"], "say --from-file or --from-environment"),
        (f"{SECRET}='a b{THE_SECRET}'", ["--from-file", "-"], f"the {SECRET} has a space, a line"),
        (f"{TOKEN}='秘密{THE_SECRET}'", ["--from-file", "-"], f"the {TOKEN} has a space, a line"),
        (f"{TOKEN}={THE_SECRET * 200}", ["--from-file", "-"], f"the {TOKEN} has over 4,096 letter"),
        (DOTENV, ["--from-file", "-", "--channel-id", "12a"], f"the {CHANNEL_ID} is not a number"),
    ],
)
def test_what_cannot_be(
    account: Account, path: str, typed: str, options: list[str], sentence: str
) -> None:
    """What is no secret is refused before anything is stored, and is not quoted."""
    arguments = ["secrets", "set", "--path", path, *options]
    said = refusal(command(*arguments, typed=typed, **account.settings()))

    assert said.startswith(sentence)
    assert THE_SECRET not in said
    assert stored(account, path) == {}


def test_no_path() -> None:
    """Without a project the path has to be said."""
    assert refusal(command("secrets", "check")) == (
        "say where they belong: --path /mybot, with the name of the stack"
    )


def check(account: Account, path: str, *options: str, **more: str) -> Any:
    return command("secrets", "check", "--path", path, *options, **account.settings(**more))


def test_check(account: Account, path: str) -> None:
    """What is there is said with its date, and nothing of its value."""
    store(account, path, **{SECRET: THE_SECRET, TOKEN: THE_TOKEN})
    done = check(account, path)
    today = time.strftime("%Y-%m-%d")

    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{path}/{SECRET}        encrypted, of {today}")
    assert lines[1].startswith(f"{path}/{TOKEN}  encrypted, of {today}")
    assert lines[2] == f"{path}/{CHANNEL_ID}            not set"
    assert THE_SECRET not in done.output
    assert THE_TOKEN not in done.output


def test_check_finds_what_is_missing(account: Account, path: str) -> None:
    """A bot without its token fails the check."""
    store(account, path, **{SECRET: THE_SECRET})
    done = check(account, path)

    assert refusal(done) == f"{path}/{TOKEN} is missing: store it with `penniless secrets set`"
    assert done.stdout.splitlines()[1] == f"{path}/{TOKEN}  missing"


def test_check_finds_what_lies_open(account: Account, path: str) -> None:
    """A secret that is not encrypted fails the check."""
    store(account, path, **{SECRET: THE_SECRET})
    store(account, path, "String", **{CHANNEL_ID: "1234567890"})
    done = check(account, path)

    assert done.exit_code == 1
    assert "NOT ENCRYPTED (String)" in done.stdout


@pytest.fixture
def line() -> Iterator[tuple[Simulator, str]]:
    simulator = Simulator()
    with serving(simulator) as url:
        yield simulator, url


def test_line_accepts_the_token(account: Account, path: str, line: tuple[Simulator, str]) -> None:
    """With `--line` LINE is asked whose token it is."""
    simulator, url = line
    store(account, path, **{SECRET: THE_SECRET, TOKEN: simulator.channel_access_token})
    done = check(account, path, "--line", LINE_API_ORIGIN=url)
    world = simulator.world

    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == (
        f"LINE accepts the channel access token of {world.name} ({world.basic_id})"
    )
    assert simulator.channel_access_token not in done.output


def test_line_refuses_the_token(account: Account, path: str, line: tuple[Simulator, str]) -> None:
    """A token that LINE refuses fails the check, and is not quoted."""
    store(account, path, **{SECRET: THE_SECRET, TOKEN: THE_TOKEN})
    sentence = refusal(check(account, path, "--line", LINE_API_ORIGIN=line[1]))

    assert sentence == "LINE refuses the channel access token (401)"


def test_line_refuses_id_and_secret(account: Account, path: str, serve: Serve) -> None:
    """Without a token the channel id and the secret are tried, as the bot would."""
    server = serve(answer({"error": "invalid_client"}, "400 Bad Request"))
    store(account, path, **{SECRET: f"{THE_SECRET},another", CHANNEL_ID: "1234567890"})
    sentence = refusal(check(account, path, "--line", LINE_API_ORIGIN=server.origin))

    assert sentence.startswith("LINE issued no access token (400)")
    assert [one.target for one in server.received] == ["/oauth2/v3/token"]
    assert THE_SECRET.encode() in server.received[0].body
    assert b"another" not in server.received[0].body
    assert THE_SECRET not in sentence


def test_missing_permissions(account: Account, path: str) -> None:
    """The action that a policy has to allow is named."""
    reader = account.person("ssm:GetParameters")
    options = ["--path", path, "--from-file", "-"]
    denied = refusal(command("secrets", "set", *options, typed=DOTENV, **reader))
    blind = refusal(command("secrets", "check", "--path", path, **account.person("sts:*")))

    assert denied == "these AWS credentials lack the permission ssm:PutParameter"
    assert blind == "these AWS credentials lack the permission ssm:GetParameters"


def test_enough_permissions(account: Account, path: str) -> None:
    """Storing needs two actions."""
    writer = account.person("ssm:GetParameters", "ssm:PutParameter")
    options = ["--path", path, "--from-file", "-"]

    assert command("secrets", "set", *options, typed=DOTENV, **writer).exit_code == 0


OWN_TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from penniless.cli import main
main()
"""
"""The program with stdin as its /dev/tty, which is where secrets are asked for."""


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *arguments: str, **settings: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        self._controller, terminal = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", OWN_TERMINAL, *arguments],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**clean, "PYTHONUTF8": "1", "COLUMNS": "300", **settings},
            start_new_session=True,
        )
        os.close(terminal)
        self.shown = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._controller)

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, then type that; the question has to be the newest text."""
        until = time.monotonic() + 20
        while question not in self.shown.rpartition("\n")[2]:
            assert time.monotonic() < until, self.shown
            self._read(0.1)
        os.write(self._controller, text.encode())
        self._read(0.2)

    def end(self) -> int:
        code = self._process.wait(timeout=20)
        while self._read(0.05):
            continue
        return code

    def _read(self, seconds: float) -> bool:
        if not select.select([self._controller], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._controller, 65536)
        except OSError:  # the other side is closed
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


def test_asking_without_an_echo(account: Account, path: str) -> None:
    """On a terminal both are asked for; what is typed does not show."""
    with Terminal("secrets", "set", "--path", path, **account.settings()) as terminal:
        terminal.answer(
            "Channel secret (console, Basic settings), empty for none: ", THE_SECRET + "\n"
        )
        terminal.answer("Channel access token (console, Messaging API), empty", THE_TOKEN + "\n")
        assert terminal.end() == 0

    assert THE_SECRET not in terminal.shown
    assert THE_TOKEN not in terminal.shown
    assert f"stored {path}/{SECRET}\nstored {path}/{TOKEN}\n" in terminal.shown
    assert stored(account, path) == BOTH


def test_asking_before_replacing(account: Account, path: str) -> None:
    """What is there is kept unless one says yes; an empty answer changes nothing."""
    store(account, path, **{SECRET: "old", TOKEN: "old"})
    with Terminal("secrets", "set", "--path", path, **account.settings()) as terminal:
        terminal.answer("Replace it? [y/N]", "n\n")
        terminal.answer("Replace it? [y/N]", "y\n")
        terminal.answer("Channel access token", THE_TOKEN + "\n")
        assert terminal.end() == 0

    assert stored(account, path) == {**BOTH, SECRET: ("SecureString", "old")}


@pytest.mark.parametrize("typed", [("\n", "\n"), ("\x04",)], ids=["empty", "ctrl-d"])
def test_changing_nothing(account: Account, path: str, typed: tuple[str, ...]) -> None:
    """Empty answers, and Ctrl-D, store nothing."""
    questions = ("Channel secret", "Channel access token")
    with Terminal("secrets", "set", "--path", path, **account.settings()) as terminal:
        for question, text in zip(questions, typed, strict=False):
            terminal.answer(question, text)
        assert terminal.end() == 1

    assert "penniless: nothing was changed" in terminal.shown
    assert stored(account, path) == {}


def test_ctrl_c(account: Account, path: str) -> None:
    """Ctrl-C ends it, with the exit code of an interrupt."""
    with Terminal("secrets", "set", "--path", path, **account.settings()) as terminal:
        terminal.answer("Channel secret", "\x03")
        assert terminal.end() == 130

    assert "Traceback" not in terminal.shown
    assert stored(account, path) == {}


@pytest.mark.parametrize("name", ["--channel-secret", "--channel-access-token", "--secret"])
def test_secrets_are_no_options(name: str) -> None:
    """A secret on the command line would be in the shell's history: there is no such option."""
    assert command("secrets", "set", name, THE_SECRET).exit_code == 2
