"""Pictures, a sound and a film made by code: small, always the same, made at first use.

Law of this module: the standard library draws; nothing is read from disk. Bots name them as
`https://sample.invalid/NAME`, which the chat page reads as `/sim/samples/NAME`.
"""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from collections.abc import Callable
from functools import cache

from msgspec import Struct

from penniless.simulator import clip

Color = tuple[int, int, int]

SKY_TOP, SKY_LOW = (86, 158, 222), (226, 240, 250)
DUSK_TOP, DUSK_LOW = (58, 46, 110), (250, 170, 110)
SUN, HILL, MEADOW = (255, 236, 160), (88, 144, 100), (120, 172, 90)
TONE_MILLISECONDS = 1500
QUARTERS = ((66, 133, 190), (224, 122, 95), (129, 178, 154), (242, 204, 143))
SEGMENTS = ("cf", "acdeg", "acdfg", "bcdf")
"""The lit segments of the digits 1 to 4 on a seven-segment display."""


class Sample(Struct, frozen=True):
    name: str
    content_type: str
    data: bytes


class Canvas:
    """Rows of RGB bytes; shapes are filled row by row, which is fast enough without a library."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows = [bytearray(3 * width) for _ in range(height)]

    def rectangle(self, left: float, top: float, right: float, bottom: float, color: Color) -> None:
        for y in range(max(0, round(top)), min(self.height, round(bottom))):
            self.span(y, left, right, color)

    def span(self, y: int, left: float, right: float, color: Color) -> None:
        start, end = max(0, round(left)), min(self.width, round(right))
        if end > start:
            self._rows[y][3 * start : 3 * end] = bytes(color) * (end - start)

    def fade(self, top: float, bottom: float, upper: Color, lower: Color) -> None:
        """Fill full rows from one colour to another."""
        first, last = round(top), min(self.height, round(bottom))
        for y in range(first, last):
            self.span(y, 0, self.width, mix(upper, lower, (y - first) / max(1, last - first)))

    def disc(self, x: float, y: float, radius: float, color: Color) -> None:
        for row in range(max(0, round(y - radius)), min(self.height, round(y + radius) + 1)):
            half = math.sqrt(max(0.0, radius**2 - (row - y) ** 2))
            self.span(row, x - half, x + half, color)

    def hills(self, base: float, swing: float, color: Color) -> None:
        """A wavy skyline; everything below it takes the colour. `base` and `swing` in heights."""
        step = max(1, self.width // 256)
        for left in range(0, self.width, step):
            wave_at = math.sin(left / self.width * 9) + 0.5 * math.sin(left / self.width * 23 + 1)
            top = round((base + swing * wave_at) * self.height)
            self._column(left, min(self.width, left + step), top, color)

    def _column(self, left: int, right: int, top: int, color: Color) -> None:
        piece = bytes(color) * (right - left)
        for row in self._rows[max(0, top) :]:
            row[3 * left : 3 * right] = piece

    def png(self) -> bytes:
        raw = b"".join(b"\0" + row for row in self._rows)
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 6)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )


def mix(start: Color, end: Color, part: float) -> Color:
    """The colour at `part` (0 to 1) of the way."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
    return red, green, blue


def landscape(width: int, height: int, top: Color = SKY_TOP, low: Color = SKY_LOW) -> bytes:
    """A sky that pales towards the horizon, a sun, hills and a meadow."""
    canvas = Canvas(width, height)
    canvas.fade(0, height, top, low)
    canvas.disc(width * 0.72, height * 0.28, height * 0.1, SUN)
    canvas.hills(0.66, 0.045, mix(HILL, top, 0.25))
    canvas.hills(0.74, -0.03, HILL)
    canvas.hills(0.86, 0.015, MEADOW)
    return canvas.png()


def rings(size: int) -> bytes:
    """Coloured rings on a plain ground: shows at a glance whether a square is cut off."""
    canvas = Canvas(size, size)
    canvas.rectangle(0, 0, size, size, (38, 50, 72))
    for number, color in enumerate(QUARTERS):
        canvas.disc(size / 2, size / 2, size * (0.46 - 0.1 * number), color)
    return canvas.png()


