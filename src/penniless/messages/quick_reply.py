"""Buttons under the last message, for one tap.

Source: https://developers.line.biz/en/reference/messaging-api/#quick-reply
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from penniless.messages.actions import Action, action
from penniless.messages.checks import Checked, Raw, Rule, https, parts


class QuickReplyItem(Checked, frozen=True, tag_field="type", tag="action"):
    """One button; its action needs a label of at most 20 grapheme clusters."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        action("action", "a quick reply", required=True),
        https("image_url"),
    )

    action: Action | Raw
    image_url: str | None = None


class QuickReply(Checked, frozen=True):
    """1 to 13 buttons. LINE shows them on phones only."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        parts("items", "QuickReplyItem", least=1, most=13, unit="items", required=True),
    )

    items: Sequence[QuickReplyItem | Raw]
