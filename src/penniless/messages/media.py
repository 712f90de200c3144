"""Messages that show one thing: a sticker, a picture, a video, a sound, a place, a coupon.

Files live at https addresses of the bot's; LINE fetches them, and limits their bytes too: images
10 MB, previews 1 MB, videos and sounds 200 MB.
Source: https://developers.line.biz/en/reference/messaging-api/#message-objects
"""

from __future__ import annotations

from typing import ClassVar

from penniless.messages.checks import (
    Rule,
    filled,
    https,
    matching,
    number,
    text,
    whole,
)
from penniless.messages.message import COMMON, Message


class StickerMessage(Message, frozen=True, tag="sticker"):
    """A sticker from the list of those a bot may send.

    Source: https://developers.line.biz/en/docs/messaging-api/sticker-list/
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        filled("package_id", required=True),
        filled("sticker_id", required=True),
        filled("quote_token"),
        *COMMON,
    )

    package_id: str
    sticker_id: str
    quote_token: str | None = None


class ImageMessage(Message, frozen=True, tag="image"):
    """A JPEG or PNG picture."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("original_content_url", required=True),
        https("preview_image_url", required=True),
        *COMMON,
    )

    original_content_url: str
    preview_image_url: str


class VideoMessage(Message, frozen=True, tag="video"):
    """An MP4 video. With `tracking_id`, at most 100 units, its end is an event (1:1 chats only)."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("original_content_url", required=True),
        https("preview_image_url", required=True),
        text("tracking_id", 100),
        *COMMON,
    )

    original_content_url: str
    preview_image_url: str
    tracking_id: str | None = None


class AudioMessage(Message, frozen=True, tag="audio"):
    """An MP3 or M4A sound; `duration` in milliseconds."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        https("original_content_url", required=True),
        whole("duration", 1, required=True),
        *COMMON,
    )

    original_content_url: str
    duration: int


class LocationMessage(Message, frozen=True, tag="location"):
    """A place on the map; `title` and `address` at most 100 UTF-16 units each."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        text("title", 100, required=True),
        text("address", 100, required=True),
        number("latitude", -90, 90, required=True),
        number("longitude", -180, 180, required=True),
        *COMMON,
    )

    title: str
    address: str
    latitude: float
    longitude: float


class CouponMessage(Message, frozen=True, tag="coupon"):
    """A coupon; `delivery_tag` is 1 to 30 of `A-Z a-z 0-9 _`."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        filled("coupon_id", required=True),
        matching("delivery_tag", (r"[A-Za-z0-9_]{1,30}", "1 to 30 of A-Z a-z 0-9 _")),
        *COMMON,
    )

    coupon_id: str
    delivery_tag: str | None = None
