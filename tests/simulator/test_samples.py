"""The built-in samples are real files, small, and the same each time."""

from __future__ import annotations

import io
import struct
import wave
import zlib

import pytest

from penniless.simulator import samples
from penniless.simulator.samples import MAKERS, OF_KIND, of_kind, sample

SIZES = {
    "photo.png": (1024, 768),
    "photo-small.png": (240, 180),
    "star.png": (96, 96),
    "wide.png": (1024, 512),
    "square.png": (512, 512),
    "avatar.png": (256, 256),
    **{f"map/{size}": (size, size) for size in (240, 300, 460, 700, 1040)},
}


def pixels(data: bytes) -> tuple[tuple[int, int], bytes]:
    """Width, height and the raw rows of a PNG; every checksum is checked on the way."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, found = 8, {}
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        assert checksum == zlib.crc32(kind + content)
        found[kind] = content
        at += 12 + length
    width, height, depth, color = struct.unpack_from(">IIBB", found[b"IHDR"])
    assert (depth, color) == (8, 2)
    return (width, height), zlib.decompress(found[b"IDAT"])


@pytest.mark.parametrize("name", SIZES)
def test_pictures(name: str) -> None:
    """A PNG of the promised size, with something on it, in a few kilobytes."""
    made = sample(name)
    size, rows = pixels(made.data)
    assert (made.content_type, size) == ("image/png", SIZES[name])
    assert len(rows) == size[1] * (1 + 3 * size[0])
    assert len(set(rows)) >= 10
    assert len(made.data) < 60_000


def test_the_tone() -> None:
    """A WAV of a second and a half that is not silent."""
    made = sample("tone.wav")
    with wave.open(io.BytesIO(made.data)) as sound:
        assert sound.getnframes() / sound.getframerate() == 1.5
        assert len(set(sound.readframes(2000))) > 100
    assert made.content_type == "audio/wav"


def test_all_samples_are_tested() -> None:
    assert set(MAKERS) == {*SIZES, "tone.wav", "clip.mp4"}


@pytest.mark.parametrize("name", MAKERS)
def test_a_sample_is_always_the_same(name: str) -> None:
    assert MAKERS[name][1]() == sample(name).data


@pytest.mark.parametrize("kind", OF_KIND)
def test_every_kind_of_media_has_a_sample(kind: str) -> None:
    assert of_kind(kind).data


def test_an_unknown_sample() -> None:
    with pytest.raises(KeyError):
        sample("nothing.png")


def test_shapes_stay_on_the_canvas() -> None:
    """Shapes may reach over every edge."""
    canvas = samples.Canvas(4, 3)
    canvas.rectangle(-5, -5, 2, 2, (255, 0, 0))
    canvas.disc(4, 3, 2, (0, 255, 0))
    size, rows = pixels(canvas.png())
    assert size == (4, 3)
    assert rows[1:4] == b"\xff\0\0"
    assert rows[-3:] == b"\0\xff\0"
