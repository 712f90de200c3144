"""From a path to the bot in it, or one sentence that says why not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from penniless.cli.loading import find, load_bot, load_dotenv
from penniless.errors import CodeError, SettingsError

BOT = "from penniless import Bot\nbot = Bot()\n"


@pytest.fixture(autouse=True)
def restored_imports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Loading a file changes the import path; give it back, and work in an empty folder."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    for name in ("app", "other", "helper"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def write(text: str, name: str = "app.py") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def refusal(target: str) -> str:
    with pytest.raises(CodeError) as caught:
        load_bot(target)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (BOT, "app.py"),
        (BOT, "."),
        ("from penniless import Bot\nlittle = Bot()\n", "app.py"),
        ("from penniless import Bot\na = Bot()\nb = Bot()\n", "app.py:b"),
        (BOT + "other = Bot()\n", "app.py"),
        (BOT + "same = bot\n", "app.py:same"),
        ("from penniless import Bot\r\nbot = Bot()\r\n", "app.py"),
    ],
)
def test_finds_the_bot(text: str, target: str) -> None:
    """A file, a folder with app.py, or a name behind the file leads to the bot."""
    write(text)

    assert type(load_bot(target)).__name__ == "Bot"


def test_neighbour_modules_are_importable() -> None:
    """A bot may import the files beside it, as if it had been run."""
    write("TEXT = 'hi'\n", "helper.py")
    write(BOT + "import helper\nassert helper.TEXT\n")

    assert load_bot("app.py")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\n", "app.py has no bot; write `bot = Bot()` at its top level"),
        (
            "from penniless import Bot\na = Bot()\nb = Bot()\n",
            "say which bot of app.py you mean: app.py:a, app.py:b",
        ),
        ("def f(:\n", "syntax error in app.py, line 1: invalid syntax"),
        ("import sys\nsys.exit(4)\n", "app.py, line 2: SystemExit: 4"),
        ("\n\nboom\n", "app.py, line 3: NameError: name 'boom' is not defined"),
        (
            BOT + "@bot.text('(')\ndef x(ctx): ...\n",
            "app.py, line 3: RouteError: '(' is not a regular expression",
        ),
    ],
)
def test_says_why_not_in_one_sentence(text: str, sentence: str) -> None:
    """What is wrong with the file is said with its place, without a traceback."""
    write(text)

    said = refusal("app.py")

    assert said.startswith(sentence)
    assert "\n" not in said


def test_not_utf8() -> None:
    """A file in another encoding is a sentence, too."""
    Path("app.py").write_bytes(b"# \xff\xfe\nx = 1\n")

    assert "app.py" in refusal("app.py")


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("ecko.py", "there is no file ecko.py"),
        ("nowhere/app.py:bot", "there is no file nowhere/app.py"),
        ("notes.txt", "notes.txt is not a Python file"),
    ],
)
def test_wrong_paths(target: str, sentence: str) -> None:
    """A path that leads nowhere is named."""
    Path("notes.txt").touch()

    with pytest.raises(CodeError) as caught:
        find(target)

    assert str(caught.value) == sentence.replace("/", os.sep)


def test_dotenv_fills_what_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The .env beside the bot gives settings; the environment wins."""
    monkeypatch.setenv("LINE_CHANNEL_SECRET", "from the environment")
    monkeypatch.setenv("PENNILESS_TEST_ONLY", "to be restored")
    monkeypatch.delenv("PENNILESS_TEST_ONLY")
    write(
        "\ufeffLINE_CHANNEL_SECRET=from the file\r\nexport PENNILESS_TEST_ONLY='สวัสดี $x'\r\n",
        ".env",
    )

    load_dotenv(Path())

    assert os.environ["LINE_CHANNEL_SECRET"] == "from the environment"
    assert os.environ["PENNILESS_TEST_ONLY"] == "สวัสดี $x"


def test_unreadable_dotenv() -> None:
    """A .env that is a folder or no text is a sentence that names it."""
    Path(".env").mkdir()
    with pytest.raises(SettingsError, match=r"\.env cannot be read: Is a directory"):
        load_dotenv(Path())
    Path(".env").rmdir()
    Path(".env").write_bytes(b"A=\xff\xff\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read: it is not UTF-8 text"):
        load_dotenv(Path())
