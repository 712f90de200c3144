"""One JSON sample of every webhook event, message content and source that LINE documents.

Law of this module: values only, shaped as the reference says, every optional property present in
one sample at least. Ids and texts are made up.

Source: https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

BOT = "U0000000000000000000000000000b0b0"
ALICE = "U0000000000000000000000000000a11c"
BOB = "U000000000000000000000000000000b0"
GROUP = "C0000000000000000000000000000fa00"
ROOM = "R0000000000000000000000000000aa00"
TIME = 1_767_225_600_123
EVENT_ID = "01KDXS0000PENN1LESS0000001"

SOURCES: dict[str, Json] = {
    "user": {"type": "user", "userId": ALICE},
    "user without consent": {"type": "user"},
    "group": {"type": "group", "groupId": GROUP, "userId": ALICE},
    "group without user": {"type": "group", "groupId": GROUP},
    "room": {"type": "room", "roomId": ROOM, "userId": ALICE},
    "room without user": {"type": "room", "roomId": ROOM},
}

_AT_LINE = {"type": "line"}
_ELSEWHERE = {
    "type": "external",
    "originalContentUrl": "https://sample.invalid/clip.mp4",
    "previewImageUrl": "https://sample.invalid/clip.jpg",
}

CONTENTS: dict[str, Json] = {
    "text": {"type": "text", "id": "518000000000000001", "text": "hello", "quoteToken": "q1"},
    "text with everything": {
        "type": "text",
        "id": "518000000000000002",
        "text": "@All @ペニ สวัสดี 你好 (moon) 🍎",
        "emojis": [
            {"index": 21, "length": 6, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "002"}
        ],
        "mention": {
            "mentionees": [
                {"index": 0, "length": 4, "type": "all"},
                {"index": 5, "length": 3, "type": "user", "userId": BOT, "isSelf": True},
                {"index": 9, "length": 6, "type": "user"},
            ]
        },
        "quoteToken": "q2",
        "quotedMessageId": "518000000000000001",
        "markAsReadToken": "r2",
    },
    "image": {
        "type": "image",
        "id": "518000000000000003",
        "contentProvider": _AT_LINE,
        "imageSet": {"id": "E0C1D2", "index": 1, "total": 2},
        "quoteToken": "q3",
        "markAsReadToken": "r3",
    },
    "image of a set whose size is unknown": {
        "type": "image",
        "id": "518000000000000004",
        "contentProvider": _ELSEWHERE,
        "imageSet": {"id": "E0C1D3"},
        "quoteToken": "q4",
    },
    "video": {
        "type": "video",
        "id": "518000000000000005",
        "duration": 60000,
        "contentProvider": _ELSEWHERE,
        "quoteToken": "q5",
        "markAsReadToken": "r5",
    },
    "audio": {
        "type": "audio",
        "id": "518000000000000006",
        "duration": 1500,
        "contentProvider": _AT_LINE,
        "markAsReadToken": "r6",
    },
    "file": {
        "type": "file",
        "id": "518000000000000007",
        "fileName": "見積書.pdf",
        "fileSize": 2138,
        "markAsReadToken": "r7",
    },
    "location": {
        "type": "location",
        "id": "518000000000000008",
        "title": "ที่ทำงาน",
        "address": "東京都千代田区1-3",
        "latitude": 35.5,
        "longitude": 139,
        "markAsReadToken": "r8",
    },
    "location of a bare point": {
        "type": "location",
        "id": "518000000000000009",
        "latitude": -0.25,
        "longitude": -180.0,
    },
    "sticker": {
        "type": "sticker",
        "id": "518000000000000010",
        "packageId": "6325",
        "stickerId": "10979904",
        "stickerResourceType": "ANIMATION",
        "keywords": ["love", "よろしく"],
        "text": "your own words",
        "quoteToken": "q10",
        "quotedMessageId": "518000000000000001",
        "markAsReadToken": "r10",
    },
}


def event(type_: str, source: Any = SOURCES["user"], **properties: Any) -> Json:
    """An event's JSON: the common properties and its own, in the order LINE writes them."""
    return {
        "type": type_,
        **properties,
        "webhookEventId": EVENT_ID,
        "deliveryContext": {"isRedelivery": False},
        "timestamp": TIME,
        **({} if source is None else {"source": source}),
        "mode": "active",
    }


