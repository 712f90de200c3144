"""Conversations on file: one readable text file each, beside the test, in `__conversations__`.

Law of this module: text against text; it does not know what a conversation is.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

FOLDER = "__conversations__"
_NOT_FOR_FILES = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')


class Snapshots:
    """The files of one test. `update` writes them anew; `may_write` writes those that lack."""

    def __init__(self, test: Path, name: str, *, update: bool, may_write: bool) -> None:
        self._test = test
        self._name = name
        self._update = update
        self._may_write = may_write
        self.written: list[Path] = []

    def path_of(self, name: str | None) -> Path:
        """The file for that name, or for the test's own."""
        readable = _NOT_FOR_FILES.sub("-", name or self._name).strip("-.") or "conversation"
        return self._test.parent / FOLDER / f"{self._test.stem}.{readable}.txt"

    def check(self, name: str | None, text: str) -> None:
        """Raises AssertionError unless the text is that of the file."""
        __tracebackhide__ = True
        path = self.path_of(name)
        known = path.read_text(encoding="utf-8") if path.exists() else None
        if known == text:
            return
        if self._update or (known is None and self._may_write):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            self.written.append(path)
            return
        shown = os.path.relpath(path)
        if known is None:
            raise AssertionError(
                f"there is no {shown}: run the test once outside of CI, or with "
                f"--update-conversations, and commit the file. It would be:\n\n{text}"
            )
        raise AssertionError(
            f"the conversation is not as in {shown}; "
            f"if it should be, run pytest --update-conversations\n\n{_difference(known, text)}"
        )


def _difference(known: str, text: str) -> str:
    lines = difflib.unified_diff(
        known.splitlines(), text.splitlines(), "on file", "now", lineterm="", n=3
    )
    return "\n".join(lines)
