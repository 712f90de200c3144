"""What a bot sends: message objects under the official SDK's names, checked when they are built.

A message that LINE would refuse raises `MessageError` where it is written, naming the field, the
limit and the found size. The classes live in modules of their own that are imported when the first
of their names is used: a bot that only answers with text needs none of them.

Source: https://developers.line.biz/en/reference/messaging-api/#message-objects
"""

from __future__ import annotations

import sys

from penniless.counting import utf16_units
from penniless.errors import MessageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from penniless.messages.actions import (
        Action,
        AltUri,
        CameraAction,
        CameraRollAction,
        ClipboardAction,
        DatetimePickerAction,
        LocationAction,
        MessageAction,
        PostbackAction,
        RichMenuSwitchAction,
        URIAction,
    )
    from penniless.messages.flex import (
        FlexBlockStyle,
        FlexBox,
        FlexBoxBackground,
        FlexBoxLinearGradient,
        FlexBubble,
        FlexBubbleStyles,
        FlexButton,
        FlexCarousel,
        FlexComponent,
        FlexContainer,
        FlexFiller,
        FlexIcon,
        FlexImage,
        FlexMessage,
        FlexSeparator,
        FlexSpan,
        FlexText,
        FlexVideo,
    )
    from penniless.messages.imagemap import (
        ClipboardImagemapAction,
        ImagemapAction,
        ImagemapArea,
        ImagemapBaseSize,
        ImagemapExternalLink,
        ImagemapMessage,
        ImagemapVideo,
        MessageImagemapAction,
        URIImagemapAction,
    )
    from penniless.messages.media import (
        AudioMessage,
        CouponMessage,
        ImageMessage,
        LocationMessage,
        StickerMessage,
        VideoMessage,
    )
    from penniless.messages.message import Message, Sendable, Sender
    from penniless.messages.quick_reply import QuickReply, QuickReplyItem
    from penniless.messages.templates import (
        ButtonsTemplate,
        CarouselColumn,
        CarouselTemplate,
        ConfirmTemplate,
        ImageCarouselColumn,
        ImageCarouselTemplate,
        Template,
        TemplateMessage,
    )
    from penniless.messages.text import (
        AllMentionTarget,
        Emoji,
        EmojiSubstitutionObject,
        MentionSubstitutionObject,
        MentionTarget,
        SubstitutionObject,
        TextMessage,
        TextMessageV2,
        UserMentionTarget,
    )

__all__ = [
    "TEXT_LIMIT",
    "Action",
    "AllMentionTarget",
    "AltUri",
    "AudioMessage",
    "ButtonsTemplate",
    "CameraAction",
    "CameraRollAction",
    "CarouselColumn",
    "CarouselTemplate",
    "ClipboardAction",
    "ClipboardImagemapAction",
    "ConfirmTemplate",
    "CouponMessage",
    "DatetimePickerAction",
    "Emoji",
    "EmojiSubstitutionObject",
    "FlexBlockStyle",
    "FlexBox",
    "FlexBoxBackground",
    "FlexBoxLinearGradient",
    "FlexBubble",
    "FlexBubbleStyles",
    "FlexButton",
    "FlexCarousel",
    "FlexComponent",
    "FlexContainer",
    "FlexFiller",
    "FlexIcon",
    "FlexImage",
    "FlexMessage",
    "FlexSeparator",
    "FlexSpan",
    "FlexText",
    "FlexVideo",
    "ImageCarouselColumn",
    "ImageCarouselTemplate",
    "ImageMessage",
    "ImagemapAction",
    "ImagemapArea",
    "ImagemapBaseSize",
    "ImagemapExternalLink",
    "ImagemapMessage",
    "ImagemapVideo",
    "LocationAction",
    "LocationMessage",
    "MentionSubstitutionObject",
    "MentionTarget",
    "Message",
    "MessageAction",
    "MessageImagemapAction",
    "PostbackAction",
    "QuickReply",
    "QuickReplyItem",
    "RichMenuSwitchAction",
    "Sendable",
    "Sender",
    "StickerMessage",
    "SubstitutionObject",
    "Template",
    "TemplateMessage",
    "TextMessage",
    "TextMessageV2",
    "URIAction",
    "URIImagemapAction",
    "UserMentionTarget",
    "VideoMessage",
    "to_json",
]

TEXT_LIMIT = 5000
"""The length of a text message, in UTF-16 units."""

_MODULES = {
    "actions": """
        Action AltUri CameraAction CameraRollAction ClipboardAction DatetimePickerAction
        LocationAction MessageAction PostbackAction RichMenuSwitchAction URIAction
    """,
    "flex": """
        FlexBlockStyle FlexBox FlexBoxBackground FlexBoxLinearGradient FlexBubble FlexBubbleStyles
        FlexButton FlexCarousel FlexComponent FlexContainer FlexFiller FlexIcon FlexImage
        FlexMessage FlexSeparator FlexSpan FlexText FlexVideo
    """,
    "imagemap": """
        ClipboardImagemapAction ImagemapAction ImagemapArea ImagemapBaseSize ImagemapExternalLink
        ImagemapMessage ImagemapVideo MessageImagemapAction URIImagemapAction
    """,
    "media": """
        AudioMessage CouponMessage ImageMessage LocationMessage StickerMessage VideoMessage
    """,
    "message": "Message Sendable Sender",
    "quick_reply": "QuickReply QuickReplyItem",
    "templates": """
        ButtonsTemplate CarouselColumn CarouselTemplate ConfirmTemplate ImageCarouselColumn
        ImageCarouselTemplate Template TemplateMessage
    """,
    "text": """
        AllMentionTarget Emoji EmojiSubstitutionObject MentionSubstitutionObject MentionTarget
        SubstitutionObject TextMessage TextMessageV2 UserMentionTarget
    """,
}
_HOME = {name: module for module, names in _MODULES.items() for name in names.split()}


if not TYPE_CHECKING:  # type checkers know the names above, and should miss all others

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        full = f"{__name__}.{_HOME[name]}"
        __import__(full)
        return getattr(sys.modules[full], name)


def to_json(sendable: Sendable) -> dict[str, Any]:
    """LINE's JSON of what a bot gives: text, a message, a dict, or an official SDK message.

    Text becomes a text message of 1 to 5,000 UTF-16 units. A dict is returned as it is, unchecked;
    an SDK message as its `to_dict()` says. Anything else raises MessageError, as does a text that
    is empty or too long.
    """
    if isinstance(sendable, str):
        return _text_message(sendable)
    if isinstance(sendable, dict):
        return sendable
    to_dict = None if isinstance(sendable, type) else getattr(sendable, "to_dict", None)
    made = to_dict() if callable(to_dict) else None
    if not isinstance(made, dict):
        raise MessageError(
            f"{type(sendable).__name__} cannot be sent; give text, a message such as TextMessage, "
            "a dict in LINE's JSON, or an object with to_dict()",
            found=type(sendable).__name__,
        )
    return made


def _text_message(text: str) -> dict[str, Any]:
    if text and utf16_units(text) <= TEXT_LIMIT and _is_unicode(text):
        return {"type": "text", "text": text}
    from penniless.messages.text import TextMessage

    return TextMessage(text).to_dict()  # raises the error that says what is wrong


def _is_unicode(text: str) -> bool:
    """Whether UTF-8 can carry the text: no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
