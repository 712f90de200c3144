"""The imagemap's picture is 1040 wide."""

from __future__ import annotations

import pytest

from penniless.errors import MessageError
from penniless.messages import ImagemapBaseSize, ImagemapMessage, to_json
from tests.messages.samples import MAP


@pytest.mark.parametrize(("width", "bound"), [(1039, "least"), (1041, "most"), (520, "least")])
def test_the_width_is_1040(width: int, bound: str) -> None:
    """LINE accepts no other."""
    with pytest.raises(MessageError) as caught:
        ImagemapBaseSize(width=width, height=1040)
    assert str(caught.value) == (
        f"ImagemapBaseSize.width is {width:,}; LINE requires at {bound} 1,040"
    )


def test_required_numbers_are_always_sent() -> None:
    """Also the width, which never differs."""
    size = ImagemapBaseSize(width=1040, height=1)
    assert to_json(ImagemapMessage(MAP, "แผนที่", size, [])) == {
        "type": "imagemap",
        "baseUrl": MAP,
        "altText": "แผนที่",
        "baseSize": {"width": 1040, "height": 1},
        "actions": [],
    }
