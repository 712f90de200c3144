"""Which runtimes Lambda supports, and until when.

Law of this module: dates, from https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html as
read on 2026-07-25. AWS may move them.
"""

from __future__ import annotations

from datetime import date

DEPRECATED = {
    "python2.7": date(2021, 7, 15),
    "python3.6": date(2022, 7, 18),
    "python3.7": date(2023, 12, 4),
    "python3.8": date(2024, 10, 14),
    "python3.9": date(2025, 12, 15),
    "python3.10": date(2026, 10, 31),
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
}
"""The day from which a runtime gets no more updates. Other languages are not listed."""


def is_supported(runtime: str, on: date) -> bool:
    """Whether Lambda supports it on that day; runtimes of other languages are taken to be."""
    if not runtime.startswith("python"):
        return True
    end = DEPRECATED.get(runtime)
    return end is not None and on < end
