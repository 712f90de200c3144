"""The bytes of an image, video, audio or file, streamed from LINE.

Law of this module: one open answer, read piece by piece; it is never held in memory as a whole
unless the caller asks for that.

Source: https://developers.line.biz/en/reference/messaging-api/#get-content
"""

from __future__ import annotations

import os

from penniless.errors import LineUnreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from penniless.connections import Answer

PIECE = 65_536
"""The size of the pieces in bytes that iteration gives."""


class StreamedContent:
    """One content of a message. Read it, iterate over it or save it, then close it, or use `with`;
    read to its end it closes itself.

    `content_type` is LINE's; `length` in bytes, None where LINE does not say. The stream belongs to
    one thread. Every way of reading raises LineUnreachable if the connection breaks on the way.
    """

    def __init__(self, operation: str, answer: Answer) -> None:
        self._operation = operation
        self._answer = answer
        self.content_type = answer.header("content-type")
        self.length = answer.remaining

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, the whole rest for -1; b"" at the end."""
        piece = self._answer.read(size)
        if self._answer.ended or self._answer.cut:
            self.close()
        if self._answer.cut:
            raise LineUnreachable(f"{self._operation}: cut off on the way", maybe_received=True)
        return piece

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece

    def save(self, path: str | Path) -> int:
        """Write the rest to a file and close; returns the number of bytes.

        The file appears under its name when it is whole; until then it is beside it as `….part`.
        """
        part = f"{os.fspath(path)}.part"
        try:
            with self, open(part, "wb") as file:
                written = sum(file.write(piece) for piece in self)
        except BaseException:
            if os.path.exists(part):
                os.remove(part)
            raise
        os.replace(part, path)
        return written

    def close(self) -> None:
        """Done with it: the connection is kept if everything was read, else it is closed."""
        self._answer.release()

    def __enter__(self) -> StreamedContent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
