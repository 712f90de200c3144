"""`penniless logs retry`: failed events are opened again, and a running bot takes them over."""

from __future__ import annotations

from penniless.asgi import RECOVER_EVERY
from penniless.cli.logs_failed import failed, repeatable, said_in
from penniless.cli.logs_source import Source
from penniless.cli.logs_view import harmless
from penniless.errors import SettingsError
from penniless.ports import Row

_HERE = (
    f"A bot that runs on that file takes over within {RECOVER_EVERY:.0f} seconds, or so long after "
    "its start."
)
_ON_AWS = (
    "The function takes over when its schedule comes round. Without a schedule the next event of "
    "the conversation does it, for one of the newest few."
)


def run(source: Source, keys: list[str], *, everything: bool, now: int, since: int | None) -> None:
    """Reopen these events, or all that can be repeated, and say who goes on.

    Raises SettingsError if none is meant, or if one of them stays as it is.
    """
    if everything == bool(keys):
        raise SettingsError("name the keys that `penniless logs --failed` shows, or say --all")
    if since is not None and not everything:
        raise SettingsError("--since goes with --all")
    rows = failed(source, now=now, since=since or 0)
    chosen = _all_of(source, rows) if everything else _meant(source, rows, keys)
    left = []
    for row in chosen:
        if source.store.reopen(row):
            print(f"open again: {harmless(row.event_id)}  {row.conversation}  {said_in(row)}")
        else:
            left.append(row)
    if len(left) < len(chosen):
        print(_ON_AWS if source.table else _HERE)
    if left:
        raise SettingsError(_why_not(left))


def _all_of(source: Source, rows: list[Row]) -> list[Row]:
    found = [row for row in rows if repeatable(row)]
    if not found:
        raise SettingsError(f"nothing that failed in {source.name} can be repeated")
    return found


def _meant(source: Source, rows: list[Row], keys: list[str]) -> list[Row]:
    """The failed events of these keys, or of their starts, each once. Raises SettingsError."""
    chosen: dict[tuple[str, str], Row] = {}
    for key in keys:
        found = [row for row in rows if row.event_id == key]
        found = found or [row for row in rows if key and row.event_id.startswith(key)]
        if not found:
            raise SettingsError(f"no failed event in {source.name} has the key {key!r}")
        if len(found) > 1:
            several = ", ".join(harmless(row.event_id) for row in found[:5])
            raise SettingsError(f"{key!r} could be {several}")
        chosen[found[0].conversation, found[0].event_id] = found[0]
    return list(chosen.values())


def _why_not(rows: list[Row]) -> str:
    lost = [row for row in rows if not repeatable(row)]
    if not lost:
        return f"{_listed(rows)} cannot be repeated: somebody else was faster"
    return (
        f"{_listed(lost)} cannot be repeated: the message was taken back, or the event was stored "
        "without what LINE said of it"
    )


def _listed(rows: list[Row]) -> str:
    return ", ".join(harmless(row.event_id) for row in rows)
