"""The people of a test, and their groups: what they do, and what they see.

Law of this module: one method an act, in the words of somebody who looks at a phone. An act that
makes no sense raises CodeError with a sentence; what the bot does wrong is raised by `line`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from penniless.errors import CodeError
from penniless.messages import Message
from penniless.simulator import acts, relations
from penniless.simulator.places import Act, group_named, person_named
from penniless.simulator.records import Json
from penniless.simulator.records import Person as PersonRecord
from penniless.testing.chat import Chat, Said, Sight, What
from penniless.testing.shown import Tappable, tappable_in
from penniless.testing.tapping import Moment, find, tap, tappable

if TYPE_CHECKING:
    from penniless.messages import LocationMessage, StickerMessage
    from penniless.testing.line import Line

Bytes: TypeAlias = bytes | str | Path
"""Bytes, or the path of a file that has them."""

_CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".m4a": "audio/x-m4a",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".pdf": "application/pdf",
}


class Person:
    """Somebody who talks to the bot: in the 1:1 chat or, from `in_`, in a group."""

    def __init__(self, line: Line, name: str, group: Group | None = None) -> None:
        self._line = line
        self._group = group
        self.name = name

    def __repr__(self) -> str:
        where = f" in {self._group.name}" if self._group else ""
        return f"<{self.name}{where}>"

    @property
    def user_id(self) -> str:
        """The user id, which follows from the name and is the same in every run."""
        return self._known().user_id

    @property
    def display_name(self) -> str:
        return self._known().display_name

    def _known(self) -> PersonRecord:
        return self._line.do(lambda: person_named(self._line.world, self.name))

    def in_(self, group: Group) -> Person:
        """The same person in a group."""
        return Person(self._line, self.name, group)

    # What they do

    def send(
        self,
        what: str | StickerMessage | LocationMessage,
        *,
        mentions: Sequence[Person | str] | str = (),
    ) -> Said:
        """Write a text, or send a sticker or a place.

        `mentions`, in groups: people, `"bot"` or `"all"`; who is not named in the text is put in
        front of it.
        """
        if not isinstance(what, str):
            return self._said(_content_of(what))
        return self._said(self._line.do(lambda: _mentioning(self._line, what, mentions)))

    def replies_to(self, message: Said, text: str) -> Said:
        """Write a text that quotes a message of the chat."""
        return self._said({"text": text, "quote": message.id})

    def sends_sticker(self, package_id: str = "446", sticker_id: str = "1988") -> Said:
        return self._said({"sticker": {"packageId": package_id, "stickerId": sticker_id}})

    def sends_image(self, image: Bytes | None = None) -> Said:
        """Send a picture; without one, a sample."""
        return self._said({"image": _media(image)})

    def sends_video(self, video: Bytes | None = None, *, milliseconds: int = 4000) -> Said:
        return self._said({"video": {**_media(video), "duration": milliseconds}})

    def sends_audio(self, audio: Bytes | None = None, *, milliseconds: int = 1500) -> Said:
        return self._said({"audio": {**_media(audio), "duration": milliseconds}})

    def sends_file(self, file: Bytes | None = None, name: str = "") -> Said:
        return self._said({"file": {**_media(file), **({"fileName": name} if name else {})}})

    def sends_location(
        self,
        title: str = "東京駅",
        address: str = "",
        latitude: float = 35.6812,
        longitude: float = 139.7671,
    ) -> Said:
        place = {"title": title, "address": address, "latitude": latitude, "longitude": longitude}
        return self._said({"location": place})

    def taps(self, label: str, value: Moment | None = None, *, number: int | None = None) -> str:
        """Tap what has this label: a button, a quick reply, a picture, a text of a Flex message.

        The newest message that has it counts, the rich menu last. `value` is what is chosen in a
        date picker; `number` says which one of several that look alike. Returns the URL that opens
        or the text that is copied, for actions that tell the bot nothing. Raises CodeError, with
        what could be tapped.
        """
        action = self._line.wait_until(lambda: self._found(label, number)) or find(
            label, self._tappable(), number
        )
        done = tap(action, value)
        if action["type"] == "richmenuswitch":
            self._line.switch_rich_menu(self.user_id, str(action.get("richMenuAliasId")))
        for request in done.requests:
            said = self._act(request)
            if said.entry is None:
                self._line.note(self._chat_id, f"{self.display_name} tapped {label}")
        if done.gives:
            self._line.note(self._chat_id, f"{self.display_name} tapped {label}: {done.gives}")
        return done.gives

    def _found(self, label: str, number: int | None) -> Json | None:
        try:
            return find(label, self._tappable(), number)
        except CodeError:
            return None

    def _tappable(self) -> list[list[Tappable]]:
        """What can be tapped here, the newest first, the rich menu last."""
        found = tappable(self._line.entries_of(self._chat_id))
        menu = None if self._group else self.rich_menu
        return found if menu is None else [*found, list(tappable_in(menu))]

    def edits(
        self, message: Said, text: str, *, mentions: Sequence[Person | str] | str = ()
    ) -> None:
        """Change a text that they sent to a group; `mentions` as in `send`."""
        words = self._line.do(lambda: _mentioning(self._line, text, mentions))
        self._act({"edit": {"messageId": message.id, **words}})

    def unsends(self, message: Said) -> None:
        """Take back a message that they sent."""
        self._act({"unsend": {"messageId": message.id}})

    def follows(self) -> None:
        """Add the bot as a friend."""
        self._act({"follow": True})

    def blocks(self) -> None:
        self._relates(lambda: relations.block(self._line.world, self._known()))

    def unblocks(self) -> None:
        self._relates(lambda: relations.unblock(self._line.world, self._known()))

    def joins(self, group: Group) -> None:
        group.admits(self)

    def leaves(self, group: Group) -> None:
        group.loses(self)

    def causes(self, event: str, **properties: Any) -> None:
        """Any event, with the properties that LINE's reference names: `causes("beacon", …)`."""
        self._act({"event": {"type": event, **properties}})

    def _said(self, request: Json) -> Said:
        done = self._act(request)
        if done.entry is None:
            raise CodeError("that is no message")
        return Said(done.entry)

    def _act(self, request: Json) -> Act:
        place = {"in": self._group.name} if self._group else {}
        world = self._line.world
        self._line.turns_to(self.name)
        return self._line.happens(lambda: acts.act(world, {"from": self.name, **place, **request}))

    def _relates(self, do: Any) -> None:
        self._line.turns_to(self.name)
        self._line.happens(do)

    # What they see

    @property
    def _chat_id(self) -> str:
        return self._group.id if self._group else self.user_id

    @property
    def heard(self) -> list[Said]:
        """What the bot has said since this person last did something, oldest first.

        In the 1:1 chat and all their groups or, after `in_`, in that group.
        """
        return self._line.heard(self.name, self._group.id if self._group else None)

    def sees(self, what: What | None = None) -> Sight:
        """Whether the bot has said that since this person last did something.

        `what` is a piece of a text, anywhere in the message and its buttons; a compiled pattern; a
        class of message, as `StickerMessage`; or a whole message. Without it, anything at all.
        """
        return self._line.wait_until(lambda: Sight(what, self.heard))

    @property
    def last(self) -> Said:
        """The last that the bot has said to this person. Raises AssertionError if that is nothing.

        It need not be new: it may have been said before their last act.
        """
        found = self._line.wait_until(lambda: self._line.said_to(self.name, self._group))
        if not found:
            raise AssertionError(f"the bot has said nothing to {self.name}")
        return found[-1]

    @property
    def chat(self) -> Chat:
        """The conversation: of the 1:1 chat or, after `in_`, of the group."""
        return self._line.chat(self._chat_id)

    @property
    def rich_menu(self) -> Json | None:
        """The rich menu that is shown in the 1:1 chat, as LINE's JSON."""
        return self._line.rich_menu_of(self.user_id)

    @property
    def sees_loading(self) -> bool:
        """Whether the loading animation is shown in the 1:1 chat."""
        return self._line.is_loading(self.user_id)


