"""`penniless sim`: the simulated LINE alone, for a bot in any language."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from penniless import __version__
from penniless.cli.loading import load_dotenv
from penniless.cli.platform import platform, shown_settings, simulator_from_environment
from penniless.cli.state_file import kept_in
from penniless.cli.traffic import show_traffic
from penniless.errors import SettingsError
from penniless.simulator.addresses import split
from penniless.simulator.guesses import from_words

console = Console(highlight=False, soft_wrap=True)


def _is_address(webhook: str) -> bool:
    parts = split(webhook)
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)


def run(
    webhook: str | None,
    *,
    port: int | None,
    allow_http: bool,
    state: Path | None = None,
    guesses: Sequence[str] = (),
) -> None:
    """Run until Ctrl-C or SIGTERM. Raises SettingsError for a bad address, port, state or guess."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if webhook is not None and not _is_address(webhook):
        raise SettingsError(
            f"--webhook takes a URL such as http://127.0.0.1:3000/callback, not {webhook!r}"
        )
    load_dotenv(Path())
    guessed = from_words(guesses)
    simulator = simulator_from_environment(webhook=webhook, allow_http=allow_http)
    with kept_in(state, simulator, guessed), platform(simulator, port) as url:
        console.print(f"[bold]Penniless {__version__}[/]  a simulated LINE\n")
        console.print(f"  Chat page  [bold green]{url}[/]")
        console.print(f"  LINE API   {url}  (in place of api.line.me and api-data.line.me)")
        console.print(f"  Webhook    {escape(webhook) if webhook else 'not set; see --webhook'}")
        for name, value in shown_settings(simulator):
            console.print(f"  {name}  {value}")
        console.print("\nGive these to your bot, then talk to it on the page. Ctrl-C stops.\n")
        show_traffic(simulator, console)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print("\nStopping…")
