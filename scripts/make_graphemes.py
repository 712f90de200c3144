"""Write src/penniless/graphemes.py: the grapheme properties of Unicode as one run-length string.

    python scripts/make_graphemes.py

The properties come from the `regex` package of the development environment, which carries the
Unicode Character Database, so nothing is downloaded. A new Unicode version that combines the
properties in a way the segmenter does not know makes this script stop with a KeyError.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import regex  # type: ignore[import-untyped,unused-ignore]

TARGET = Path(__file__).parent.parent / "src" / "penniless" / "graphemes.py"

KINDS = {
    # (Grapheme_Cluster_Break, Indic_Conjunct_Break, Extended_Pictographic): one letter
    ("Other", "None", False): "O",
    ("Other", "None", True): "X",
    ("Other", "Consonant", False): "D",
    ("Other", "Linker", False): "J",
    ("CR", "None", False): "R",
    ("LF", "None", False): "N",
    ("Control", "None", False): "C",
    ("Extend", "Extend", False): "E",
    ("Extend", "Linker", False): "K",
    ("Extend", "None", False): "U",
    ("ZWJ", "Extend", False): "Z",
    ("Regional_Indicator", "None", False): "F",
    ("Prepend", "None", False): "P",
    ("SpacingMark", "None", False): "M",
    ("L", "None", False): "L",
    ("V", "None", False): "V",
    ("T", "None", False): "T",
    ("LV", "None", False): "H",  # Hangul syllables: LV or LVT follows from the code point
    ("LVT", "None", False): "H",
}

HEADER = '''"""Which characters join into one grapheme cluster: the properties of Unicode {version}.

Made by scripts/make_graphemes.py; change nothing here by hand. `RUNS` covers all code points from
0 up, each run as its length in hexadecimal and one letter: O other, X extended pictographic,
D conjunct consonant, J and K conjunct linker (K extends), E extend, U extend that takes no part in
conjuncts, Z zero width joiner, M spacing mark, P prepend, F regional indicator, R carriage return,
N line feed, C control, L V T Hangul jamo, H Hangul syllables.
Source: https://www.unicode.org/reports/tr29/
"""

UNICODE_VERSION = "{version}"

# fmt: off
RUNS = (
{runs}
)
# fmt: on
'''


def kinds() -> Iterator[str]:
    """The letter of each code point, in order."""
    breaks = {name: regex.compile(rf"\p{{GCB={name}}}") for name, _, _ in KINDS}
    conjuncts = {name: regex.compile(rf"\p{{InCB={name}}}") for _, name, _ in KINDS}
    pictographic = regex.compile(r"\p{Extended_Pictographic}")
    for point in range(0x110000):
        char = chr(point)
        yield KINDS[
            next(name for name, pattern in breaks.items() if pattern.match(char)),
            next(name for name, pattern in conjuncts.items() if pattern.match(char)),
            bool(pictographic.match(char)),
        ]


def unicode_version() -> str:
    """The Unicode version that the installed `regex` states in its description."""
    found = re.search(
        r"supports Unicode (\d+\.\d+\.\d+)", distribution("regex").read_text("METADATA") or ""
    )
    if found is None:
        raise SystemExit("the description of the regex package names no Unicode version")
    return found[1]


def main() -> None:
    runs = "".join(f"{sum(1 for _ in run):x}{kind}" for kind, run in itertools.groupby(kinds()))
    lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(runs, 92))
    TARGET.write_text(HEADER.format(version=unicode_version(), runs=lines), encoding="utf-8")


if __name__ == "__main__":
    main()
