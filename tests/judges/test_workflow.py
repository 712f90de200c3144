"""The GitHub workflow of docs/ci.md: GitHub would take it, and its steps work as on a runner.

Only what `uses` would set up is there already: the files, Node, and a Python of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.running import SECONDS
from tests.cli.test_sim import free_port
from tests.judges.fetched import node, python_of_checker, sdk_name, uv

pytestmark = [pytest.mark.slow, pytest.mark.deploy]

ROOT = Path(__file__).resolve().parents[2]
TO_JSON = (
    "import json, sys, ruamel.yaml as y; json.dump(y.YAML(typ='safe').load(sys.stdin), sys.stdout)"
)
SET_UP = {"actions/checkout@v4", "actions/setup-node@v4", "actions/setup-python@v5"}
"""The actions whose work this machine and the fixtures have done."""


class Done(NamedTuple):
    """One step that was run."""

    run: str
    code: int
    said: str


def block(language: str, start: str) -> str:
    """The block of the page in that language that starts so."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [one] = [text for text in found if text.startswith(start)]
    return str(one)


def workflow() -> dict[str, Any]:
    """The workflow of the page, read as YAML 1.2."""
    done = subprocess.run(
        [str(python_of_checker()), "-c", TO_JSON],
        input=block("yaml", "name: bot"),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def checked(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What GitHub's schema says of a workflow."""
    (folder / "bot.yml").write_text(text, encoding="utf-8")
    command = [str(python_of_checker()), "-m", "check_jsonschema"]
    schema = ["--builtin-schema", "vendor.github-workflows", "bot.yml"]
    return subprocess.run(
        [*command, *schema], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


def test_github_takes_it(tmp_path: Path) -> None:
    """The page's workflow fits GitHub's schema; one with a mistake in it does not."""
    text = block("yaml", "name: bot")
    good = checked(text, tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    for right, wrong in (
        ("runs-on:", "run-on:"),
        ("push", "pushed"),
        ("- run: npm", "- runs: npm"),
    ):
        assert right in text
        assert checked(text.replace(right, wrong, 1), tmp_path).returncode == 1, wrong


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Penniless as pip would get it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [uv(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=SECONDS * 4)
    [found] = folder.glob("*.whl")
    return found


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The commands of a fresh Python with pip, as `setup-python` leaves it."""
    folder = tmp_path / "python"
    command = [uv(), "venv", "--quiet", "--seed", "--python", sys.executable, str(folder)]
    subprocess.run(command, check=True, timeout=SECONDS * 4)
    return folder / "bin"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The repository that the page describes, as `checkout` leaves it."""
    folder = tmp_path / "work tree"
    (folder / "ci").mkdir(parents=True)
    (folder / "ci" / "talk.sh").write_text(block("bash", "set -euo"), encoding="utf-8")
    (folder / "bot.js").write_text(block("js", "// bot.js"), encoding="utf-8")
    name, _, version = sdk_name().rpartition("@")
    package = {"name": "bot", "version": "1.0.0", "type": "module", "dependencies": {name: version}}
    (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
    npm = [
        str(shutil.which("npm")),
        "install",
        "--package-lock-only",
        "--ignore-scripts",
        "--silent",
    ]
    subprocess.run(npm, cwd=folder, check=True, timeout=SECONDS * 4)
    return folder


def carried_out(
    steps: list[dict[str, Any]], folder: Path, environment: dict[str, str]
) -> list[Done]:
    """Run the steps one after the other, until one fails; then only those for failures.

    As GitHub says: without a `shell`, each `run` is a file for `bash -e`.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    """
    done: list[Done] = []
    for step in steps:
        failed = any(one.code for one in done)
        if "uses" in step:
            assert step["uses"] in SET_UP
        elif failed == (step.get("if") == "failure()"):
            script = folder.parent / "step.sh"
            script.write_text(step["run"], encoding="utf-8")
            ran = subprocess.run(
                [str(shutil.which("bash")), "-e", str(script)],
                cwd=folder,
                env={**environment, **step.get("env", {})},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=SECONDS * 8,
                check=False,
            )
            done.append(Done(step["run"], ran.returncode, ran.stdout))
    return done


@pytest.fixture
def environment(wheel: Path, python: Path, tmp_path: Path) -> dict[str, str]:
    """What a runner's steps see; `penniless` is the wheel of this checkout."""
    constraint = tmp_path / "constraint.txt"
    constraint.write_text(f"penniless @ {wheel.as_uri()}\n", encoding="utf-8")
    kept = {"HOME", "LANG", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "TMPDIR"}
    usual = {name: value for name, value in os.environ.items() if name in kept or "PIP" in name}
    path = os.pathsep.join([str(python), str(Path(node()).parent), "/usr/bin", "/bin"])
    ports = {"SIM_PORT": str(free_port()), "PORT": str(free_port())}
    return {**usual, **ports, "PATH": path, "CI": "true", "PIP_CONSTRAINT": str(constraint)}


def test_its_steps_talk_to_the_bot(checkout: Path, environment: dict[str, str]) -> None:
    """npm and pip install what it needs, and the bot of the page answers."""
    done = carried_out(workflow()["jobs"]["talk"]["steps"], checkout, environment)

    assert [one.code for one in done] == [0, 0, 0], done[-1].said
    assert done[-1].said.splitlines()[-1] == "the bot answered"
    assert done[-1].run == "bash ci/talk.sh"
    assert (Path(environment["PATH"].partition(os.pathsep)[0]) / "penniless").is_file()


def test_its_steps_fail_with_a_bot_that_is_broken(
    checkout: Path, environment: dict[str, str]
) -> None:
    """The job fails, and its last step shows the bot's own error."""
    bot = checkout / "bot.js"
    broken = bot.read_text(encoding="utf-8").replace("client.replyMessage", "client.replyMesage")
    bot.write_text(broken, encoding="utf-8")

    done = carried_out(workflow()["jobs"]["talk"]["steps"], checkout, environment)

    assert [one.code for one in done] == [0, 0, 1, 0]
    assert done[-1].run == "cat sim.log bot.log"
    assert "replyMesage is not a function" in done[-1].said
