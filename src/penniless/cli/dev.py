"""`penniless dev`: the simulated LINE, its chat page, and beside it the bot, restarted on save."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from penniless import __version__
from penniless.cli.botprocess import BotProcess
from penniless.cli.loading import find, load_dotenv
from penniless.cli.platform import (
    platform,
    settings_of,
    shown_settings,
    simulator_from_environment,
)
from penniless.cli.state_file import kept_in
from penniless.cli.traffic import show_traffic
from penniless.cli.watching import saves
from penniless.errors import CodeError
from penniless.simulator import Simulator
from penniless.simulator.guesses import from_words
from penniless.stores.sqlite import SQLiteStore

console = Console(highlight=False, soft_wrap=True)


def run(
    path: str,
    *,
    port: int | None,
    store: Path | None,
    allow_http: bool,
    state: Path | None = None,
    guesses: Sequence[str] = (),
) -> None:
    """Run until Ctrl-C or SIGTERM. Raises a PennilessError if it cannot start."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    file, _ = find(path)
    guessed = from_words(guesses)
    load_dotenv(file.parent)
    with ExitStack() as stack:
        log_file = store or stack.enter_context(_temporary_store())
        log = SQLiteStore(log_file)
        stack.callback(log.close)
        simulator = simulator_from_environment(log=log, allow_http=allow_http)
        stack.enter_context(kept_in(state, simulator, guessed))
        url = stack.enter_context(platform(simulator, port))
        bot = stack.enter_context(
            BotProcess(path, store=log_file, settings=settings_of(simulator, url))
        )
        bot.start(simulator.set_webhook)
        simulator.set_bot_status("running", "")
        _greet(path, url, simulator, store)
        show_traffic(simulator, console)
        try:
            _restart_on_save(file.parent, bot, simulator)
        except KeyboardInterrupt:
            console.print("\nStopping…")


def _greet(path: str, url: str, simulator: Simulator, store: Path | None) -> None:
    console.print(f"[bold]Penniless {__version__}[/]  {escape(path)}\n")
    console.print(f"  Chat page  [bold green]{url}[/]")
    console.print(f"  Log        {escape(str(store)) if store else 'on the page, gone at the end'}")
    for name, value in shown_settings(simulator):
        console.print(f"  [dim]{name}  {value}[/]")
    console.print("\nSave the file and the bot restarts. Ctrl-C stops.\n")


@contextmanager
def _temporary_store() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="penniless-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "log.sqlite3"


def _restart_on_save(folder: Path, bot: BotProcess, simulator: Simulator) -> None:
    told_of_end = False
    for changed in saves(folder):
        if changed:
            _restart(changed, bot, simulator)
            told_of_end = False
        elif bot.exit_code is not None and not told_of_end:
            told_of_end = True
            ended = f"the bot ended by itself with exit code {bot.exit_code}"
            simulator.set_bot_status("failed", ended)
            console.print(f"[red]{ended}; save a file to start it again[/]")


def _restart(changed: list[Path], bot: BotProcess, simulator: Simulator) -> None:
    names = ", ".join(sorted({os.path.relpath(one) for one in changed}))
    simulator.set_bot_status("starting", "")
    try:
        bot.start(simulator.set_webhook)
    except CodeError as error:
        simulator.set_bot_status("failed", str(error))
        console.print(f"[red]not restarted:[/] {escape(str(error))}")
    else:
        simulator.set_bot_status("running", "")
        console.print(f"[green]restarted[/] [dim]({escape(names)})[/]")
