"""Request bodies that are no JSON: forms, and forms with files.

Law of this module: bytes in, names and values out. Nothing here raises: what cannot be read is not
there, and the operation says that it is missing.

Source: https://www.rfc-editor.org/rfc/rfc7578
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from msgspec import Struct

FORM = "application/x-www-form-urlencoded"
WITH_FILES = "multipart/form-data"
BOUNDARY = re.compile(r'boundary="?([^";,]{1,70})"?', re.IGNORECASE)
NAME = re.compile(rb'[;\s]name="([^"\r\n]*)"', re.IGNORECASE)
TYPE = re.compile(rb"^content-type:[ \t]*([^\r\n;]*)", re.IGNORECASE | re.MULTILINE)
MOST_FIELDS = 100


class Part(Struct, frozen=True):
    """One field of a form with files."""

    data: bytes
    content_type: str = ""

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


def media_type(given: str) -> str:
    """The type of a Content-Type header, without its parameters."""
    return given.partition(";")[0].strip().lower()


def pairs_of(query: str) -> list[tuple[str, str]]:
    """The names and values of a query or a form."""
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return []


def form_of(body: bytes) -> dict[str, str]:
    return dict(pairs_of(body.decode("utf-8", "replace")))


def parts_of(content_type: str, body: bytes) -> dict[str, Part]:
    """The fields of a multipart body, by name."""
    boundary = BOUNDARY.search(content_type)
    if boundary is None:
        return {}
    found: dict[str, Part] = {}
    line = b"\r\n--" + boundary[1].strip().encode("latin-1", "replace")
    for piece in (b"\r\n" + body).split(line, MOST_FIELDS)[1:]:
        head, _, data = piece.partition(b"\r\n\r\n")
        name, kind = NAME.search(head), TYPE.search(head)
        if name is not None and not piece.startswith(b"--"):
            content = kind[1].decode("latin-1").strip().lower() if kind else ""
            found[name[1].decode("utf-8", "replace")] = Part(data, content)
    return found
