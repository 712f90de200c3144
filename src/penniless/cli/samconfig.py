"""What `sam deploy` was told, so that the commands in a project's folder find what it made.

Law of this module: the default environment of `samconfig.toml`, read and never written.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from penniless.errors import SettingsError

FILE = Path("samconfig.toml")


def deployed(name: str) -> str | None:
    """`stack_name`, `region` or `profile` as `sam deploy` here takes it; None if it says nothing.

    Raises SettingsError for a file that cannot be read.
    """
    if not FILE.exists():
        return None
    try:
        commands = tomllib.loads(FILE.read_text(encoding="utf-8-sig")).get("default", {})
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not TOML"
        raise SettingsError(f"{FILE} cannot be read: {reason}") from None
    for command in ("deploy", "global"):
        found = _parameters(commands, command).get(name)
        if isinstance(found, str) and found:
            return found
    return None


def _parameters(commands: Any, command: str) -> dict[str, Any]:
    """The parameters of one command; nothing where the file has another shape."""
    for key in (command, "parameters"):
        commands = commands.get(key) if isinstance(commands, dict) else None
    return commands if isinstance(commands, dict) else {}
