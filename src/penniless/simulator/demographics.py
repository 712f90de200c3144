"""What LINE guesses of people: gender, age, area, and how long they have been friends.

Law of this module: attributes of people, and which people a filter means. A person without an
attribute is unknown, and in no filter that asks for it.

Source: https://developers.line.biz/en/reference/messaging-api/#narrowcast-demographic-filter
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from penniless.simulator.exchange import LineRefusal, errors_in_body, invalid_property
from penniless.simulator.records import Json, Person
from penniless.simulator.world import World

DAY = 24 * 3600 * 1000
AGES = tuple(f"age_{years}" for years in range(15, 71, 5))
PERIODS = tuple(f"day_{days}" for days in (7, 30, 90, 180, 365))
GENDERS = ("male", "female")
APP_TYPES = ("ios", "android")
AREAS = tuple(
    f"{country}_{number:02d}"
    for country, last in (("jp", 47), ("tw", 22), ("th", 8), ("id", 12))
    for number in range(1, last + 1)
)
MOST_FILTERS = 10

Fits = Callable[[Person], bool]


class Attributes(Struct, kw_only=True, rename="camel"):
    """Of one person; None is unknown. `friend_days` is for how long, None since the beginning."""

    gender: str | None = None
    age: int | None = None
    area: str | None = None
    app_type: str | None = None
    friend_days: int | None = None
    phone: str | None = None
    """In the form +819012345678, for notification messages."""


class Demographics:
    """The attributes of people, by user id."""

    def __init__(self) -> None:
        self.of: dict[str, Attributes] = {}


def attributes_of(world: World, person: Person) -> Attributes:
    return world.part(Demographics).of.get(person.user_id) or Attributes()


def friend_days(world: World, person: Person) -> int:
    """Whole days since the person became a friend."""
    since_start = (world.now() - world.began) // DAY
    own = attributes_of(world, person).friend_days
    return since_start if own is None else own + since_start


def chosen_by(world: World, demographic: Any) -> Fits:
    """The people a demographic filter means. Raises LineRefusal (400) for one without sense."""
    return _Filter(world).read(demographic, "filter.demographic")


class _Filter:
    """Reads filters; counts them, because LINE takes ten in all."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0

    def read(self, value: Any, path: str) -> Fits:
        if not isinstance(value, dict):
            raise invalid_property(path)
        kind = value.get("type")
        if kind == "operator":
            return combined(value, path, self.read)
        self._count += 1
        if self._count > MOST_FILTERS:
            raise errors_in_body([(f"Size must be between 1 and {MOST_FILTERS}", path)])
        reader = READERS.get(kind) if isinstance(kind, str) else None
        if reader is None:
            among = ", ".join(("operator", *READERS))
            sentence = f"Must be one of the following values: [{among}]"
            raise errors_in_body([(sentence, f"{path}.type")])
        return reader(self._world, value, path)


def combined(value: Json, path: str, read: Callable[[Any, str], Fits]) -> Fits:
    """An operator object: exactly one of `and`, `or`, `not`."""
    given = [name for name in ("and", "or", "not") if value.get(name) is not None]
    if len(given) != 1:
        raise errors_in_body([("Must have exactly one of [and, or, not]", path)])
    if given == ["not"]:
        inner = read(value["not"], f"{path}.not")
        return lambda person: not inner(person)
    parts = [read(part, where) for part, where in _members(value[given[0]], f"{path}.{given[0]}")]
    if given == ["and"]:
        return lambda person: all(part(person) for part in parts)
    return lambda person: any(part(person) for part in parts)


def _members(value: Any, path: str) -> Iterator[tuple[Any, str]]:
    if not isinstance(value, list):
        raise invalid_property(path)
    if not value:
        raise errors_in_body([("May not be empty", path)])
    for number, part in enumerate(value):
        yield part, f"{path}[{number}]"


def _one_of(name: str, among: tuple[str, ...]) -> Callable[[World, Json, str], Fits]:
    """A filter with `oneOf` some values of an attribute."""

    def read(world: World, value: Json, path: str) -> Fits:
        wanted = value.get("oneOf")
        if not isinstance(wanted, list):
            raise errors_in_body([("May not be empty", f"{path}.oneOf")])
        if not wanted:
            raise errors_in_body([("May not be empty", f"{path}.oneOf")])
        for number, one in enumerate(wanted):
            if one not in among:
                raise _not_among(f"{path}.oneOf[{number}]", among)
        return lambda person: getattr(attributes_of(world, person), name) in wanted

    return read


def _between(
    number_of: Callable[[World, Person], int | None], among: tuple[str, ...]
) -> Callable[[World, Json, str], Fits]:
    """A filter from `gte` up to but not including `lt`; one of them may be missing."""

    def read(world: World, value: Json, path: str) -> Fits:
        low, high = value.get("gte"), value.get("lt")
        for name, given in (("gte", low), ("lt", high)):
            if given is not None and given not in among:
                raise _not_among(f"{path}.{name}", among)
        if low is None and high is None:
            raise errors_in_body([("Must have gte or lt", path)])
        least = _number(low) if low is not None else 0
        below = _number(high) if high is not None else 10**6
        if least >= below:
            raise errors_in_body([("Must be less than lt", f"{path}.gte")])

        def fits(person: Person) -> bool:
            number = number_of(world, person)
            return number is not None and least <= number < below

        return fits

    return read


def _number(value: str) -> int:
    """`age_20` and `day_30`."""
    return int(value.partition("_")[2])


def _not_among(path: str, among: tuple[str, ...]) -> LineRefusal:
    shown = ", ".join(among)
    return errors_in_body([(f"Must be one of the following values: [{shown}]", path)])


def _age(world: World, person: Person) -> int | None:
    return attributes_of(world, person).age


READERS: dict[str, Callable[[World, Json, str], Fits]] = {
    "gender": _one_of("gender", GENDERS),
    "age": _between(_age, AGES),
    "appType": _one_of("app_type", APP_TYPES),
    "area": _one_of("area", AREAS),
    "subscriptionPeriod": _between(friend_days, PERIODS),
}
