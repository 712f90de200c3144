"""The official SDK's models as the oracle of what the message classes are and say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from linebot.v3 import messaging as sdk
from msgspec import UNSET

from penniless import messages
from penniless.messages import to_json
from penniless.messages.checks import Checked
from penniless.messages.message import Message, to_bytes
from tests.messages.samples import MESSAGES, PARTS, everything

FAMILIES = (
    sdk.Message,
    sdk.Action,
    sdk.Template,
    sdk.ImagemapAction,
    sdk.FlexContainer,
    sdk.FlexComponent,
    sdk.FlexBoxBackground,
    sdk.SubstitutionObject,
    sdk.MentionTarget,
)
DEFAULTS = {"FlexImage": {"size": "md", "animated": False}}
"""What the SDK adds although it was not given."""


def sdk_classes() -> list[Any]:
    """Every model that a message of the SDK can hold."""
    found: dict[str, Any] = {}
    waiting = [
        one
        for one in vars(sdk).values()
        if isinstance(one, type) and any(issubclass(one, family) for family in FAMILIES)
    ]
    while waiting:
        one = waiting.pop()
        if hasattr(one, "__fields__") and one.__name__ not in found:
            found[one.__name__] = one
            waiting.extend(field.type_ for field in one.__fields__.values())
    return [found[name] for name in sorted(found)]


def our_classes() -> list[type[Checked]]:
    exported = (getattr(messages, name) for name in messages.__all__)
    return [one for one in exported if isinstance(one, type) and issubclass(one, Checked)]


def is_concrete(one: type[Checked]) -> bool:
    """Whether it is no base class: those of the SDK pick the class by `type`."""
    return getattr(sdk, one.__name__) not in FAMILIES


def as_json(value: Checked) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_bytes(value))
    return found


@pytest.mark.parametrize("theirs", sdk_classes(), ids=lambda one: one.__name__)
def test_every_sdk_model_has_a_twin_with_the_same_properties(theirs: Any) -> None:
    """Each model has a class of the same name here, with the same names in Python and JSON."""
    ours: type[Checked] = getattr(messages, theirs.__name__)
    config = ours.__struct_config__
    names = dict(zip(ours.__struct_fields__, ours.__struct_encode_fields__, strict=True))
    if config.tag_field:
        names["type"] = config.tag_field
    assert names == {name: field.alias for name, field in theirs.__fields__.items()}


def test_the_search_for_sdk_models_finds_them() -> None:
    """The completeness test covers what it should: as many classes as are exported here."""
    assert {one.__name__ for one in sdk_classes()} == {one.__name__ for one in our_classes()}


def test_the_samples_set_every_field_of_every_class() -> None:
    """No class and no field goes untested."""
    known = {(one, name) for one in our_classes() if is_concrete(one) for name in fields(one)}
    used = {
        (type(one), name)
        for sample in (*MESSAGES, *PARTS)
        for one in everything(sample)
        for name in fields(type(one))
        if getattr(one, name) not in (None, UNSET)
    }
    assert known - used == set()


def test_only_absent_values_are_left_out() -> None:
    """No default is a value that LINE should read, so nothing that is set is ever omitted."""
    defaults = {(one, value) for one in our_classes() for value in one.__struct_defaults__}
    assert {value for _, value in defaults} <= {None, UNSET}


def fields(one: type[Checked]) -> tuple[str, ...]:
    return ("__class__", *one.__struct_fields__)


def every_object() -> list[Checked]:
    found = [one for sample in (*MESSAGES, *PARTS) for one in everything(sample)]
    return list({id(one): one for one in found}.values())


@pytest.mark.parametrize("ours", every_object(), ids=lambda one: type(one).__name__)
def test_the_sdk_accepts_what_we_build_and_gives_it_back(ours: Checked) -> None:
    """Our JSON parses to the SDK's class of the same name, which says the same JSON again."""
    said = as_json(ours)
    theirs = getattr(sdk, type(ours).__name__).from_dict(said)
    assert type(theirs).__name__ == type(ours).__name__
    assert without_defaults(theirs.to_dict(), said) == said


@pytest.mark.parametrize("ours", MESSAGES, ids=lambda one: type(one).__name__)
def test_the_sdk_finds_the_class_of_a_message_by_its_type(ours: Message) -> None:
    """A message in a reply request of the SDK comes out as we say it."""
    request = sdk.ReplyMessageRequest.from_dict(
        {"replyToken": "token", "messages": [to_json(ours)], "notificationDisabled": False}
    )
    assert type(request.messages[0]).__name__ == type(ours).__name__
    assert without_defaults(request.to_dict()["messages"], [to_json(ours)]) == [to_json(ours)]


@pytest.mark.parametrize("ours", MESSAGES, ids=lambda one: type(one).__name__)
def test_sdk_messages_are_sent_as_the_sdk_sends_them(ours: Message) -> None:
    """An SDK object given to `to_json` becomes the JSON that the SDK's client would post."""
    theirs = sdk.Message.from_dict(to_json(ours))
    request = sdk.ReplyMessageRequest(reply_token="token", messages=[theirs])
    with sdk.ApiClient(sdk.Configuration(access_token="token")) as client:
        posted = client.sanitize_for_serialization(request)
    assert to_json(theirs) == posted["messages"][0]
    assert "null" not in json.dumps(to_json(theirs))


def test_sdk_objects_stand_inside_ours() -> None:
    """Code can move piece by piece: a message of ours with a quick reply of the SDK."""
    theirs = sdk.QuickReply(
        items=[sdk.QuickReplyItem(action=sdk.MessageAction(label="はい", text="はい"))]
    )
    ours = messages.TextMessage("寿司?", quick_reply=theirs)
    assert to_json(ours) == {
        "type": "text",
        "text": "寿司?",
        "quickReply": {
            "items": [
                {"type": "action", "action": {"type": "message", "label": "はい", "text": "はい"}}
            ]
        },
    }


def without_defaults(theirs: Any, said: Any) -> Any:
    """`theirs` less the defaults that the SDK added to images."""
    if isinstance(theirs, list):
        return [without_defaults(one, other) for one, other in zip(theirs, said, strict=True)]
    if not isinstance(theirs, dict):
        return theirs
    added = DEFAULTS["FlexImage"] if "url" in theirs else {}
    return {
        name: without_defaults(value, said.get(name))
        for name, value in theirs.items()
        if name in said or added.get(name) != value
    }