def face(size: int) -> bytes:
    """A friendly face."""
    canvas = Canvas(size, size)
    canvas.rectangle(0, 0, size, size, QUARTERS[2])
    canvas.disc(size / 2, size / 2, size * 0.36, (255, 224, 140))
    canvas.disc(size / 2, size * 0.56, size * 0.16, (60, 50, 40))
    canvas.disc(size / 2, size * 0.51, size * 0.17, (255, 224, 140))
    for x in (0.38, 0.62):
        canvas.disc(size * x, size * 0.43, size * 0.045, (60, 50, 40))
    return canvas.png()


def star(size: int) -> bytes:
    """A golden star on white, as ratings show them."""
    canvas = Canvas(size, size)
    canvas.rectangle(0, 0, size, size, (255, 255, 255))
    corners = []
    for number in range(10):
        reach = size * (0.2 if number % 2 else 0.5)
        turn = math.pi * (number / 5 - 0.5)
        corners.append((size / 2 + reach * math.cos(turn), size / 2 + reach * math.sin(turn)))
    edges = list(zip(corners, corners[1:] + corners[:1], strict=True))
    for y in range(size):
        middle = y + 0.5
        crossings = sorted(
            left + (middle - top) / (bottom - top) * (right - left)
            for (left, top), (right, bottom) in edges
            if (top <= middle) != (bottom <= middle)
        )
        for start, end in zip(crossings[::2], crossings[1::2], strict=True):
            canvas.span(y, start, end, mix((252, 204, 84), (238, 152, 24), y / size))
    return canvas.png()


def numbered_quarters(size: int) -> bytes:
    """Four quarters with the digits 1 to 4: an imagemap whose areas can be told apart."""
    canvas = Canvas(size, size)
    half = size / 2
    for number, color in enumerate(QUARTERS):
        left, top = (number % 2) * half, (number // 2) * half
        canvas.rectangle(left, top, left + half, top + half, color)
        _digit(canvas, SEGMENTS[number], left + half * 0.36, top + half * 0.25, half * 0.28)
    return canvas.png()


def _digit(canvas: Canvas, lit: str, left: float, top: float, width: float) -> None:
    thick = width * 0.22
    boxes = {
        "a": (0.0, 0.0, width, thick),
        "b": (0.0, 0.0, thick, width),
        "c": (width - thick, 0.0, width, width),
        "d": (0.0, width - thick / 2, width, width + thick / 2),
        "e": (0.0, width, thick, 2 * width),
        "f": (width - thick, width, width, 2 * width),
        "g": (0.0, 2 * width - thick, width, 2 * width),
    }
    for name in lit:
        x1, y1, x2, y2 = boxes[name]
        canvas.rectangle(left + x1, top + y1, left + x2, top + y2, (255, 255, 255))


def tone(milliseconds: int = TONE_MILLISECONDS, rate: int = 16_000) -> bytes:
    """Three soft notes as a WAV of 16-bit mono."""
    count = rate * milliseconds // 1000
    notes = (440.0, 554.37, 659.25)
    frames = bytearray()
    for number in range(count):
        part = number / count * len(notes)
        fade = 1 - (part - int(part))
        value = math.sin(2 * math.pi * notes[int(part)] * number / rate) * fade * 0.3
        frames += struct.pack("<h", round(value * 32767))
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(frames))
    return target.getvalue()


MAKERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "photo.png": ("image/png", lambda: landscape(1024, 768)),
    "photo-small.png": ("image/png", lambda: landscape(240, 180)),
    "wide.png": ("image/png", lambda: landscape(1024, 512, DUSK_TOP, DUSK_LOW)),
    "square.png": ("image/png", lambda: rings(512)),
    "avatar.png": ("image/png", lambda: face(256)),
    "star.png": ("image/png", lambda: star(96)),
    "tone.wav": ("audio/wav", tone),
    "clip.mp4": ("video/mp4", clip.mp4),
    **{
        f"map/{size}": ("image/png", lambda size=size: numbered_quarters(size))  # type: ignore[misc]
        for size in (240, 300, 460, 700, 1040)
    },
}
"""Every sample by name: its content type and how it is made."""

MILLISECONDS = {"video": clip.MILLISECONDS, "audio": TONE_MILLISECONDS}
"""How long the samples of a kind are."""

OF_KIND = {"image": "photo.png", "video": "clip.mp4", "audio": "tone.wav", "file": "tone.wav"}


@cache
def sample(name: str) -> Sample:
    """The sample of that name. Raises KeyError if there is none."""
    content_type, make = MAKERS[name]
    return Sample(name, content_type, make())


def of_kind(kind: str) -> Sample:
    """What a person sends who gives no bytes of their own."""
    return sample(OF_KIND[kind])
