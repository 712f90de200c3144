"""URLs that LINE takes, and names of this computer."""

from __future__ import annotations

import pytest

from penniless.simulator.addresses import is_loopback, is_percent_encoded, is_web_address


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LocalHost", True),
        ("bot.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("127.evil.example", False),
        ("localhost.evil.example", False),
        ("evil-localhost", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("", False),
        (None, False),
    ],
)
def test_names_of_this_computer(host: str | None, *, expected: bool) -> None:
    """Decided from the name alone: a name server of somebody else is never asked."""
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a?b=%E6%97%A5#c", True),
        ("https://example.com/日", False),
        ("https://example.com/%zz", False),
        ("https://example.com/a b", False),
        ('https://example.com/"', False),
        ("", True),
    ],
)
def test_percent_encoding(url: str, *, expected: bool) -> None:
    assert is_percent_encoded(url) is expected


@pytest.mark.parametrize(
    ("url", "https_only", "http_allowed"),
    [
        ("https://example.com", True, True),
        ("HTTPS://EXAMPLE.COM/", True, True),
        ("https://sample.invalid/photo.png", True, True),
        ("http://localhost:3000/", False, True),
        ("http://[::1]/", False, True),
        ("http://example.com/", False, False),
        ("ftp://localhost/", False, False),
        ("https://", False, False),
        ("https://example.com:99999/", False, False),
        ("https://[::1", False, False),
        ("example.com", False, False),
    ],
)
def test_web_addresses(url: str, *, https_only: bool, http_allowed: bool) -> None:
    """https anywhere; http on this computer, and only where that is allowed."""
    assert is_web_address(url, allow_http=False) is https_only
    assert is_web_address(url, allow_http=True) is http_allowed
