"""The film: an MP4 whose boxes and H.264 units are what players expect.

That a browser plays it is a matter of the browser tests; here its structure is read back.
"""

from __future__ import annotations

import struct

from penniless.simulator import clip

MACROBLOCKS = clip.COLUMNS * clip.ROWS
CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def boxes(data: bytes, start: int = 0, end: int | None = None) -> dict[str, tuple[int, int]]:
    """Every box by its path, with start and end of its content."""
    found: dict[str, tuple[int, int]] = {}
    at, end = start, len(data) if end is None else end
    while at < end:
        size, name = struct.unpack_from(">I4s", data, at)
        found[name.decode()] = (at + 8, at + size)
        if name in CONTAINERS:
            inner = boxes(data, at + 8, at + size)
            found |= {f"{name.decode()}/{path}": place for path, place in inner.items()}
        at += size
    assert at == end
    return found


class Reader:
    """Reads a NAL unit's content bit by bit."""

    def __init__(self, unit: bytes) -> None:
        payload = unit[1:].replace(b"\0\0\3", b"\0\0")
        self.bits = "".join(f"{byte:08b}" for byte in payload)
        self.at = 0

    def take(self, width: int) -> int:
        value = int(self.bits[self.at : self.at + width], 2)
        self.at += width
        return value

    def unsigned(self) -> int:
        zeros = self.bits.index("1", self.at) - self.at
        self.at += zeros
        return self.take(zeros + 1) - 1

    def tile(self) -> bytes:
        self.at += -self.at % 8
        raw = int(self.bits[self.at : self.at + 384 * 8], 2).to_bytes(384, "big")
        self.at += 384 * 8
        return raw


def read_frame(unit: bytes, screen: list[bytes]) -> None:
    """Apply a slice to the screen, as a decoder does."""
    reader, key = Reader(unit), unit[0] == 0x65
    assert reader.unsigned() == 0
    assert reader.unsigned() == (7 if key else 5)
    reader.unsigned()
    reader.take(4)
    if key:
        reader.unsigned()
        reader.take(2)
    else:
        reader.take(3)
    assert (reader.unsigned(), reader.unsigned()) == (0, 1)
    place = 0
    while place < MACROBLOCKS:
        place += 0 if key else reader.unsigned()
        if place < MACROBLOCKS:
            assert reader.unsigned() == (25 if key else 30)
            screen[place] = reader.tile()
            place += 1
    assert reader.bits[reader.at :].rstrip("0") == "1"


def test_the_boxes_of_the_file() -> None:
    """Description first; the table says where each frame lies and how long it is shown."""
    data = clip.mp4()
    found = boxes(data)
    assert [path for path in found if "/" not in path] == ["ftyp", "moov", "mdat"]
    table = "moov/trak/mdia/minf/stbl"
    sizes_at = found[f"{table}/stsz"][0] + 12
    sizes = struct.unpack_from(f">{clip.FRAMES}I", data, sizes_at)
    (offset,) = struct.unpack_from(">I", data, found[f"{table}/stco"][0] + 8)
    assert offset == found["mdat"][0]
    assert sum(sizes) == found["mdat"][1] - offset
    times = struct.unpack_from(">5I", data, found[f"{table}/stts"][0] + 4)
    assert times[0] == 2
    assert times[1] * times[2] + times[3] * times[4] == clip.MILLISECONDS == 2000


def test_a_decoder_sees_the_pictures_that_were_drawn() -> None:
    """Decoding frame by frame gives the tiles of every picture."""
    screen = [b""] * MACROBLOCKS
    for number, sample in enumerate(clip.frames()):
        (length,) = struct.unpack_from(">I", sample)
        unit = sample[4:]
        assert length == len(unit)
        read_frame(unit, screen)
        assert screen == clip.picture(number)


def test_the_sun_moves_from_left_to_right() -> None:
    sun = clip.tile(clip.SUN)
    columns = [clip.picture(number).index(sun) % clip.COLUMNS for number in range(clip.FRAMES)]
    assert columns == sorted(columns)
    assert (columns[0], columns[-1]) == (0, clip.COLUMNS - 1)


def test_no_start_code_inside_a_unit() -> None:
    """Two zero bytes are never followed by a small one: 3 is put between."""
    assert clip.Bits().aligned(bytes(6)).nal(0x65) == b"\x65\0\0\3\0\0\3\0\0\x80"
    for unit in (clip.sequence_parameters(), clip.picture_parameters(), *clip.frames()):
        assert b"\0\0\0" not in unit[4:]
        assert b"\0\0\1" not in unit[4:]


def test_exp_golomb_codes() -> None:
    """0, 1, 2, 3 are 1, 010, 011, 00100."""
    assert clip.Bits().unsigned(0, 1, 2, 3).nal(0x67) == bytes([0x67, 0b10100110, 0b01001000])


def test_it_is_small_and_always_the_same() -> None:
    assert len(clip.mp4()) < 60_000
    assert clip.mp4() == clip.mp4()
