"""Which Python on which processor the function runs on, as template.yaml says.

Law of this module: names and texts, nothing is run.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from penniless.errors import SettingsError

RUNTIMES = {"python3.11": 26, "python3.12": 34, "python3.13": 34, "python3.14": 34}
"""The runtimes that Penniless runs on, and the minor version of their glibc 2."""

ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""AWS's names of the processors, and those in the names of wheels."""

_OLDEST_GLIBC = 17
_RUNTIME = re.compile(r"^ *Runtime: *[\"']?(python[0-9.]+)[\"']? *(?:#.*)?$", re.MULTILINE)
_ARCHITECTURES = re.compile(
    r"^ *Architectures:(?: *\[ *[\"']?(\w+)[\"']? *\]|(?: *#.*)?\n *- *[\"']?(\w+)[\"']?)"
    r" *(?:#.*)?$",
    re.MULTILINE,
)

_THE_BOT = re.compile(
    r"^(?P<indent> +)BotFunction: *(?:#.*)?\n(?:(?:(?P=indent) .*| *)\n)*", re.MULTILINE
)
"""The function that is built, to its end; others may run on something else."""


class Target(NamedTuple):
    """A runtime and an architecture, under AWS's names."""

    runtime: str = "python3.13"
    arch: str = "arm64"

    def __str__(self) -> str:
        return f"{self.runtime} on {self.arch}"

    @property
    def version(self) -> str:
        """As in 3.13."""
        return self.runtime.removeprefix("python")

    @property
    def uv_platform(self) -> str:
        """The platform under uv's name; uv takes what older ones can run, too."""
        glibc = RUNTIMES[self.runtime]
        return f"{ARCHITECTURES[self.arch]}-manylinux_2_{glibc if glibc >= 28 else _OLDEST_GLIBC}"

    @property
    def pip_platforms(self) -> list[str]:
        """Every tag of a wheel that runs there, the newest first; pip adds none by itself."""
        machine = ARCHITECTURES[self.arch]
        tags = [f"manylinux_2_{minor}" for minor in range(RUNTIMES[self.runtime], 16, -1)]
        return [f"{tag}_{machine}" for tag in [*tags, "manylinux2014", "linux"]]


def target_for(source: Path, *, runtime: str | None, arch: str | None) -> Target:
    """What is given, else what the template.yaml in `source` says, else python3.13 on arm64.

    Raises SettingsError for a name that Lambda or Penniless does not know.
    """
    text = _template(source)
    found = Target(
        runtime or _only(_RUNTIME, text, "--runtime") or Target().runtime,
        arch or _only(_ARCHITECTURES, text, "--arch") or Target().arch,
    )
    for value, known in ((found.runtime, RUNTIMES), (found.arch, ARCHITECTURES)):
        if value not in known:
            raise SettingsError(f"Penniless does not run on {value}; choose {_listed(list(known))}")
    return found


def _template(source: Path) -> str:
    for name in ("template.yaml", "template.yml"):
        try:
            return (source / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue
    return ""


def _only(pattern: re.Pattern[str], text: str, option: str) -> str | None:
    """The value that the template gives to the bot, or else anywhere, maybe several times."""
    own = _THE_BOT.search(f"{text}\n")
    if own and pattern.search(own[0]):
        text = own[0]
    values = sorted({next(filter(None, found.groups())) for found in pattern.finditer(text)})
    if len(values) > 1:
        raise SettingsError(f"template.yaml has {_listed(values)}; say which with {option}")
    return values[0] if values else None


def _listed(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
