"""An event inside its row becomes the same event again."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings

from penniless.events import decode_event
from penniless.events.common import UnknownEvent
from penniless.events.lenient import any_json
from penniless.ports import Row
from penniless.records import END_OF_TIME, row_of
from penniless.recovery import piece_of, rest_of
from penniless.stores.memory import MemoryStore
from tests.event_samples import BOT, CONTENTS, EVENTS, SOURCES, TIME, message_event
from tests.events_json import encoded
from tests.strategies import ANY_EVENTS


def claimed(piece: bytes) -> Row:
    return row_of(decode_event(piece), piece, bot=BOT, now=TIME, lease_end=TIME + 10_000)


def again(piece: bytes) -> Any:
    """The event that comes out of the row of this one, as JSON."""
    found = piece_of(claimed(piece))
    assert found is not None
    return json.loads(found)


def without_what_is_not_kept(sample: Any) -> Any:
    """What of an event's JSON is promised to come back."""
    wanted = {**sample, "deliveryContext": {"isRedelivery": True}}
    if isinstance(sample.get("message"), dict):
        left = {name: one for name, one in sample["message"].items() if name != "markAsReadToken"}
        wanted["message"] = left
    return wanted


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_comes_back(name: str) -> None:
    """All but the tokens for reading, and a redelivery now, as the same JSON and the same event."""
    sample = EVENTS[name]
    assert again(encoded(sample)) == without_what_is_not_kept(sample)
    before = decode_event(encoded(without_what_is_not_kept(sample)))
    assert decode_event(encoded(again(encoded(sample)))) == before
    assert type(before) is type(decode_event(encoded(sample)))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("content", CONTENTS)
def test_every_message_comes_back_from_everywhere(source: str, content: str) -> None:
    """Whoever said it, and wherever."""
    sample = message_event(CONTENTS[content], SOURCES[source])
    assert again(encoded(sample)) == without_what_is_not_kept(sample)


def test_properties_of_tomorrow_come_back() -> None:
    """What Penniless does not know is kept as it came."""
    sample = {
        **EVENTS["message: text"],
        "tomorrow": {"is": ["another", 1.5, None, "日"]},
        "message": {**CONTENTS["text"], "quoteToken": "q", "new": {"a": 1}},
    }
    assert again(encoded(sample)) == sample | {"deliveryContext": {"isRedelivery": True}}
    unheard = {**EVENTS["follow"], "type": "waved", "waved": {"hand": "left"}}
    assert again(encoded(unheard)) == unheard | {"deliveryContext": {"isRedelivery": True}}


def test_words_that_look_like_a_log_entry_come_back() -> None:
    """A text that reads as the log writes of pictures is a text like any other."""
    for words in ("[text]", "[sticker]", "", " ", "null", "\u0000", "半分 🍎"):
        content = {**CONTENTS["text"], "text": words}
        assert again(encoded(message_event(content)))["message"] == content
    sticker = {**CONTENTS["sticker"], "text": "[sticker]", "markAsReadToken": "r"}
    del sticker["markAsReadToken"]
    assert again(encoded(message_event(sticker)))["message"] == sticker


def test_ordinary_row_is_small() -> None:
    """Neither text nor ids are stored twice: what is kept beside them is the tokens and types."""
    words = "い" * 500
    piece = encoded(
        message_event({**CONTENTS["text"], "text": words, "markAsReadToken": "r" * 210})
    )
    row = claimed(piece)
    assert row.event == {
        "type": "message",
        "replyToken": "t0",
        "message": {"type": "text", "text": None, "quoteToken": "q1"},
    }


def test_event_without_an_id_gets_none() -> None:
    """The digest that stands for it in the log is not made into an id of LINE's."""
    sample = {**EVENTS["message: text"]}
    del sample["webhookEventId"]
    row = claimed(encoded(sample))
    assert row.event_id.startswith("sha256-")
    assert "webhookEventId" not in again(encoded(sample))


def test_row_without_its_event_does_not_come_back() -> None:
    """Rows of older versions, and those that are done, have none."""
    row = claimed(encoded(EVENTS["message: text"]))
    row.event = None
    assert piece_of(row) is None


@pytest.mark.parametrize("name", ["message: text", "message: image", "message: location"])
def test_message_that_was_taken_back_does_not_come_back(name: str) -> None:
    """What a person takes back is not handled from the log any more."""
    store = MemoryStore()
    row = claimed(encoded(EVENTS[name]))
    store.claim(row, now=TIME)
    assert row.message_id is not None
    assert store.unsend(row.conversation, row.message_id) == 1
    (left,) = store.rows(row.conversation, now=TIME)
    assert piece_of(left) is None


def test_text_that_is_gone_does_not_come_back_empty() -> None:
    """A row whose text alone is missing is not an event with no words."""
    row = claimed(encoded(EVENTS["message: text"]))
    row.message = None
    assert piece_of(row) is None


@settings(deadline=None)
@given(ANY_EVENTS)
def test_odd_json_comes_back(event: Any) -> None:
    """Whatever JSON there is, the row can be made and stored, and its event is the same again."""
    piece = json.dumps(event).encode()
    row = claimed(piece)
    stored = msgspec.json.decode(msgspec.json.encode(row), type=Row)
    found = piece_of(stored)
    assert found is not None
    before, after = decode_event(piece), decode_event(found)
    assert (after.conversation, after.user_id) == (before.conversation, before.user_id)
    assert after.delivery_context.is_redelivery
    # An id, time or context that is no such thing is made good, which may be what it lacked.
    assume(not isinstance(before, UnknownEvent) and 0 <= before.timestamp < END_OF_TIME)
    assert type(after) is type(before)
    assert (after.type, after.mode) == (before.type, before.mode)
    assert after.reply_token == before.reply_token
    assert after.timestamp == before.timestamp
    assert (getattr(after, "message", None) is None) == (getattr(before, "message", None) is None)


@given(ANY_EVENTS)
def test_what_is_kept_is_part_of_the_event(event: Any) -> None:
    """Nothing is added: each kept property is one of the event's own."""
    piece = json.dumps(event).encode()
    kept = rest_of(piece, claimed(piece))
    whole = any_json(piece)
    assert kept.keys() <= (whole.keys() if isinstance(whole, dict) else set())
