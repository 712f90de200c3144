"""A two-second film made by code: a sun that crosses a sky of coloured tiles, as MP4 (H.264).

Law of this module: the standard library only, the same bytes each time. The smallest part of
H.264 that every player knows: the baseline profile, uncompressed macroblocks (I_PCM) for what
changes, skipped ones for what stays.

Sources: ITU-T H.264 (7.3, 7.4, 9.1), ISO/IEC 14496-12 and 14496-15.
"""

from __future__ import annotations

import struct

Color = tuple[int, int, int]

COLUMNS, ROWS, TILE = 12, 9, 16
FRAMES, FRAMES_PER_SECOND = 24, 12
MILLISECONDS = FRAMES * 1000 // FRAMES_PER_SECOND
SKY, HORIZON, MEADOW, SUN = (70, 130, 200), (250, 200, 150), (110, 160, 90), (255, 236, 140)
_I_PCM = 25
_INTRA_IN_P = 5


class Bits:
    """Bits that become a NAL unit: numbers, Exp-Golomb codes, raw bytes."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._bits = ""

    def put(self, value: int, width: int) -> Bits:
        self._bits += f"{value:0{width}b}"
        whole = len(self._bits) // 8 * 8
        if whole:
            self._done += int(self._bits[:whole], 2).to_bytes(whole // 8, "big")
            self._bits = self._bits[whole:]
        return self

    def unsigned(self, *values: int) -> Bits:
        """ue(v): as many zeros as bits follow the first one."""
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)
        return self

    def aligned(self, raw: bytes) -> Bits:
        """Zero bits up to a whole byte, then the bytes."""
        if self._bits:
            self.put(0, 8 - len(self._bits))
        self._done += raw
        return self

    def nal(self, header: int) -> bytes:
        """The unit with its stop bit; 00 00 0x becomes 00 00 03 0x."""
        self.put(1, 1)
        self.aligned(b"")
        made, zeros = bytearray([header]), 0
        for byte in self._done:
            if zeros == 2 and byte <= 3:
                made.append(3)
                zeros = 0
            made.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return bytes(made)


def sequence_parameters() -> bytes:
    """Baseline, level 3.0, frames in order, one reference, the size in macroblocks."""
    bits = Bits().put(66, 8).put(0xC0, 8).put(30, 8)
    bits.unsigned(0, 0, 2, 1).put(0, 1)
    bits.unsigned(COLUMNS - 1, ROWS - 1).put(1, 1).put(1, 1).put(0, 1).put(0, 1)
    return bits.nal(0x67)


def picture_parameters() -> bytes:
    """CAVLC, one slice group, no weights, the deblocking filter under control of the slice."""
    bits = Bits().unsigned(0, 0).put(0, 1).put(0, 1).unsigned(0, 0, 0).put(0, 1).put(0, 2)
    bits.unsigned(0, 0, 0).put(1, 1).put(0, 1).put(0, 1)
    return bits.nal(0x68)


def tile(color: Color) -> bytes:
    """A macroblock of one colour: 256 luma samples, 64 of each chroma (BT.601)."""
    red, green, blue = color
    luma = 16 + (66 * red + 129 * green + 25 * blue + 128) // 256
    cb = 128 + (-38 * red - 74 * green + 112 * blue + 128) // 256
    cr = 128 + (112 * red - 94 * green - 18 * blue + 128) // 256
    return bytes([luma]) * 256 + bytes([cb]) * 64 + bytes([cr]) * 64


def first_frame(tiles: list[bytes]) -> bytes:
    """An IDR slice with every tile in it."""
    bits = Bits().unsigned(0, 7, 0).put(0, 4).unsigned(0).put(0, 2).unsigned(0, 1)
    for one in tiles:
        bits.unsigned(_I_PCM).aligned(one)
    return bits.nal(0x65)


def next_frame(number: int, changed: dict[int, bytes]) -> bytes:
    """A P slice: tiles that changed, by place; all others stay as they were."""
    bits = Bits().unsigned(0, 5, 0).put(number % 16, 4).put(0, 1).put(0, 1).put(0, 1)
    bits.unsigned(0, 1)
    after = 0
    for place in sorted(changed):
        bits.unsigned(place - after, _INTRA_IN_P + _I_PCM).aligned(changed[place])
        after = place + 1
    if after < COLUMNS * ROWS:
        bits.unsigned(COLUMNS * ROWS - after)
    return bits.nal(0x41)


def picture(frame: int) -> list[bytes]:
    """The tiles of one frame, row by row."""
    column = frame * (COLUMNS - 1) // (FRAMES - 1)
    row = round(1 + 3 * (2 * column / (COLUMNS - 1) - 1) ** 2)
    colors = [_background(number // COLUMNS) for number in range(COLUMNS * ROWS)]
    colors[row * COLUMNS + column] = SUN
    return [tile(color) for color in colors]


def _background(row: int) -> Color:
    if row >= ROWS - 2:
        return MEADOW
    part = row / (ROWS - 3)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(SKY, HORIZON, strict=True))
    return red, green, blue


def frames() -> list[bytes]:
    """All frames as MP4 samples: NAL units with their length in front."""
    before = picture(0)
    made = [first_frame(before)]
    for number in range(1, FRAMES):
        now = picture(number)
        changed = {place: one for place, one in enumerate(now) if one != before[place]}
        made.append(next_frame(number, changed))
        before = now
    return [struct.pack(">I", len(unit)) + unit for unit in made]


# The file around it


def box(name: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + name + content


def full(name: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """A box with version 0 and flags."""
    return box(name, struct.pack(">I", flags), *parts)


MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def mp4() -> bytes:
    """The file: its description first, so that a browser can start at once."""
    samples = frames()
    kind = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    length = len(kind) + len(_movie(samples, 0))
    return kind + _movie(samples, length + 8) + box(b"mdat", *samples)


def _movie(samples: list[bytes], offset: int) -> bytes:
    header = struct.pack(">IIIIIH10x", 0, 0, 1000, MILLISECONDS, 0x10000, 0x100)
    movie = full(b"mvhd", header, MATRIX, bytes(24), struct.pack(">I", 2))
    track = full(
        b"tkhd",
        struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, MILLISECONDS, 0, 0, 0, 0),
        MATRIX,
        struct.pack(">II", COLUMNS * TILE << 16, ROWS * TILE << 16),
        flags=3,
    )
    media = full(b"mdhd", struct.pack(">IIIIHH", 0, 0, 1000, MILLISECONDS, 0x55C4, 0))
    handler = full(b"hdlr", bytes(4), b"vide", bytes(12), b"video\0")
    source = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
    video = full(b"vmhd", bytes(8), flags=1)
    inner = box(b"minf", video, source, _table(samples, offset))
    return box(b"moov", movie, box(b"trak", track, box(b"mdia", media, handler, inner)))


def _table(samples: list[bytes], offset: int) -> bytes:
    """Where which frame lies, and when it is shown. All frames are one chunk at `offset`."""
    duration = 1000 // FRAMES_PER_SECOND
    last = MILLISECONDS - duration * (FRAMES - 1)
    sizes = struct.pack(f">{FRAMES}I", *(len(sample) for sample in samples))
    return box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), _sample_entry()),
        full(b"stts", struct.pack(">5I", 2, FRAMES - 1, duration, 1, last)),
        full(b"stss", struct.pack(">II", 1, 1)),
        full(b"stsc", struct.pack(">4I", 1, 1, FRAMES, 1)),
        full(b"stsz", struct.pack(">II", 0, FRAMES), sizes),
        full(b"stco", struct.pack(">II", 1, offset)),
    )


def _sample_entry() -> bytes:
    sequence, parameters = sequence_parameters(), picture_parameters()
    settings = box(
        b"avcC",
        bytes([1, sequence[1], sequence[2], sequence[3], 0xFF, 0xE1]),
        struct.pack(">H", len(sequence)) + sequence + b"\1",
        struct.pack(">H", len(parameters)) + parameters,
    )
    size = struct.pack(">HHIII", COLUMNS * TILE, ROWS * TILE, 0x480000, 0x480000, 0)
    visual = bytes(6) + b"\0\1" + bytes(16) + size + b"\0\1" + bytes(32) + b"\0\x18\xff\xff"
    return box(b"avc1", visual, settings)
