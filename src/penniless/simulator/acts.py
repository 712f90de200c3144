"""What people do in chats: write, send pictures, tap, edit, take back.

Law of this module: one function an act, JSON in (as in `POST /sim/message`), an entry of the chat
and a webhook out. Nothing is delivered here. A request that makes no sense raises `Refused`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection
from typing import Any

from penniless.counting import utf16_units
from penniless.readable import readable
from penniless.simulator import dealings, samples, webhooks
from penniless.simulator.places import Act, Place, Refused, group_named, only, person_named
from penniless.simulator.records import Entry, Json, Media, Webhook
from penniless.simulator.relations import follow, unblock
from penniless.simulator.world import World

COMMON = ("from", "in", "named", "quote", "mentions", "emojis")
"""What an act may say beside what it is."""

SHOWN_AS_SENT = {"text": ("text",), "sticker": ("packageId", "stickerId")}
"""What a raw message event must have to stand in the chat like any other message."""

PLACED_IN_TEXT = frozenset({"mention", "emojis"})
"""What of a message points into its text: another text has its own, or none."""

STICKER = ("packageId", "stickerId", "stickerResourceType", "keywords", "text")
LOCATION = ("title", "address", "latitude", "longitude")
UPLOADED = ("data", "contentType", "fileName", "prepareSeconds", "prepareFails")
MEDIA = ("url", "previewUrl", "duration", "imageSet", *UPLOADED)
POSTBACK = ("data", "displayText", "params")
EDIT = ("messageId", "text", "mentions")

MOST_TOGETHER = 100
"""Events in one webhook; LINE does not say how many it sends."""


def act(world: World, request: Json) -> Act:
    """Do what a `POST /sim/message` asks for."""
    asked = [name for name in ACTS if name in request]
    if len(asked) != 1:
        raise Refused(400, f"exactly one of {', '.join(ACTS)} is needed")
    only(request, (*COMMON, *ACTS), "an act")
    where = _place(world, request)
    if where.group is None and where.person.blocked and asked[0] != "follow":
        raise Refused(409, f"{where.person.name} has blocked the bot: unblock it first")
    return ACTS[asked[0]](where, request[asked[0]], request)


def act_together(world: World, requests: Any) -> tuple[list[Act], Webhook | None, Refused | None]:
    """Several acts, whose events go out in one webhook.

    If one of them makes no sense, those before it have happened, and go out; the refusal says
    which one it was. Raises Refused where nothing happened at all.
    """
    if not isinstance(requests, list) or not 1 <= len(requests) <= MOST_TOGETHER:
        raise Refused(400, f"events must be a list of 1 to {MOST_TOGETHER} acts")
    done: list[Act] = []
    refused = None
    with world.one_webhook() as together:
        for number, request in enumerate(requests):
            try:
                done.append(act(world, _object(request, f"events[{number}]")))
            except Refused as error:
                refused = Refused(error.status, f"events[{number}]: {error}")
                break
    return done, together[0] if together else None, refused


def _place(world: World, request: Json) -> Place:
    """The `from` and `in` of a request. Raises Refused for somebody or some group unknown."""
    person = person_named(world, request.get("from"))
    if request.get("in") is None:
        return Place(world, person)
    group = group_named(world, request["in"])
    if person.name not in group.members:
        raise Refused(400, f"{person.name} is not a member of {group.name}")
    return Place(world, person, group, named=request.get("named") is True)


# Messages


def _say(
    where: Place,
    kind: str,
    properties: Json,
    *,
    own: tuple[str, ...] = (),
    external: Json | None = None,
) -> Act:
    """A message of the person: into the chat, and to the bot.

    The chat page gets more: `own` names the properties that lead to the bytes we hold, `external`
    are URLs of others.
    """
    world = where.world
    message_id = world.ids.message_id(world.now())
    page = {**dict.fromkeys(own, f"/sim/media/{message_id}"), **(external or {})}
    message = webhooks.content(
        kind,
        properties,
        message_id=message_id,
        quote_token=world.ids.quote_token(where.chat_id, message_id),
        read_token=world.ids.read_token(where.chat_id, message_id),
    )
    entry = _stands(where, {**message, **page}, quoted_id=properties.get("quotedMessageId"))
    if where.group is None:
        world.last_wrote[where.person.user_id] = world.now()
    _answer_by_itself(where, kind)
    return Act(entry, where.happens("message", {"message": message}))


def _stands(where: Place, message: Json, *, quoted_id: str | None = None) -> Entry:
    """Put what the person says into the chat."""
    world = where.world
    return world.add_entry(
        Entry(
            seq=world.next_seq(),
            id=message["id"],
            chat=where.chat_id,
            side="person",
            name=where.person.display_name,
            user_id=where.person.user_id,
            time=world.now(),
            message=message,
            text=readable(message),
            quoted=world.quoted(quoted_id) if quoted_id else None,
        )
    )


def _answer_by_itself(where: Place, kind: str) -> None:
    """The account's auto-reply to a text, if it has one; before the bot hears, and it is free."""
    answer = where.world.account.auto_reply
    usual = kind == "text" and where.group is None
    everything = where.world.guesses.auto_reply_to == "everything" and where.bot_listens
    if answer is not None and (usual or everything):
        where.world.bot_says(where.chat_id, {"type": "text", "text": answer}, "")


