"""The message event and the contents a person can send.

Source: https://developers.line.biz/en/reference/messaging-api/#message-event
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

from msgspec import Struct, field

from penniless.events.common import UNKNOWN, Event


class Emoji(Struct, frozen=True, rename="camel"):
    """A LINE emoji in a text; `index` and `length` count UTF-16 code units."""

    index: int
    length: int
    product_id: str
    emoji_id: str


class Mentionee(Struct, frozen=True, rename="camel"):
    """Somebody named in a text: `type` is `user` or `all`; `is_self` means the bot itself."""

    index: int
    length: int
    type: str = "user"
    user_id: str | None = None
    is_self: bool = False


class Mention(Struct, frozen=True):
    mentionees: list[Mentionee] = field(default_factory=list)


class ContentProvider(Struct, frozen=True, rename="camel"):
    """Who holds the bytes: `line` (fetch them with the message id) or `external` (see the URLs)."""

    type: str
    original_content_url: str | None = None
    preview_image_url: str | None = None


class ImageSet(Struct, frozen=True):
    """Images sent together share `id`; each comes in an event of its own, in any order."""

    id: str
    index: int | None = None
    total: int | None = None


class AnyContent(Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    """What all contents share."""

    KIND: ClassVar[str] = "unknown"

    id: str
    mark_as_read_token: str | None = None

    @property
    def type(self) -> str:
        """The content's name on the wire."""
        return self.KIND


class TextContent(AnyContent, frozen=True, kw_only=True, tag="text"):
    KIND: ClassVar[str] = "text"

    text: str
    emojis: list[Emoji] = field(default_factory=list)
    mention: Mention | None = None
    quote_token: str | None = None
    quoted_message_id: str | None = None


class ImageContent(AnyContent, frozen=True, kw_only=True, tag="image"):
    KIND: ClassVar[str] = "image"

    content_provider: ContentProvider
    image_set: ImageSet | None = None
    quote_token: str | None = None


class VideoContent(AnyContent, frozen=True, kw_only=True, tag="video"):
    """`duration` in milliseconds."""

    KIND: ClassVar[str] = "video"

    content_provider: ContentProvider
    duration: int | None = None
    quote_token: str | None = None


class AudioContent(AnyContent, frozen=True, kw_only=True, tag="audio"):
    """`duration` in milliseconds."""

    KIND: ClassVar[str] = "audio"

    content_provider: ContentProvider
    duration: int | None = None


class FileContent(AnyContent, frozen=True, kw_only=True, tag="file"):
    """`file_size` in bytes."""

    KIND: ClassVar[str] = "file"

    file_name: str
    file_size: int


class LocationContent(AnyContent, frozen=True, kw_only=True, tag="location"):
    KIND: ClassVar[str] = "location"

    latitude: float
    longitude: float
    title: str | None = None
    address: str | None = None


class StickerContent(AnyContent, frozen=True, kw_only=True, tag="sticker"):
    KIND: ClassVar[str] = "sticker"

    package_id: str
    sticker_id: str
    sticker_resource_type: str = "STATIC"
    keywords: list[str] = field(default_factory=list)
    text: str | None = None
    quote_token: str | None = None
    quoted_message_id: str | None = None


class UnknownMessage(AnyContent, frozen=True, kw_only=True, tag=UNKNOWN):
    """A message of a type that this version does not know; `data` is its JSON."""

    id: str = ""
    name: str = ""
    data: Any = None

    @property
    def type(self) -> str:
        return self.name


MessageContent: TypeAlias = (
    TextContent
    | ImageContent
    | VideoContent
    | AudioContent
    | FileContent
    | LocationContent
    | StickerContent
    | UnknownMessage
)


class MessageEvent(Event, frozen=True, kw_only=True, tag="message"):
    KIND: ClassVar[str] = "message"

    message: MessageContent
