"""requirements.txt: what is asked for, and wheels for a machine that this one is not."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from penniless import __version__
from penniless.artifact.requirements import install, read_requirements
from penniless.artifact.target import Target
from penniless.errors import CodeError
from tests.artifact.wheelhouse import ARM, INTEL, OLD, PURE, add_wheel

MSGSPEC = f"msgspec=={version('msgspec')}"
ARM64 = Target("python3.13", "arm64")


def lines(folder: Path, text: str) -> list[str]:
    """The lines that a requirements.txt leaves for the installer."""
    (folder / "requirements.txt").write_text(text, encoding="utf-8")
    return read_requirements(folder).lines


@pytest.mark.parametrize(
    "text",
    [
        "penniless\n",
        "Penniless[cli] >= 0.1  # the bot\r\n",
        f"penniless=={__version__}\n",
        "penniless @ git+https://example.com/penniless\n",
        "# nothing but Penniless\n",
        "\ufeffpenniless",
    ],
)
def test_penniless_is_the_installed_one(text: str, tmp_path: Path) -> None:
    """Its line is not for the installer; what it needs itself comes as it is here."""
    assert lines(tmp_path, text) == [MSGSPEC]


def test_other_packages(tmp_path: Path) -> None:
    """Everything else is passed on, a pinned msgspec too."""
    text = "penniless\nhttpx==0.28.1 ; python_version > '3'  # HTTP\nmsgspec==0.19.0\n"

    assert lines(tmp_path, text) == ["httpx==0.28.1 ; python_version > '3'", "msgspec==0.19.0"]


def test_names_like_penniless_are_others(tmp_path: Path) -> None:
    """Only the name counts, as package indexes compare names."""
    assert lines(tmp_path, "penniless-extras==1\n") == ["penniless-extras==1", MSGSPEC]


def test_lines_that_go_on_and_files_that_include(tmp_path: Path) -> None:
    """Lines ending in a backslash, and other files, are read as pip reads them."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "base.txt").write_text("-r deep.txt\n-c pins.txt\n")
    (tmp_path / "more" / "deep.txt").write_text("penniless\nteapot \\\n  >=1\n")

    assert lines(tmp_path, "-r more/base.txt\n--requirement=more/deep.txt\n") == [
        "teapot    >=1",
        f"-c {(tmp_path / 'more' / 'pins.txt').resolve()}",
        "teapot    >=1",
        MSGSPEC,
    ]


def test_files_that_include_themselves(tmp_path: Path) -> None:
    """A circle is said."""
    with pytest.raises(CodeError, match="includes itself"):
        lines(tmp_path, "-r requirements.txt\n")


def test_missing_file(tmp_path: Path) -> None:
    """Without a requirements.txt it is said what to write."""
    with pytest.raises(CodeError, match=r"requirements\.txt; write one with the line `penniless`"):
        read_requirements(tmp_path)


def test_missing_included_file(tmp_path: Path) -> None:
    """A file that is included and is not there is named."""
    with pytest.raises(CodeError, match=r"base\.txt cannot be read: No such file"):
        lines(tmp_path, "-r base.txt\n")


def test_another_penniless(tmp_path: Path) -> None:
    """A pinned version that is not installed here cannot be meant."""
    with pytest.raises(CodeError, match=f"asks for penniless 99.0, and {__version__} is installed"):
        lines(tmp_path, "penniless==99.0\n")


@pytest.mark.parametrize(("arch", "tag"), [("arm64", ARM), ("x86_64", INTEL)])
def test_wheels_of_the_function(arch: str, tag: str, wheels: Path, tmp_path: Path) -> None:
    """The wheels fit the function's Python and processor, whatever this machine is."""
    for one in (ARM, INTEL, OLD):
        add_wheel(wheels, "teapot", one, needs="cup")
    add_wheel(wheels, "cup", PURE)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("teapot\n")

    came = install(
        read_requirements(tmp_path), tmp_path / "out", Target("python3.13", arch), tmp_path
    )

    assert came == ["cup 1.0", f"msgspec {version('msgspec')}", "teapot 1.0"]
    assert (tmp_path / "out" / "teapot.py").read_text() == f"TAG = {tag!r}\n"
    assert (tmp_path / "out" / "cup.py").exists()


def test_installers_leave_nothing(wheels: Path, tmp_path: Path) -> None:
    """No commands, no locks, no records of an installer; what Python itself reads stays."""
    (tmp_path / "requirements.txt").write_text("")

    install(read_requirements(tmp_path), tmp_path / "out", ARM64, tmp_path)

    about = f"msgspec-{version('msgspec')}.dist-info"
    found = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*")
    }
    assert found == {
        "msgspec.py",
        about,
        *(f"{about}/{name}" for name in ("METADATA", "WHEEL", "entry_points.txt")),
    }


def test_no_wheel(wheels: Path, tmp_path: Path) -> None:
    """A package without a wheel for the function is named, with the function's Python."""
    add_wheel(wheels, "teapot", INTEL)
    (tmp_path / "requirements.txt").write_text("teapot==1.0\n")

    with pytest.raises(CodeError, match=r"no wheel of teapot for python3\.13 on arm64"):
        install(read_requirements(tmp_path), tmp_path / "out", ARM64, tmp_path)


def test_other_faults(wheels: Path, tmp_path: Path) -> None:
    """Whatever else goes wrong is said in the installer's words."""
    (tmp_path / "requirements.txt").write_text("teapot ===\n")

    with pytest.raises(CodeError, match=r"teapot, msgspec cannot be installed for .*parse"):
        install(read_requirements(tmp_path), tmp_path / "out", ARM64, tmp_path)


def test_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An index that does not answer is said, without the password in its address."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://me:hush@127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    (tmp_path / "requirements.txt").write_text("")

    with pytest.raises(CodeError, match="msgspec cannot be fetched, the package index is") as told:
        install(read_requirements(tmp_path), tmp_path / "out", ARM64, tmp_path)
    assert "onnection refused" in str(told.value)
    assert "hush" not in str(told.value)