def _text(where: Place, value: Any, request: Json) -> Act:
    text = _string(value, "text")
    properties: Json = {"text": text}
    if request.get("emojis"):
        properties["emojis"] = request["emojis"]
    mention = _mention(where, text, request.get("mentions"))
    return _say(where, "text", {**properties, **mention, **_quote(where, request)})


def _mention(where: Place, text: str, names: Any) -> Json:
    """`["bot", "alice", "all"]`: each must stand in the text, as @ and the display name."""
    if not names:
        return {}
    if where.group is None:
        raise Refused(400, "mentions work in groups and rooms only")
    if not isinstance(names, list):
        raise Refused(400, "mentions must be a list of names, 'bot' and 'all' among them")
    return {"mention": {"mentionees": [_mentionee(where, text, name) for name in names]}}


def _mentionee(where: Place, text: str, name: Any) -> Json:
    shown, who = _mentioned(where.world, name)
    at = text.find(shown)
    if at < 0:
        raise Refused(400, f"the text mentions {name} as {shown!r}, which does not stand in it")
    return {"index": utf16_units(text[:at]), "length": utf16_units(shown), **who}


def _mentioned(world: World, name: Any) -> tuple[str, Json]:
    """How somebody is mentioned in a text, and what the event says of them."""
    if name == "all":
        return "@All", {"type": "all"}
    if name == "bot":
        return f"@{world.name}", {"type": "user", "userId": world.user_id, "isSelf": True}
    person = person_named(world, name)
    return f"@{person.display_name}", {"type": "user", "userId": person.user_id, "isSelf": False}


def _sticker(where: Place, value: Any, request: Json) -> Act:
    wanted = _object(value, "sticker", STICKER)
    properties: Json = {
        "packageId": _string(wanted.get("packageId"), "sticker.packageId"),
        "stickerId": _string(wanted.get("stickerId"), "sticker.stickerId"),
        "stickerResourceType": wanted.get("stickerResourceType", "STATIC"),
    }
    extras: Json = {name: wanted[name] for name in ("keywords", "text") if name in wanted}
    return _say(where, "sticker", {**properties, **extras, **_quote(where, request)})


def _location(where: Place, value: Any, _request: Json) -> Act:
    wanted = _object(value, "location", LOCATION)
    properties = {
        name: _string(wanted[name], f"location.{name}")
        for name in ("title", "address")
        if wanted.get(name)
    }
    return _say(
        where,
        "location",
        {
            **properties,
            "latitude": _number(wanted.get("latitude"), "location.latitude", 90),
            "longitude": _number(wanted.get("longitude"), "location.longitude", 180),
        },
    )


def _media(kind: str) -> Callable[[Place, Any, Json], Act]:
    def send(where: Place, value: Any, _request: Json) -> Act:
        wanted = _object(value, kind, MEDIA)
        if kind != "file" and "url" in wanted:
            return _external(where, kind, wanted)
        return _uploaded(where, kind, wanted)

    return send


def _external(where: Place, kind: str, wanted: Json) -> Act:
    """Media that LINE does not hold: `contentProvider` says where they are."""
    url = _string(wanted["url"], f"{kind}.url")
    if not url.startswith("https://"):
        raise Refused(400, f"{kind}.url must be an https URL")
    preview = {"previewImageUrl": wanted.get("previewUrl", url)} if kind != "audio" else {}
    provider = {"type": "external", "originalContentUrl": url, **preview}
    properties = {**_own_media_properties(kind, wanted), "contentProvider": provider}
    shown = {"url": url, "previewUrl": preview.get("previewImageUrl", url)}
    return _say(where, kind, properties, external=shown)


