"""The work that all candidates do: the same signed webhooks, each with ids of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import platform
from pathlib import Path

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "benchmark-token"  # no secret: the endpoint does not look at it

CANDIDATES = ("floor", "penniless_echo", "sdk_echo")
SHOWN = {
    "floor": "floor: standard library, no models",
    "penniless_echo": "Penniless",
    "sdk_echo": "official SDK v3",
}
ROOT = Path(__file__).resolve().parent.parent


def settings(origin: str) -> dict[str, str]:
    """The environment of a candidate; bytecode is written and used, as it is in production."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "LINE_API_ORIGIN": origin,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
    }


def webhook(number: int, events: int = 1) -> tuple[bytes, str]:
    """The body and signature of the webhook of this number, from as many people as events."""
    return signed([event(number, place) for place in range(events)])


def signed(events: list[dict[str, object]]) -> tuple[bytes, str]:
    """The body and signature of a webhook with these events."""
    told = {"destination": "U" + "0" * 32, "events": events}
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    return body, base64.b64encode(digest).decode()


def event(number: int, place: int) -> dict[str, object]:
    """A text of the person of this place; its ids are those of number and place."""
    unique = f"{number:08d}{place:02d}"
    return {
        "type": "message",
        "message": {
            "type": "text",
            "id": f"5{unique:0>17}",
            "quoteToken": "q" * 150,
            "markAsReadToken": "m" * 210,
            "text": "こんにちは, hello 🍎",
        },
        "webhookEventId": f"01KAPENN1E55{unique:0>14}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": 1_780_000_000_000 + number,
        "source": {"type": "user", "userId": "U" + f"{place:032x}"},
        "replyToken": f"{unique:0>32}",
        "mode": "active",
    }


def machine() -> str:
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"


def table(rows: list[tuple[str, ...]], heads: tuple[str, ...]) -> str:
    """A Markdown table, numbers to the right."""
    lines = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) - 1)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)
