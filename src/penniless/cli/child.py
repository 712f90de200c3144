"""The bot's own process under `penniless dev` and `penniless chat`.

Run as `python -m penniless.cli.child APP.PY PORT STORE`, with LINE's settings in the environment.
Whatever the bot's code says about secrets, origin or store is replaced: here it only ever talks
to the simulated LINE.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from penniless.errors import PennilessError

FAILED = 3
"""Exit code for a bot that cannot be loaded; the reason is the last line on stderr."""


def _end_with_parent() -> None:
    """Stop when the other end of standard input is closed: the parent ended, even by kill -9."""

    def wait() -> None:
        sys.stdin.read()
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def main(path: str, port: str, store: str) -> int:
    from penniless.cli.loading import load_bot
    from penniless.cli.serve import listening, prepare, serve_on
    from penniless.stores.sqlite import SQLiteStore

    _end_with_parent()
    try:
        bot = load_bot(path)
        bot.use(
            channel_secret=os.environ["LINE_CHANNEL_SECRET"],
            channel_access_token=os.environ["LINE_CHANNEL_ACCESS_TOKEN"],
            api_origin=os.environ["LINE_API_ORIGIN"],
            store=SQLiteStore(Path(store)),
            full_errors=True,
        )
        prepare(bot, Path(store))
        with listening("127.0.0.1", int(port)) as listener:
            serve_on(bot, listener)
    except PennilessError as error:
        print(error, file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
