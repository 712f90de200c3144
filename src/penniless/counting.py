"""How long a text is for LINE: UTF-16 units, or grapheme clusters for labels and templates.

Python's `len()` counts code points, which is neither. Grapheme clusters are the extended ones of
UAX #29; the Unicode version is `penniless.graphemes.UNICODE_VERSION`, and that table is only
imported for a text whose code points do not already tell.

Sources: https://developers.line.biz/en/docs/messaging-api/text-character-count/
https://www.unicode.org/reports/tr29/
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

_HANGUL_SYLLABLES = 0xAC00
_CONTROLS = frozenset("RNC")
_EXTENDING = frozenset("EKUZM")
_JOINED = {"R": "N", "L": "LVGH", "G": "VT", "V": "VT", "H": "T", "T": "T"}
"""What joins a carriage return and the parts of a Hangul syllable; G is LV, H is LVT."""

_EMOJI = {"": {"X": "emoji"}}
_EMOJI["emoji"] = {**dict.fromkeys("EKU", "emoji"), "Z": "joined", "X": "emoji"}
_EMOJI["joined"] = {"X": "emoji"}
"""Towards an emoji sequence: pictographic, extending characters, zero width joiner."""

_LINKERS = frozenset("KJ")
_KEEPS_LINK = frozenset("EZ")
"""Rule GB9c as of Unicode 18: a linker, then extending characters, join the next consonant."""


def utf16_units(text: str) -> int:
    """The length of `text` in UTF-16 code units: characters beyond U+FFFF are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def grapheme_clusters(text: str) -> int:
    """The length of `text` in extended grapheme clusters: what a reader calls characters."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    count = 0
    before = emoji = ""
    linked = False
    flags = 0
    for char in text:
        kind = _kind(ord(char))
        joins = (
            _pair_joins(before, kind)
            or (kind == "X" and emoji == "joined")
            or (kind == "D" and linked)
            or (kind == "F" and flags % 2 == 1)
        )
        count += not joins
        emoji = _EMOJI[emoji].get(kind, "")
        linked = kind in _LINKERS or (linked and kind in _KEEPS_LINK)
        flags = flags + 1 if kind == "F" else 0
        before = kind
    return count


def _pair_joins(before: str, kind: str) -> bool:
    """Whether two neighbours join whatever stands before them (rules GB3 to GB9b)."""
    if kind in _JOINED.get(before, ""):
        return True
    if not before or before in _CONTROLS or kind in _CONTROLS:
        return False
    return kind in _EXTENDING or before == "P"


def _kind(point: int) -> str:
    starts, kinds = _table()
    kind = kinds[bisect_right(starts, point) - 1]
    if kind == "H" and (point - _HANGUL_SYLLABLES) % 28 == 0:
        return "G"
    return kind


@cache
def _table() -> tuple[list[int], list[str]]:
    """The first code point of each run, and its letter."""
    from penniless.graphemes import RUNS

    starts, kinds = [], []
    start, length = 0, ""
    for char in RUNS:
        if char.isupper():
            starts.append(start)
            kinds.append(char)
            start, length = start + int(length, 16), ""
        else:
            length += char
    return starts, kinds
