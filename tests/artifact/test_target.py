"""Runtime and architecture: from the options, from template.yaml, or the usual ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from penniless.artifact.target import Target, target_for
from penniless.errors import SettingsError
from penniless.scaffold import DOORS, Project, texts

FLOW = "Globals:\n  Function:\n    Runtime: {runtime}\n    Architectures: [{arch}]\n"
BLOCK = "      Runtime: '{runtime}'   # 3.13?\n      Architectures:\n        - \"{arch}\"\n"


def of(folder: Path, text: str, **options: str | None) -> Target:
    """The target of a bot with this template."""
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    return target_for(folder, **{"runtime": None, "arch": None, **options})


@pytest.mark.parametrize("style", [FLOW, BLOCK])
@pytest.mark.parametrize("arch", ["arm64", "x86_64"])
def test_template_decides(style: str, arch: str, tmp_path: Path) -> None:
    """Both ways of writing a list in YAML are read."""
    assert of(tmp_path, style.format(runtime="python3.12", arch=arch)) == ("python3.12", arch)


def test_options_win(tmp_path: Path) -> None:
    """What the command line says goes before the template."""
    text = FLOW.format(runtime="python3.12", arch="arm64")

    assert of(tmp_path, text, runtime="python3.14", arch="x86_64") == ("python3.14", "x86_64")


def test_the_bot_among_other_functions(tmp_path: Path) -> None:
    """What another function runs on does not matter; what is said for all of them does."""
    bot = "  BotFunction:  # mine\n    Properties:\n\n      Runtime: python3.12\n"
    other = "  Other:\n    Properties:\n" + BLOCK.format(runtime="python3.13", arch="x86_64")

    assert of(tmp_path, f"Resources:\n{bot}{other}") == ("python3.12", "x86_64")
    assert of(tmp_path, f"Resources:\n{other}{bot.rstrip()}") == ("python3.12", "x86_64")


@pytest.mark.parametrize("door", DOORS)
def test_runtime_of_the_bot_is_changed_alone(door: str, tmp_path: Path) -> None:
    """In the written template the fuse may stay as it is."""
    text = texts(Project("mybot", door))["template.yaml"]
    assert text.count("Runtime: python3.13") == 2

    found = of(tmp_path, text.replace("Runtime: python3.13", "Runtime: python3.12", 1))

    assert found == ("python3.12", "arm64")


@pytest.mark.parametrize("door", DOORS)
def test_scaffold(door: str, tmp_path: Path) -> None:
    """The template that `penniless new` writes is understood."""
    text = texts(Project("mybot", door))["template.yaml"]

    assert of(tmp_path, text) == ("python3.13", "arm64")
    assert of(tmp_path, text.replace("[arm64]", "[x86_64]")) == ("python3.13", "x86_64")


def test_without_a_template(tmp_path: Path) -> None:
    """A bot that is deployed in another way gets what is cheapest."""
    assert target_for(tmp_path, runtime=None, arch=None) == ("python3.13", "arm64")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Runtime: python3.7\n", "does not run on python3.7; choose python3.11, python3.12, "),
        ("Architectures: [mips]\n", "does not run on mips; choose arm64 or x86_64"),
        (
            "Runtime: python3.12\nRuntime: python3.13\n",
            "python3.12 or python3.13; say .* --runtime",
        ),
        ("Architectures: [arm64]\nArchitectures: [x86_64]\n", "say which with --arch"),
    ],
)
def test_bad_targets(text: str, sentence: str, tmp_path: Path) -> None:
    """What cannot be is said; what is not clear is asked."""
    with pytest.raises(SettingsError, match=sentence):
        of(tmp_path, text)


def test_platforms_of_wheels() -> None:
    """Amazon Linux 2023 has glibc 2.34, the Amazon Linux 2 of python3.11 has 2.26."""
    assert Target("python3.13", "arm64").uv_platform == "aarch64-manylinux_2_34"
    assert Target("python3.11", "x86_64").uv_platform == "x86_64-manylinux_2_17"
    assert Target("python3.13", "arm64").pip_platforms[0] == "manylinux_2_34_aarch64"
    assert Target("python3.11", "arm64").pip_platforms[0] == "manylinux_2_26_aarch64"
    assert "manylinux2014_x86_64" in Target("python3.11", "x86_64").pip_platforms
