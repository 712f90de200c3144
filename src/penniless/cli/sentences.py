"""How a command fails: one sentence for whoever can mend it, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from penniless.errors import PennilessError


@contextmanager
def one_sentence() -> Iterator[None]:
    """Every failure that a person can mend is one sentence on stderr and exit code 1."""
    try:
        yield
    except PennilessError as error:
        print(f"penniless: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