class Group:
    """A group, or a room, of several people and usually the bot."""

    def __init__(self, line: Line, name: str) -> None:
        self._line = line
        self.name = name

    def __repr__(self) -> str:
        return f"<group {self.name}>"

    @property
    def id(self) -> str:
        """The group id, which follows from the name and is the same in every run."""
        return self._line.do(lambda: group_named(self._line.world, self.name).id)

    @property
    def members(self) -> list[str]:
        """The names of the people in it."""
        return self._line.do(lambda: list(group_named(self._line.world, self.name).members))

    @property
    def has_bot(self) -> bool:
        return self._line.do(lambda: group_named(self._line.world, self.name).has_bot)

    @property
    def chat(self) -> Chat:
        """The conversation in the group."""
        return self._line.chat(self.id)

    def send(
        self,
        person: Person,
        what: str | StickerMessage | LocationMessage,
        *,
        mentions: Sequence[Person | str] | str = (),
    ) -> Said:
        """As `person.in_(group).send(…)`."""
        return person.in_(self).send(what, mentions=mentions)

    def admits(self, *people: Person) -> None:
        """People come in; the bot hears of each."""
        for one in people:
            self._changes(one.name, joining=True)

    def loses(self, *people: Person) -> None:
        """People go; the bot hears of each."""
        for one in people:
            self._changes(one.name, joining=False)

    def admits_bot(self) -> None:
        self._bot_changes(joining=True)

    def loses_bot(self) -> None:
        """Somebody removes the bot."""
        self._bot_changes(joining=False)

    def _changes(self, name: str, *, joining: bool) -> None:
        world = self._line.world

        def change() -> Act:
            group, person = group_named(world, self.name), person_named(world, name)
            if (name in group.members) == joining:
                raise CodeError(f"{name} is {'' if joining else 'not '}in {self.name} already")
            do = relations.person_joins if joining else relations.person_leaves
            return do(world, group, person)

        self._line.turns_to(name)
        self._line.happens(change)

    def _bot_changes(self, *, joining: bool) -> None:
        world = self._line.world

        def change() -> Act:
            group = group_named(world, self.name)
            if group.has_bot == joining:
                raise CodeError(f"the bot is {'' if joining else 'not '}in {self.name} already")
            group.has_bot = True
            return (relations.bot_joins if joining else relations.bot_leaves)(world, group)

        self._line.happens(change)


