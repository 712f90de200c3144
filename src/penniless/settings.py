"""Settings from the environment, under the names LINE developers know."""

from __future__ import annotations

import os

from penniless.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

WHERE = {
    "LINE_CHANNEL_SECRET": "on the channel's 'Basic settings' tab",
    "LINE_CHANNEL_ACCESS_TOKEN": "on the channel's 'Messaging API' tab",
}
"""Where the console shows the value of each setting."""


def secrets_in(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """The channel secrets in a setting; several, separated by commas, while one is replaced."""
    parts = given.split(",") if isinstance(given, str) else given or ()
    return tuple(part.strip() for part in parts if part.strip())


def setting(name: str) -> str:
    """The value of a setting. Raises SettingsError, which says where to find it."""
    value = os.environ.get(name, "").strip(" ,\t\r\n")
    if not value:
        raise SettingsError(
            f"{name} is not set; the LINE Developers Console shows it {WHERE[name]} "
            "(https://developers.line.biz/console/)"
        )
    return value
