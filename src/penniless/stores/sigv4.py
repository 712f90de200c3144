"""AWS Signature Version 4: what proves to AWS that a request is ours.

Law of this module: functions of their arguments and nothing else; no clock, no environment, no
socket. Every line is held against botocore's own signer in `tests/stores/test_sigv4.py`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

from hashlib import sha256
from hmac import digest
from time import gmtime, strftime
from urllib.parse import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ALGORITHM = "AWS4-HMAC-SHA256"


def timestamp(seconds: float) -> str:
    """A moment, in seconds since 1970, as the `X-Amz-Date` header writes it: 20261122T203000Z."""
    return strftime("%Y%m%dT%H%M%SZ", gmtime(seconds))


def scope_of(moment: str, region: str, service: str) -> str:
    """What a signature is good for: one day (the start of `moment`), one region, one service."""
    return f"{moment[:8]}/{region}/{service}/aws4_request"


def signing_key(secret_key: str, scope: str) -> bytes:
    """The key that signs everything in this scope; the same all day, so worth keeping."""
    key = b"AWS4" + secret_key.encode()
    for part in scope.split("/"):
        key = digest(key, part.encode(), "sha256")
    return key


def authorization(
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    access_key: str,
    key: bytes,
    scope: str,
    moment: str,
) -> str:
    """The value of the `Authorization` header.

    `target` is path and query as they stand in the request line. All `headers` are signed; `host`,
    `x-amz-date` (with `moment`) and, for temporary credentials, `x-amz-security-token` have to be
    among them. `key` is the `signing_key` of the scope.
    """
    path, _, query = target.partition("?")
    lines = canonical_headers(headers)
    names = ";".join(name for name, _ in lines)
    canonical = "\n".join(
        (
            method,
            canonical_path(path),
            canonical_query(query),
            *(f"{name}:{value}" for name, value in lines),
            "",
            names,
            sha256(body).hexdigest(),
        )
    )
    hashed = sha256(canonical.encode()).hexdigest()
    signature = digest(key, f"{ALGORITHM}\n{moment}\n{scope}\n{hashed}".encode(), "sha256").hex()
    return (
        f"{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )


def canonical_path(path: str) -> str:
    """The path of a request line with its dots and double slashes resolved, and encoded once more.

    Every service signs it so except S3, which signs the path as it is.
    """
    if path in {"", "/"}:
        return "/"
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in {"", "."}:
            kept.append(part)
    first = "/" if path.startswith("/") else ""
    last = "/" if path.endswith("/") and kept else ""
    return quote(first + "/".join(kept) + last, safe="/~")


def canonical_query(query: str) -> str:
    """The query of a request line, already encoded, in order; a name without a value gets one."""
    if not query:
        return ""
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&"))
    return "&".join(f"{name}={value}" for name, value in pairs)


def canonical_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header names in lower case and in order, each with its values joined and spaces trimmed."""
    found: dict[str, str] = {}
    for name, value in headers:
        lower, trimmed = name.lower(), " ".join(value.split())
        found[lower] = f"{found[lower]},{trimmed}" if lower in found else trimmed
    return sorted(found.items())
