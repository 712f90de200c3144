"""What LINE does not say: our guess, and the other answers that can be switched to.

Law of this module: the one table of guesses, and how they are read, shown and changed; no world.
Each is a field of `Guesses`: its default is what the simulator does unless told, and the stricter
choice unless its sentence gives the reason. What a guess leads to stands where it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from penniless.errors import SettingsError
from penniless.simulator.records import Json

Value: TypeAlias = bool | int | str


class Guess(Struct, frozen=True):
    """The question that LINE leaves open, and what is done here unless another value is set."""

    question: str
    here: str


class Guesses(Struct, kw_only=True, frozen=True, rename="camel"):
    """The answers in force. Under /sim and on the command line their names are camelCase."""

    reply_token_seconds: Annotated[
        Literal[60, 30],
        Guess(
            "For how long does a reply token work?",
            "For a minute, as LINE says. People have measured about 30 seconds.",
        ),
    ] = 60
    bad_message_uses_reply_token: Annotated[
        bool,
        Guess(
            "Does a 400 for a bad message use up the reply token?",
            "No. LINE says that nothing is sent when an error is returned; so a bot may reply "
            "again with something simpler.",
        ),
    ] = False
    follows_redirects: Annotated[
        bool,
        Guess(
            "Does LINE follow a redirect of the webhook?",
            "No: a 3xx is an `error_status_code`.",
        ),
    ] = False
    only_200_succeeds: Annotated[
        bool,
        Guess(
            "Is a 2xx that is not 200 a success?",
            "Yes, with a note, because LINE redelivers only what got no 2xx. Its reference asks "
            "for exactly 200.",
        ),
    ] = False
    answer_body_counts: Annotated[
        bool,
        Guess(
            "Does the body of the webhook's answer belong to the 2 seconds?",
            "Yes, all of it. It is read and ignored.",
        ),
    ] = True
    batch_redelivery: Annotated[
        Literal["together", "split"],
        Guess(
            "How are several events of one webhook redelivered?",
            "Together, as they came. Split, each comes in a webhook of its own. A bot has to cope "
            "with both.",
        ),
    ] = "together"
    suspends_webhooks: Annotated[
        bool,
        Guess(
            "Does LINE stop sending to a bot that fails for long?",
            "No, because LINE names no time. Switched on, nothing goes out after an hour without "
            "one success, until the webhook is set anew or its test succeeds.",
        ),
    ] = False
    group_events_name_person: Annotated[
        bool,
        Guess(
            "In which group events is the person named?",
            "Only where the reference promises it or shows it: message, unsend, messageEdited. "
            'A postback in a group has no `userId`; `"named": true` in a request gives it one.',
        ),
    ] = False
    unknown_multicast_ids: Annotated[
        Literal["refused", "ignored"],
        Guess(
            "A multicast to a user id that nobody has?",
            "400 `Failed to send messages`, because here it can only be a mistake.",
        ),
    ] = "refused"
    quota_time_zone: Annotated[
        Literal["UTC+9", "UTC+8", "UTC+7", "UTC"],
        Guess(
            "When does the month of the quota start?",
            "On the first day of the month in UTC+9, as the days of LINE's statistics.",
        ),
    ] = "UTC+9"
    beyond_quota: Annotated[
        Literal["nobody", "asManyAsFit"],
        Guess(
            "Who gets a message to more people than the quota has left?",
            "Nobody: 429. A push to a group has to fit in any case.",
        ),
    ] = "nobody"
    narrowcast_beyond_quota: Annotated[
        Literal["refused", "failsLater"],
        Guess(
            "A narrowcast beyond the quota?",
            "429 at once. LINE may accept it and let it fail later (`errorCode` 1).",
        ),
    ] = "refused"
    rate_limit_retry_after: Annotated[
        bool,
        Guess(
            "Does a 429 of the rate say when to try again?",
            "No. Switched on, it has a `Retry-After` header.",
        ),
    ] = False
    flooded_person: Annotated[
        Literal["accepted", "refused"],
        Guess(
            "Many messages to the same person?",
            "Accepted, because LINE does not say how many are too many. Otherwise, a push is 429 "
            "beyond 60 messages a minute.",
        ),
    ] = "accepted"
    unknown_properties: Annotated[
        Literal["ignored", "refused"],
        Guess(
            "Unknown properties in messages?",
            "Refused in Flex (`unknown field`), ignored elsewhere: LINE adds some that this "
            "simulator does not know yet. Otherwise, they are refused in all messages.",
        ),
    ] = "ignored"
    unknown_coupons: Annotated[
        Literal["accepted", "refused"],
        Guess(
            "A coupon message with an id that is no coupon's?",
            "Accepted, because coupons made by hand in LINE's manager have ids unknown here.",
        ),
    ] = "accepted"
    older_stickers: Annotated[
        Literal["accepted", "refused"],
        Guess(
            "Which stickers can a bot send?",
            "Those of LINE's list; and packages 1 to 4 of the older one, which many bots still "
            "send.",
        ),
    ] = "accepted"
    names_with_line: Annotated[
        Literal["refused", "accepted"],
        Guess(
            "Which sender names are refused?",
            "Those with the word LINE, in any case.",
        ),
    ] = "refused"
    rich_menu_picture: Annotated[
        Literal["exact", "sameRatio"],
        Guess(
            "Does the picture of a rich menu need the menu's own size?",
            "Yes. Otherwise, the same ratio of width and height is enough.",
        ),
    ] = "exact"
    areas_outside_rich_menu: Annotated[
        Literal["refused", "accepted"],
        Guess(
            "May an area reach out of its rich menu?",
            "No: 400.",
        ),
    ] = "refused"
    deleted_menu_aliases: Annotated[
        Literal["stay", "go"],
        Guess(
            "A rich menu is deleted: what of its links and aliases?",
            "The links go, the aliases stay and lead nowhere (`RICHMENU_NOTFOUND`).",
        ),
    ] = "stay"
    bulk_rich_menus: Annotated[
        Literal["atOnce", "afterASecond"],
        Guess(
            "When are bulk links of rich menus done?",
            "At once, so that a test need not wait. LINE does them in the background.",
        ),
    ] = "atOnce"
    greets_on_unblock: Annotated[
        bool,
        Guess(
            "Is somebody greeted who unblocks the account?",
            "Yes.",
        ),
    ] = True
    auto_reply_to: Annotated[
        Literal["texts", "everything"],
        Guess(
            "Does an auto-reply answer in groups, and to what is no text?",
            "No, to neither. Otherwise, to both.",
        ),
    ] = "texts"
    same_audience_names: Annotated[
        Literal["accepted", "refused"],
        Guess(
            "Are audiences with equal names taken?",
            "Yes: LINE lists no error for them.",
        ),
    ] = "accepted"
    link_tokens_of_strangers: Annotated[
        Literal["refused", "issued"],
        Guess(
            "A link token for somebody who blocked the bot, or is unknown?",
            "404.",
        ),
    ] = "refused"
    content_expires: Annotated[
        bool,
        Guess(
            "For how long can a bot fetch what people sent?",
            "For as long as it is kept here, because LINE names no time. Switched on, for seven "
            "days; then 404.",
        ),
    ] = False

    @property
    def quota_hours(self) -> int:
        """The hours that the month of the quota is ahead of UTC."""
        return int(self.quota_time_zone.removeprefix("UTC") or 0)


@cache
def table() -> dict[str, tuple[Guess, tuple[Value, ...]]]:
    """Every guess by its camelCase name, and its values: the default first."""
    found = {}
    hints = get_type_hints(Guesses, include_extras=True)
    for field in msgspec.structs.fields(Guesses):
        form, guess = get_args(hints[field.name])
        values = (
            get_args(form) if get_origin(form) is Literal else (field.default, not field.default)
        )
        found[field.encode_name] = (guess, values)
    return found


def values_of(guesses: Guesses) -> dict[str, Value]:
    """Name and value of each."""
    found: dict[str, Value] = msgspec.to_builtins(guesses)
    return found


def shown(guesses: Guesses) -> list[Json]:
    """As in `GET /sim/world`: what a page needs to show them and to offer the other values."""
    current = values_of(guesses)
    return [
        {
            "name": name,
            "question": guess.question,
            "sentence": guess.here,
            "values": values,
            "value": current[name],
        }
        for name, (guess, values) in table().items()
    ]


def checked(asked: Any) -> dict[str, Value]:
    """Values by name, such as `{"replyTokenSeconds": 30}`, known and allowed.

    Raises SettingsError with a sentence that lists the names, or the values of that name.
    """
    if not isinstance(asked, Mapping):
        raise SettingsError(f"guesses must be an object with names of {', '.join(table())}")
    return {str(name): _value(name, value) for name, value in asked.items()}


def _value(name: Any, value: Any) -> Value:
    _, values = _row(name)
    if not any(type(value) is type(one) and value == one for one in values):
        raise SettingsError(f"the guess {name} must be {_spoken(map(written, values))}")
    found: Value = value
    return found


def _row(name: Any) -> tuple[Guess, tuple[Value, ...]]:
    row = table().get(name) if isinstance(name, str) else None
    if row is None:
        raise SettingsError(f"there is no guess {name!r}; there are {', '.join(table())}")
    return row


def changed(guesses: Guesses, asked: Any) -> Guesses:
    """The guesses with those values in place of theirs. Raises SettingsError, as `checked`."""
    values = {**values_of(guesses), **checked(asked)}
    return msgspec.convert(values, Guesses)


def from_words(words: Iterable[str]) -> dict[str, Value]:
    """Values by name from words such as `replyTokenSeconds=30`. Raises SettingsError."""
    return dict(_from_word(word) for word in words)


def _from_word(word: str) -> tuple[str, Value]:
    name = word.partition("=")[0]
    forms = {f"{name}={written(value)}": value for value in _row(name)[1]}
    if word not in forms:
        raise SettingsError(f"a guess is given as {_spoken(forms)}, not {word!r}")
    return name, forms[word]


def written(value: Value) -> str:
    """A value as it stands on the command line: true, 30, refused."""
    return value if isinstance(value, str) else json.dumps(value)


def _spoken(forms: Iterable[str]) -> str:
    *others, last = forms
    return f"{', '.join(others)} or {last}"