def _own_media_properties(kind: str, wanted: Json) -> Json:
    """What the event says of the media itself: `duration` in milliseconds, `imageSet`."""
    properties: Json = {}
    if "duration" in wanted:
        properties["duration"] = _milliseconds(wanted["duration"], f"{kind}.duration")
    if "imageSet" in wanted:
        properties["imageSet"] = _object(wanted["imageSet"], f"{kind}.imageSet")
    return properties


def _sample_length(kind: str, wanted: Json) -> Json:
    """The `duration` of a built-in sound or film; of other bytes only who sends them knows it."""
    sample = "data" not in wanted and kind in samples.MILLISECONDS
    return {"duration": samples.MILLISECONDS[kind]} if sample else {}


def _uploaded(where: Place, kind: str, wanted: Json) -> Act:
    """Media that LINE holds: the bot fetches them by message id."""
    media = _media_of(where.world, kind, wanted)
    if kind == "file":
        properties: Json = {"fileName": media.file_name, "fileSize": len(media.data)}
    else:
        properties = {
            **_sample_length(kind, wanted),
            **_own_media_properties(kind, wanted),
            "contentProvider": {"type": "line"},
        }
    own = ("url", "previewUrl") if kind == "image" else ("url",)
    done = _say(where, kind, properties, own=own)
    if done.entry is not None:
        where.world.keep_media(done.entry.id, media)
    return done


def _media_of(world: World, kind: str, wanted: Json) -> Media:
    data, content_type, name = _bytes_of(kind, wanted)
    seconds = _number(wanted.get("prepareSeconds", 0), f"{kind}.prepareSeconds", 3600)
    return Media(
        kind=kind,
        data=data,
        content_type=content_type,
        file_name=name,
        ready_at=world.now() + round(seconds * 1000),
        fails=wanted.get("prepareFails") is True,
    )


