"""The columns of a carousel are alike."""

from __future__ import annotations

from typing import Any

import pytest

from penniless.errors import MessageError
from penniless.messages import CarouselColumn, CarouselTemplate, MessageAction, to_json
from penniless.messages import TemplateMessage as Template
from tests.messages.samples import MESSAGE, URL

ONE = CarouselColumn("one", [MESSAGE])


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (CarouselColumn("x", [MESSAGE, MESSAGE]), "must have as many actions as columns[0] has"),
        (CarouselColumn("x", [MESSAGE], URL), "must have an image exactly if columns[0] has"),
        (CarouselColumn("x", [MESSAGE], title="t"), "must have a title exactly if columns[0] has"),
    ],
)
def test_a_column_unlike_the_first_is_an_error(other: CarouselColumn, says: str) -> None:
    """Number of actions, image and title, in either order."""
    with pytest.raises(MessageError) as caught:
        CarouselTemplate([ONE, ONE, other])
    assert str(caught.value) == f"CarouselTemplate.columns[2] {says}"
    with pytest.raises(MessageError) as caught:
        CarouselTemplate([other, ONE])
    assert str(caught.value) == f"CarouselTemplate.columns[1] {says}"


def test_columns_with_image_and_title_go_together() -> None:
    """All or none of them."""
    full = CarouselColumn("x", [MessageAction("ดู", "ดู")], URL, title="题")
    sent = to_json(Template("カルーセル", CarouselTemplate([full, full])))
    assert [column["title"] for column in sent["template"]["columns"]] == ["题", "题"]


def test_raw_columns_are_not_compared() -> None:
    """A dict among the columns is its writer's business."""
    raw: dict[str, Any] = {"text": "x", "actions": []}
    sent = to_json(Template("a", CarouselTemplate([raw, ONE, ONE])))
    assert sent["template"]["columns"][0] == raw