def _content_of(message: StickerMessage | LocationMessage) -> Json:
    """A message object as what a person sends."""
    if not isinstance(message, Message):
        raise CodeError(f"people send texts, stickers and places, not {message!r}")
    made = message.to_dict()
    kind = made.pop("type")
    if kind not in ("sticker", "location"):
        raise CodeError(f"people cannot send a {kind} message; there are methods as sends_image()")
    return {kind: made}


def _media(given: Bytes | None) -> Json:
    """The bytes that are sent, with their type; nothing for a sample."""
    if given is None:
        return {}
    if isinstance(given, bytes):
        return {"data": base64.b64encode(given).decode()}
    path = Path(given)
    content_type = _CONTENT_TYPES.get(path.suffix.lower())
    return {
        "data": base64.b64encode(path.read_bytes()).decode(),
        "fileName": path.name,
        **({"contentType": content_type} if content_type else {}),
    }


def _mentioning(line: Line, text: str, mentions: Sequence[Person | str] | str) -> Json:
    """The request for a text in which all of them are named."""
    given = [mentions] if isinstance(mentions, str) else mentions
    names = [one if isinstance(one, str) else one.name for one in given]
    if not names:
        return {"text": text}
    for name in reversed(names):
        shown = {"bot": line.world.name, "all": "All"}.get(name)
        at = f"@{shown or person_named(line.world, name).display_name}"
        text = text if at in text else f"{at} {text}"
    return {"text": text, "mentions": names}
