"""The `penniless` command. One module a command: it parses, calls and prints."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; explain in one sentence if its libraries are not installed."""
    try:
        from penniless.cli.commands import app
    except ModuleNotFoundError as error:
        sys.exit(
            f"penniless: the commands need {error.name}; install them with: "
            "pip install 'penniless[cli]'"
        )
    app()