def message_event(content: Json, source: Any = SOURCES["user"], **properties: Any) -> Json:
    return event("message", source, message=content, **{"replyToken": "t0", **properties})


_TOKEN = {"replyToken": "b60d432864f44d079f6d8efe86cf404b"}
_IN_GROUP = SOURCES["group without user"]
_MEMBERS = {"members": [{"type": "user", "userId": ALICE}, {"type": "user", "userId": BOB}]}


def _postback(**params: str) -> Json:
    found = {"params": params} if params else {}
    return event("postback", postback={"data": "buy=リンゴ", **found}, **_TOKEN)


EVENTS: dict[str, Json] = {
    **{f"message: {name}": message_event(content) for name, content in CONTENTS.items()},
    **{
        f"message from {name}": message_event(CONTENTS["text"], source)
        for name, source in SOURCES.items()
    },
    "message again": {
        **message_event(CONTENTS["text"]),
        "deliveryContext": {"isRedelivery": True},
    },
    "message in standby": {
        **event("message", message=CONTENTS["text"]),
        "mode": "standby",
    },
    "messageEdited": event(
        "messageEdited",
        SOURCES["group"],
        message={"type": "text", "id": "518000000000000001", "text": "hullo", "quoteToken": "q9"},
        **_TOKEN,
    ),
    "unsend": event("unsend", unsend={"messageId": "518000000000000001"}),
    "follow": event("follow", follow={"isUnblocked": False}, **_TOKEN),
    "follow after a block": event("follow", follow={"isUnblocked": True}, **_TOKEN),
    "unfollow": event("unfollow"),
    "join": event("join", _IN_GROUP, **_TOKEN),
    "join a room": event("join", SOURCES["room without user"], **_TOKEN),
    "leave": event("leave", _IN_GROUP),
    "memberJoined": event("memberJoined", _IN_GROUP, joined=_MEMBERS, **_TOKEN),
    "memberLeft": event("memberLeft", _IN_GROUP, left=_MEMBERS),
    "postback": _postback(),
    "postback of a date": _postback(date="2026-12-31"),
    "postback of a time": _postback(time="23:59"),
    "postback of a date and time": _postback(datetime="2026-12-31T23:59"),
    "postback of a rich menu": _postback(newRichMenuAliasId="menu-b", status="SUCCESS"),
    "postback of a missing rich menu": _postback(status="RICHMENU_ALIAS_ID_NOTFOUND"),
    "videoPlayComplete": event(
        "videoPlayComplete", videoPlayComplete={"trackingId": "track-1"}, **_TOKEN
    ),
    "beacon": event("beacon", beacon={"hwid": "d41d8cd98f", "type": "enter"}, **_TOKEN),
    "beacon with a device message": event(
        "beacon", beacon={"hwid": "d41d8cd98f", "type": "stay", "dm": "0102"}, **_TOKEN
    ),
    "accountLink": event("accountLink", link={"result": "ok", "nonce": "n1"}, **_TOKEN),
    "accountLink that failed": event("accountLink", None, link={"result": "failed", "nonce": "n2"}),
    **{
        f"membership {type_}": event(
            "membership", membership={"type": type_, "membershipId": 3189}, **_TOKEN
        )
        for type_ in ("joined", "left", "renewed")
    },
    "module attached": event(
        "module",
        None,
        module={"type": "attached", "botId": BOT, "scopes": ["message:send", "profile"]},
    ),
    "module detached": event(
        "module", None, module={"type": "detached", "botId": BOT, "reason": "bot_deleted"}
    ),
    "activated": event("activated", chatControl={"expireAt": TIME + 3_600_000}),
    "deactivated": event("deactivated"),
    "botSuspended": event("botSuspended", None),
    "botResumed": event("botResumed", None),
    "delivery": event("delivery", None, delivery={"data": "15034552939884E28681A7D668CE"}),
}
