"""URLs: which LINE takes, and which computers are this one.

Law of this module: text in, verdict out; nothing is looked up.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

_STRICT = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*\Z")


def split(url: str) -> SplitResult | None:
    """The parts of a URL, None if it is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError for a bad port
    except ValueError:
        return None
    return parts


@lru_cache(maxsize=256)
def is_loopback(host: str | None) -> bool:
    """Whether a host name or address means this computer, whatever a name server may say."""
    named = (host or "").lower()
    if named == "localhost" or named.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(named).is_loopback
    except ValueError:
        return False


def is_percent_encoded(url: str) -> bool:
    """Whether every character may stand in a URL as it is; LINE wants UTF-8, percent-encoded."""
    return _STRICT.match(url) is not None


def is_web_address(url: str, *, allow_http: bool) -> bool:
    """An https URL; or http, where that is allowed, to this computer only."""
    parts = split(url)
    if parts is None or not parts.hostname or not is_percent_encoded(url):
        return False
    if parts.scheme.lower() == "https":
        return True
    return allow_http and parts.scheme.lower() == "http" and is_loopback(parts.hostname)
