"""A folder with a bot and tests of its own, and pytest run on it in this process."""

from __future__ import annotations

from importlib.metadata import entry_points
from textwrap import dedent

import pytest

ECHO = """
from penniless import Bot

bot = Bot()


@bot.text()
def echo(ctx):
    return ctx.text
"""
MODULE = "penniless.testing.plugin"


def arguments() -> list[str]:
    """What loads the plugin where the installed package does not."""
    installed = any(one.value == MODULE for one in entry_points(group="pytest11"))
    others = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "anyio")]
    return [*others, *([] if installed else ["-p", MODULE])]


def run(
    pytester: pytest.Pytester,
    *options: str,
    test: str,
    app: str | None = ECHO,
    apart: bool = False,
) -> pytest.RunResult:
    """Write `app.py` and `test_it.py`, run pytest, in a process of its own or not, and report."""
    for name, text in (("app.py", app), ("test_it.py", test)):
        if text is not None:
            (pytester.path / name).write_text(dedent(text), encoding="utf-8")
    how = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
    return how(*arguments(), *options)
