"""Pictures side by side on sheets, and the comparison of two pictures by what people would see.

Law of this module: Pillow images in and out; it knows neither the page nor the golden files.

Two pictures are alike if they differ no more than another version of a font or browser makes them
differ: in the edges of letters, and by a pixel in their place. So averages are compared, of small
and of large squares around each pixel. Where black and white stand a pixel and a half aside, the
average of a square of five pixels changes by 1.5 / 5 of white; whatever changes it more is seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageChops, ImageFilter

PAPER = (164, 184, 208)
GAP = 8
WIDTH = 1240
SLACK = 2
"""Pixels by which two sheets may differ in width and in height."""

ASIDE = 1.5
"""Pixels by which an edge may move."""

SQUARES = (5, 17)
"""Their sides: the small one sees what moves, the large one faint colours and thin letters."""


def sheet(pictures: Iterable[Image.Image]) -> Image.Image:
    """The pictures in rows, from left to right, the highest first."""
    places, x, y, row = [], GAP, GAP, 0
    for one in sorted(pictures, key=lambda one: -one.height):
        if x + one.width + GAP > WIDTH and x > GAP:
            x, y, row = GAP, y + row + GAP, 0
        places.append((one, (x, y)))
        x, row = x + one.width + GAP, max(row, one.height)
    paper = Image.new("RGB", (WIDTH, y + row + GAP), PAPER)
    for one, place in places:
        paper.paste(one, place)
    return paper


def unlike(wanted: Image.Image, found: Image.Image) -> Image.Image | None:
    """Where two pictures differ, in red on the pale second one; nothing if they are alike."""
    size = (min(wanted.width, found.width), min(wanted.height, found.height))
    corner = (0, 0, *size)
    other, shown = wanted.convert("RGB").crop(corner), found.convert("RGB").crop(corner)
    marks = Image.new("L", size)
    for side in SQUARES:
        marks = ImageChops.lighter(marks, _differ(other, shown, side))
    grown = max(abs(one - another) for one, another in zip(wanted.size, found.size, strict=True))
    if marks.getbbox() is None and grown <= SLACK:
        return None
    pale = Image.blend(shown, Image.new("RGB", size, "white"), 0.6)
    return Image.composite(Image.new("RGB", size, "red"), pale, marks)


def _differ(one: Image.Image, other: Image.Image, side: int) -> Image.Image:
    """White where the average of the square around a pixel differs in red, green or blue."""
    average = ImageFilter.BoxBlur(side // 2)
    red, green, blue = ImageChops.difference(one.filter(average), other.filter(average)).split()
    most = 255 * ASIDE / side
    strongest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return strongest.point([255 if level > most else 0 for level in range(256)])
