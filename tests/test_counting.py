"""Texts are counted as LINE counts: UTF-16 units, and grapheme clusters held against `regex`."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
import regex  # type: ignore[import-untyped,unused-ignore]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from penniless.counting import grapheme_clusters, utf16_units
from penniless.graphemes import RUNS

CLUSTER = regex.compile(r"\X")

NASTY = (
    "a $\r\n\t\x00\x7f\u0085\u2028"  # ASCII, line ends, controls
    "\u0301\u0e33\u0e01\u0e49\u0eb3"  # accents, Thai and Lao SARA AM
    "\u1100\u115f\u1160\u11a8\uac00\uac01\ud7a3\ua960\ud7b0\ud7cb"  # Hangul jamo and syllables
    "\U0001f468\U0001f469\U0001f467\u2764\u00a9\u200d\ufe0f\ufe0e\U0001f3fb\U0001f3ff"  # families
    "\U0001f1ef\U0001f1f5\U0001f1f9\U0001f1ed1#\u20e3\U000e0067\U000e007f"  # flags, keycaps, tags
    "\u0915\u094d\u0937\u093c\u200c\u09cd\u0995\u0d4d\u0d15\u1039\u1000"  # Indic conjuncts
    "\u1cf5\u1cf6\U00011a3a\u0d4e\u0600\U000110bd\u0903\u0bbe"  # prefixes, spacing marks
    "\u0f71\u302e\U0001d165\u00ad\ufeff\U000e0001\ud800\U0010ffff"  # odd ones
)

EXAMPLES = {
    "": 0,
    "\r\n": 1,
    "\n\r": 2,
    "寿司": 2,
    "กำ": 1,
    "สวัสดี": 4,
    "각": 1,
    "👨‍👩‍👧‍👦": 1,
    "👍🏽": 1,
    "🇯🇵🇹🇭": 2,
    "🇯🇵🇹": 2,
    "1️⃣": 1,
    "❤️‍🔥": 1,
    "क्षि": 1,
    "e\u0301": 1,
    "\n\u0301": 2,
    "\u0600a": 1,
}


def expected(text: str) -> int:
    return len(CLUSTER.findall(text))


@pytest.mark.parametrize(("text", "clusters"), EXAMPLES.items(), ids=ascii)
def test_known_texts(text: str, clusters: int) -> None:
    """A reader's characters, in the scripts of LINE's users and beyond."""
    assert grapheme_clusters(text) == clusters


@given(st.text(st.sampled_from(NASTY)))
@settings(max_examples=400, deadline=None)
@example("\u0915\u094d\u200d\u0937")
def test_nasty_texts_have_the_clusters_of_the_regex_module(text: str) -> None:
    """Any mixture of the characters that rules are about is cut as UAX #29 says."""
    assert grapheme_clusters(text) == expected(text)


@given(st.text())
@settings(deadline=None)
def test_any_text_has_the_clusters_of_the_regex_module(text: str) -> None:
    """Arbitrary Unicode as well."""
    assert grapheme_clusters(text) == expected(text)


def test_every_run_of_the_table_behaves_like_the_regex_module() -> None:
    """The first and last character of each run, before and after one of each kind."""
    lengths = [int(one, 16) for one in regex.findall("[0-9a-f]+", RUNS)]
    ends = list(itertools.accumulate(lengths))
    assert ends[-1] == 0x110000
    edges = {point for end in ends for point in (end - 1, end)} - {0x110000}
    wrong = [
        hex(point)
        for point in sorted(edges)
        for text in (
            f"a{chr(point)}a",
            f"\u094d{chr(point)}\u0915\u200d",
            f"👍{chr(point)}\u200d👍",
        )
        if grapheme_clusters(text) != expected(text)
    ]
    assert wrong == []


@given(st.text() | st.text(st.sampled_from(NASTY)))
@settings(deadline=None)
def test_utf16_units_count_characters_beyond_the_first_plane_twice(text: str) -> None:
    """The length that JavaScript and Java would give."""
    assert utf16_units(text) == sum(2 if ord(char) > 0xFFFF else 1 for char in text)


@given(st.text(st.sampled_from(NASTY)))
@settings(deadline=None)
def test_no_text_has_more_clusters_than_code_points(text: str) -> None:
    """The bound that lets most texts be accepted without the table."""
    assert grapheme_clusters(text) <= len(text) <= utf16_units(text)


def test_ascii_needs_no_table() -> None:
    """The table is imported for the first text that needs it, not before."""
    code = (
        "import sys; from penniless.counting import grapheme_clusters, utf16_units\n"
        "assert grapheme_clusters('a\\r\\nb') == 3 and utf16_units('寿司🍣') == 4\n"
        "print('penniless.graphemes' in sys.modules, grapheme_clusters('กำ'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False 1\n"
