"""What people sent, as bytes: content, preview, and whether a video is ready.

Law of this module: the rules of api-data.line.me.

Source: https://developers.line.biz/en/reference/messaging-api/#get-content
"""

from __future__ import annotations

from penniless.simulator import samples
from penniless.simulator.exchange import Answer, Asked, refusal
from penniless.simulator.records import Media
from penniless.simulator.table import Operation
from penniless.simulator.world import SEVEN_DAYS

PREPARED = frozenset({"video", "audio"})
"""What LINE may have to prepare first."""


def content(asked: Asked) -> Answer:
    """200 with the bytes, 202 while they are prepared, 404 unknown, 410 unsent."""
    media = _media(asked)
    if not _ready(asked, media):
        return Answer(status=202, content=b"")
    if media.fails:
        raise refusal(404, "not found", hint="the preparation of this content failed")
    return Answer(content=media.data, headers={"content-type": media.content_type})


def preview(asked: Asked) -> Answer:
    """A picture. Images are handed out as they are, videos as a still drawn by the simulator."""
    media = _media(asked)
    if media.kind not in {"image", "video"}:
        raise refusal(400, "The content can not be previewed")
    if not _ready(asked, media):
        return Answer(status=202, content=b"")
    if media.kind == "image":
        return Answer(content=media.data, headers={"content-type": media.content_type})
    still = samples.sample("photo-small.png")
    return Answer(content=still.data, headers={"content-type": still.content_type})


def transcoding(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#verify-video-or-audio-preparation-status"""
    media = _media(asked)
    if media.kind not in PREPARED:
        raise refusal(400, "Transcoding status doesn't support this type of content")
    if not _ready(asked, media):
        return Answer(json={"status": "processing"})
    return Answer(json={"status": "failed" if media.fails else "succeeded"})


def _media(asked: Asked) -> Media:
    media = asked.world.media.get(asked.params["messageId"])
    if media is None:
        raise refusal(404, "not found")
    if media.gone:
        raise refusal(410, "The content is gone")
    if _expired(asked):
        raise refusal(404, "not found", hint="this content is older than seven days")
    return media


def _expired(asked: Asked) -> bool:
    entry = asked.world.messages.get(asked.params["messageId"])
    if entry is None or not asked.world.guesses.content_expires:
        return False
    return asked.world.now() - entry.time > SEVEN_DAYS


def _ready(asked: Asked, media: Media) -> bool:
    return media.kind not in PREPARED or asked.world.now() >= media.ready_at


ITEM = "/v2/bot/message/{messageId}/content"

OPERATIONS = (
    Operation("content", "GET", ITEM, content),
    Operation("contentPreview", "GET", f"{ITEM}/preview", preview),
    Operation("contentTranscoding", "GET", f"{ITEM}/transcoding", transcoding),
)