def _bytes_of(kind: str, wanted: Json) -> tuple[bytes, str, str]:
    """The bytes, content type and file name that were given, or those of a built-in sample."""
    if "data" not in wanted:
        sample = samples.of_kind(kind)
        return sample.data, sample.content_type, str(wanted.get("fileName") or sample.name)
    try:
        data = base64.b64decode(_string(wanted["data"], f"{kind}.data"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, f"{kind}.data must be base64") from None
    content_type = wanted.get("contentType") or samples.of_kind(kind).content_type
    return data, str(content_type), str(wanted.get("fileName") or f"{kind}.bin")


def _quote(where: Place, request: Json) -> Json:
    quoted = request.get("quote")
    if quoted is None:
        return {}
    entry = where.world.messages.get(quoted) if isinstance(quoted, str) else None
    if entry is None or entry.chat != where.chat_id:
        raise Refused(404, "there is no message with that id to quote in this chat")
    return {"quotedMessageId": entry.id}


# Everything that is not a message


def _postback(where: Place, value: Any, _request: Json) -> Act:
    wanted = _object(value, "postback", POSTBACK)
    postback: Json = {"data": _string(wanted.get("data"), "postback.data")}
    if "params" in wanted:
        postback["params"] = _object(wanted["params"], "postback.params")
    entry = None
    if wanted.get("displayText"):
        entry = _shown_only(where, _string(wanted["displayText"], "postback.displayText"))
    return Act(entry, where.happens("postback", {"postback": postback}))


def _shown_only(where: Place, text: str) -> Entry:
    """A text that stands in the chat but is no message to the bot: a postback's displayText."""
    message_id = where.world.ids.message_id(where.world.now())
    return _stands(where, {"type": "text", "id": message_id, "text": text})


def _follow(where: Place, value: Any, _request: Json) -> Act:
    if value is not True:
        raise Refused(400, "follow must be true; /sim/people/{name}/block is for the contrary")
    return unblock(where.world, where.person) if where.person.blocked else follow(where)


def _own_message(
    where: Place, value: Any, name: str, names: Collection[str]
) -> tuple[Entry, Place]:
    """The person's own message that is to be edited or taken back, and where it stands."""
    wanted = _object(value, name, names)
    world = where.world
    entry = world.messages.get(_string(wanted.get("messageId"), f"{name}.messageId"))
    if entry is None or entry.side != "person" or entry.user_id != where.person.user_id:
        raise Refused(404, f"{where.person.name} sent no message with that id")
    if entry.unsent:
        raise Refused(409, "that message was unsent before")
    return entry, Place(world, where.person, world.group_of(entry.chat))


def _unsend(where: Place, value: Any, _request: Json) -> Act:
    entry, there = _own_message(where, value, "unsend", ("messageId",))
    entry.unsent = True
    entry.text = ""
    entry.message = {"type": entry.message["type"], "id": entry.id}
    where.world.forget_media(entry.id)
    where.world.tell("entry", entry)
    where.world.forget_quotes(entry)
    return Act(entry, there.happens("unsend", {"unsend": {"messageId": entry.id}}))


def _edit(where: Place, value: Any, _request: Json) -> Act:
    entry, there = _own_message(where, value, "edit", EDIT)
    if there.group is None:
        raise Refused(400, "messages can be edited in groups only")
    if entry.message["type"] != "text":
        raise Refused(400, "only texts can be edited")
    text = _string(value.get("text"), "edit.text")
    token = where.world.ids.quote_token(entry.chat, entry.id)
    kept = {name: known for name, known in entry.message.items() if name not in PLACED_IN_TEXT}
    said = {"text": text, "quoteToken": token, **_mention(there, text, value.get("mentions"))}
    entry.message = {**kept, **said}
    entry.text = text
    entry.edited = True
    where.world.tell("entry", entry)
    edited = {"type": "text", "id": entry.id, **said}
    return Act(entry, there.happens("messageEdited", {"message": edited}))


def _event(where: Place, value: Any, _request: Json) -> Act:
    """Any event as raw JSON; the common properties are filled in where they are missing."""
    wanted = _object(value, "event")
    kind = _string(wanted.get("type"), "event.type")
    properties = {name: given for name, given in wanted.items() if name != "type"}
    if kind == "message" and isinstance(properties.get("message"), dict):
        message = properties["message"] = _completed_message(where, properties["message"])
        entry = _stands(where, message) if _is_said(where, message) else _noted(where, message)
    else:
        entry = where.world.note(where.chat_id, f"{where.person.display_name}: {kind} event")
    return Act(entry, where.happens(kind, properties))


def _is_said(where: Place, message: Json) -> bool:
    """Whether the chat can show it as a message: a text or sticker that is new there."""
    kind, own_id = message["type"], message["id"]
    if not isinstance(kind, str) or not isinstance(own_id, str) or own_id in where.world.messages:
        return False
    needed = SHOWN_AS_SENT.get(kind, ())
    return bool(needed and own_id) and all(isinstance(message.get(one), str) for one in needed)


def _noted(where: Place, message: Json) -> Entry:
    text = f"{where.person.display_name}: {readable(message)}"
    return where.world.note(where.chat_id, text)


def _completed_message(where: Place, message: Json) -> Json:
    world = where.world
    message_id = str(message.get("id") or world.ids.message_id(world.now()))
    made = webhooks.content(
        str(message.get("type", "")),
        {},
        message_id=message_id,
        quote_token=world.ids.quote_token(where.chat_id, message_id),
        read_token=world.ids.read_token(where.chat_id, message_id),
    )
    return {**made, **message}


# Shapes


def _string(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise Refused(400, f"{name} must be a text that is not empty")
    return value


def _object(value: Any, name: str, names: Collection[str] | None = None) -> Json:
    if not isinstance(value, dict):
        raise Refused(400, f"{name} must be an object")
    if names is not None:
        only(value, names, name)
    return value


def _number(value: Any, name: str, limit: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > limit:
        raise Refused(400, f"{name} must be a number of at most {limit:g}")
    return value


def _milliseconds(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2**53:
        raise Refused(400, f"{name} must be a whole number of milliseconds")
    return value


ACTS: dict[str, Callable[[Place, Any, Json], Act]] = {
    "text": _text,
    "sticker": _sticker,
    "image": _media("image"),
    "video": _media("video"),
    "audio": _media("audio"),
    "file": _media("file"),
    "location": _location,
    "postback": _postback,
    "follow": _follow,
    "unsend": _unsend,
    "edit": _edit,
    "richMenuSwitch": dealings.switch_menu,
    "membership": dealings.membership,
    "accountLink": dealings.link_account,
    "event": _event,
}
"""What `POST /sim/message` can ask for."""
