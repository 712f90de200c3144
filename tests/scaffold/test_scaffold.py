"""The written project: its names, its files, and a bot that runs as it is."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from penniless.errors import CodeError, SettingsError
from penniless.scaffold import DOORS, Project, advice, suggested_name, texts, write
from tests.live import ROOT, live
from tests.test_docs import commands_on, the_commands

by_door = pytest.mark.parametrize("door", DOORS)


@by_door
def test_files_of_the_project(door: str) -> None:
    """Every door has the same files."""
    assert list(texts(Project("mybot", door))) == [
        ".env.example",
        ".gitignore",
        "Makefile",
        "README.md",
        "app.py",
        "requirements.txt",
        "samconfig.toml",
        "template.yaml",
        "tests/test_app.py",
    ]


@by_door
def test_texts_are_finished(door: str) -> None:
    """No template syntax is left over, no line ends in a blank, every file ends in one newline."""
    for name, text in texts(Project("mybot", door, "us-east-1")).items():
        assert "{%" not in text, name
        assert "{{" not in text, name
        assert [line for line in text.splitlines() if line != line.rstrip()] == [], name
        assert name.endswith(".py") or "\n\n\n" not in text, name
        assert text.endswith("\n"), name
        assert not text.endswith("\n\n"), name


def test_project_is_the_echo_example() -> None:
    """What is written is the bot that the README shows."""
    example = (ROOT / "examples" / "echo" / "app.py").read_text(encoding="utf-8")

    assert texts(Project("mybot"))["app.py"] == example


def test_configuration_of_sam() -> None:
    """samconfig.toml answers what `sam build` and `sam deploy` ask for."""
    found = tomllib.loads(texts(Project("tea-shop", "url", "us-west-2"))["samconfig.toml"])

    assert found["default"]["global"]["parameters"] == {
        "stack_name": "tea-shop",
        "region": "us-west-2",
    }
    assert found["default"]["deploy"]["parameters"]["resolve_s3"] is True


def test_written_project_answers(tmp_path: Path) -> None:
    """The written bot runs unchanged and keeps its log, in a folder with a difficult name too."""
    folder = tmp_path / "my bot ボット"
    write(Project("mybot"), folder)

    with live(folder, tmp_path) as bot:
        assert bot.say("こんにちは 🍎") == [{"type": "text", "text": "こんにちは 🍎"}]
        assert [row["message"] for row in bot.rows()] == ["こんにちは 🍎"]


def test_python_of_the_project_is_python(tmp_path: Path) -> None:
    """Its files compile, and its tests are found by pytest's rules."""
    files = texts(Project("mybot"))

    for name in ("app.py", "tests/test_app.py"):
        ast.parse(files[name], name)
    assert "def test_echo" in files["tests/test_app.py"]


@pytest.mark.parametrize("name", ["mybot", "Tea-Shop-2", "a", "b" * 128])
def test_good_names(name: str) -> None:
    """A stack's name has ASCII letters, digits and hyphens."""
    assert f'stack_name = "{name}"' in texts(Project(name))["samconfig.toml"]


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("", "mybot"),
        ("my bot", "my-bot"),
        ("My_Bot!", "my-bot"),
        ("2048", "mybot"),
        ("1st bot", "st-bot"),
        ("ボット", "mybot"),
        ("茶 tea", "tea"),
        ("-bot", "bot"),
        ("bot\n", "bot"),
    ],
)
def test_bad_names(name: str, suggestion: str) -> None:
    """What CloudFormation would refuse is refused here, with a name that it would take."""
    with pytest.raises(SettingsError, match=f"--name {suggestion}$"):
        texts(Project(name))
    assert suggested_name(name) == suggestion


@pytest.mark.parametrize("name", ["aws-bot", "AWSome", "ssmbot"])
def test_names_that_the_parameter_store_refuses(name: str) -> None:
    """Secrets live below the stack's name, which must not start with aws or ssm there."""
    with pytest.raises(SettingsError, match="aws or ssm"):
        texts(Project(name))


def test_too_long_name() -> None:
    """CloudFormation takes 128 letters."""
    with pytest.raises(SettingsError, match="at most 128"):
        texts(Project("b" * 129))


@pytest.mark.parametrize("region", ["tokyo", "ap-northeast", "AP-NORTHEAST-1", 'x"-1', ""])
def test_bad_regions(region: str) -> None:
    """What is no Region is said, with one that is."""
    with pytest.raises(SettingsError, match="ap-northeast-1"):
        texts(Project("mybot", "url", region))


def test_bad_door() -> None:
    """A wrong door is answered with the right ones."""
    with pytest.raises(SettingsError, match="url, http, rest"):
        texts(Project("mybot", "window"))


def test_advice_where_there_is_no_function_url() -> None:
    """Thailand's Region has no Function URLs; gateways are everywhere."""
    assert "--door http" in advice(Project("mybot", "url", "ap-southeast-7"))
    assert advice(Project("mybot", "http", "ap-southeast-7")) == ""
    assert advice(Project("mybot", "url", "ap-southeast-1")) == ""


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder that holds anything, or a file of that name, is left as it is."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")

    for name in ("full", "file", "link"):
        with pytest.raises(CodeError, match=name):
            write(Project("mybot"), tmp_path / name)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["notes"]
    assert (tmp_path / "file").read_text() == "mine"


def test_empty_and_new_folders_are_filled(tmp_path: Path) -> None:
    """An empty folder will do, and folders above it are made."""
    (tmp_path / "empty").mkdir()

    for folder in (tmp_path / "empty", tmp_path / "a" / "b"):
        files = write(Project("mybot"), folder)
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        assert found - {"tests"} == set(files)


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the way is a sentence, not a traceback."""
    (tmp_path / "file").write_text("mine")

    with pytest.raises(CodeError, match=r"cannot be (read|written)"):
        write(Project("mybot"), tmp_path / "file" / "below")


def test_secrets_have_no_place_in_the_project() -> None:
    """The files that are committed name the two secrets and hold no value for them."""
    files = texts(Project("mybot"))

    assert "LINE_CHANNEL_SECRET=\n" in files[".env.example"]
    assert ".env" in files[".gitignore"].splitlines()


@by_door
def test_commands_of_the_readme_exist(door: str, tmp_path: Path) -> None:
    """Every `penniless …` in the project's README is a command with such options."""
    write(Project("mybot", door), tmp_path / "mybot")
    commands = commands_on(tmp_path / "mybot" / "README.md")
    group = the_commands()

    assert {"dev", "secrets set", "logs list"} <= set(commands)
    for name, *arguments in map(str.split, commands):
        group.commands[name].make_context(name, arguments)


@by_door
def test_readme_explains_the_question_of_sam(door: str) -> None:
    """The question that SAM asks of this door stands there in SAM's words."""
    what = "BotFunction Function Url" if door == "url" else "BotFunction"
    text = texts(Project("mybot", door))["README.md"]

    assert f"> {what} has no authentication. Is this okay? [y/N]" in text
