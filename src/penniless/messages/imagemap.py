"""The imagemap: a picture with up to 50 areas that can be tapped, and perhaps a video in it.

Source: https://developers.line.biz/en/reference/messaging-api/#imagemap-message
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from penniless.messages.checks import (
    Checked,
    Raw,
    Rule,
    https,
    part,
    parts,
    text,
    uri,
    whole,
)
from penniless.messages.message import COMMON, Message

WIDTH = 1040
"""The width of the picture in LINE's pixels; heights and areas are measured with it."""


class ImagemapBaseSize(Checked, frozen=True, kw_only=True):
    """The picture's size: `width` is always 1040."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        whole("width", WIDTH, WIDTH, required=True),
        whole("height", 1, required=True),
    )

    width: int
    height: int


class ImagemapArea(Checked, frozen=True):
    """An area of the picture, in pixels of the base size."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        whole("x", 0, required=True),
        whole("y", 0, required=True),
        whole("width", 1, required=True),
        whole("height", 1, required=True),
    )

    x: int
    y: int
    width: int
    height: int


class ImagemapAction(Checked, frozen=True, tag_field="type"):
    """What all imagemap actions share; `label` at most 100 UTF-16 units, read aloud."""

    COMMON: ClassVar[tuple[Rule, ...]] = (
        part("area", "ImagemapArea", required=True),
        text("label", 100),
    )

    area: ImagemapArea | Raw


class MessageImagemapAction(ImagemapAction, frozen=True, tag="message"):
    """Says `text`, at most 400 UTF-16 units, in the person's name."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("text", 400, required=True),
        *ImagemapAction.COMMON,
    )

    text: str
    label: str | None = None


class URIImagemapAction(ImagemapAction, frozen=True, tag="uri"):
    """Opens `link_uri`: http, https, line or tel, at most 1,000 UTF-16 units."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        uri("link_uri", required=True),
        *ImagemapAction.COMMON,
    )

    link_uri: str
    label: str | None = None


class ClipboardImagemapAction(ImagemapAction, frozen=True, tag="clipboard"):
    """Copies `clipboard_text`, at most 1,000 UTF-16 units."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("clipboard_text", 1000, required=True),
        *ImagemapAction.COMMON,
    )

    clipboard_text: str
    label: str | None = None


class ImagemapExternalLink(Checked, frozen=True):
    """The link shown after the video; `label` at most 30 UTF-16 units."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        uri("link_uri", required=True),
        text("label", 30, required=True),
    )

    link_uri: str
    label: str


class ImagemapVideo(Checked, frozen=True):
    """An MP4 video that plays in an area of the picture."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("original_content_url", required=True),
        https("preview_image_url", required=True),
        part("area", "ImagemapArea", required=True),
        part("external_link", "ImagemapExternalLink"),
    )

    original_content_url: str
    preview_image_url: str
    area: ImagemapArea | Raw
    external_link: ImagemapExternalLink | Raw | None = None


class ImagemapMessage(Message, frozen=True, tag="imagemap"):
    """A picture with areas. LINE fetches `base_url` with /240, /300, /460, /700 or /1040 added.

    `alt_text` at most 1,500 UTF-16 units; at most 50 actions.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("base_url", required=True),
        text("alt_text", 1500, required=True),
        part("base_size", "ImagemapBaseSize", required=True),
        parts("actions", "ImagemapAction", least=0, most=50, unit="actions", required=True),
        part("video", "ImagemapVideo"),
        *COMMON,
    )

    base_url: str
    alt_text: str
    base_size: ImagemapBaseSize | Raw
    actions: Sequence[ImagemapAction | Raw]
    video: ImagemapVideo | Raw | None = None
