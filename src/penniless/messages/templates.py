"""The four templates: buttons, confirm, carousel, image carousel. Texts count grapheme clusters.

Source: https://developers.line.biz/en/reference/messaging-api/#template-messages
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from penniless.messages.actions import Action, action, actions
from penniless.messages.checks import (
    COLOR,
    GRAPHEMES,
    Checked,
    Raw,
    Rule,
    check_length,
    choice,
    fault,
    https,
    matching,
    part,
    parts,
    text,
)
from penniless.messages.message import COMMON, Message

_RATIO = choice("image_aspect_ratio", "rectangle", "square")
_SIZE = choice("image_size", "cover", "contain")
_ALIKE: tuple[tuple[str, Callable[[Any], int]], ...] = (
    ("as many actions as", lambda column: len(column.actions)),
    ("an image exactly if", lambda column: column.thumbnail_image_url is not None),
    ("a title exactly if", lambda column: column.title is not None),
)
"""What all columns of a carousel must have in common."""

_TITLED_TEXT = text("text", 60, GRAPHEMES)
"""The text's limit beside an image or a title."""


class Template(Checked, frozen=True, tag_field="type"):
    """What a template message shows."""


class ButtonsTemplate(Template, frozen=True, tag="buttons"):
    """A text with up to four buttons, and perhaps an image and a title.

    `text` at most 160 grapheme clusters, 60 with an image or title; `title` at most 40.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("text", 160, GRAPHEMES, required=True),
        actions("actions", "a template", 1, 4),
        https("thumbnail_image_url"),
        _RATIO,
        _SIZE,
        matching("image_background_color", COLOR),
        text("title", 40, GRAPHEMES),
        action("default_action", "a template"),
    )

    text: str
    actions: Sequence[Action | Raw]
    thumbnail_image_url: str | None = None
    image_aspect_ratio: str | None = None
    image_size: str | None = None
    image_background_color: str | None = None
    title: str | None = None
    default_action: Action | Raw | None = None

    def _check_whole(self, name: str) -> None:
        _check_titled_text(self, name)


class ConfirmTemplate(Template, frozen=True, tag="confirm"):
    """A question of at most 240 grapheme clusters with exactly two buttons."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("text", 240, GRAPHEMES, required=True),
        actions("actions", "a template", 2, 2),
    )

    text: str
    actions: Sequence[Action | Raw]


class CarouselColumn(Checked, frozen=True):
    """A column of a carousel, with up to three buttons.

    `text` at most 120 grapheme clusters, 60 with an image or title; `title` at most 40.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("text", 120, GRAPHEMES, required=True),
        actions("actions", "a template", 1, 3),
        https("thumbnail_image_url"),
        matching("image_background_color", COLOR),
        text("title", 40, GRAPHEMES),
        action("default_action", "a template"),
    )

    text: str
    actions: Sequence[Action | Raw]
    thumbnail_image_url: str | None = None
    image_background_color: str | None = None
    title: str | None = None
    default_action: Action | Raw | None = None

    def _check_whole(self, name: str) -> None:
        _check_titled_text(self, name)


class CarouselTemplate(Template, frozen=True, tag="carousel"):
    """1 to 10 columns with the same number of buttons; all or none have an image, or a title."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        parts("columns", "CarouselColumn", least=1, most=10, unit="columns", required=True),
        _RATIO,
        _SIZE,
    )

    columns: Sequence[CarouselColumn | Raw]
    image_aspect_ratio: str | None = None
    image_size: str | None = None

    def _check_whole(self, name: str) -> None:
        ours = [one for one in enumerate(self.columns) if isinstance(one[1], CarouselColumn)]
        for index, column in ours[1:]:
            first, model = ours[0]
            for says, of in _ALIKE:
                if of(column) != of(model):
                    path = f"{name}.columns[{index}]"
                    raise fault(path, f"must have {says} columns[{first}] has", found=of(column))


class ImageCarouselColumn(Checked, frozen=True):
    """A picture to tap; the action's label is optional, at most 12 grapheme clusters."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("image_url", required=True),
        action("action", "an image carousel", required=True),
    )

    image_url: str
    action: Action | Raw


class ImageCarouselTemplate(Template, frozen=True, tag="image_carousel"):
    """1 to 10 pictures side by side."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        parts("columns", "ImageCarouselColumn", least=1, most=10, unit="columns", required=True),
    )

    columns: Sequence[ImageCarouselColumn | Raw]


class TemplateMessage(Message, frozen=True, tag="template"):
    """A template; `alt_text`, at most 1,500 UTF-16 units, is what notifications show of it."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("alt_text", 1500, required=True),
        part("template", "Template", required=True),
        *COMMON,
    )

    alt_text: str
    template: Template | Raw


def _check_titled_text(value: ButtonsTemplate | CarouselColumn, name: str) -> None:
    if value.title is not None or value.thumbnail_image_url is not None:
        check_length(f"{name}.text", value.text, _TITLED_TEXT)
