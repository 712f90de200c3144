"""`Fn::ForEach`, which writes a part of a template once for each item of a list.

Law of this module: from a mapping with loops to one without, before anything in it is resolved.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from penniless.cost.templates.values import Listed, Mapped, TemplateError, Unknown

LOOP = "Fn::ForEach::"

LONGEST_ITEM = 255
"""Characters of an item that can become part of a name."""

MOST_ROUNDS = 2_000
"""Keys that the loops of one mapping write; a template has 500 resources at most."""

Collection = Callable[[Any, int], "list[str] | Unknown"]


def expanded(value: Mapped, collection: Collection) -> Mapped:
    """The mapping with every loop written out; itself if it has none.

    `collection` resolves what a loop goes through. A loop over what is unknown stays, as Unknown.
    Raises TemplateError for a loop that is written wrongly or grows too long.
    """
    if not any(key.startswith(LOOP) for key in value):
        return value
    made = Mapped(value.line)
    _expand(value, collection, made)
    return made


def _expand(value: Mapped, collection: Collection, made: Mapped) -> None:
    for key, one in value.items():
        line = value.line_at(key)
        if key.startswith(LOOP):
            _loop(key, one, line, collection, made)
        elif key in made:
            raise TemplateError(f"a loop writes the key {key} twice", line=line)
        else:
            made.put(key, one, line)
        if len(made) > MOST_ROUNDS:
            raise TemplateError(f"the loops write more than {MOST_ROUNDS:,} keys", line=line)


def _loop(key: str, value: Any, line: int, collection: Collection, made: Mapped) -> None:
    if (
        not isinstance(value, Listed)
        or len(value) != 3
        or not isinstance(value[0], str)
        or not isinstance(value[2], Mapped)
    ):
        raise TemplateError("Fn::ForEach takes a name, a list and a mapping", line=line)
    name, items, body = value
    found = collection(items, value.line_at(1))
    if isinstance(found, Unknown):
        made.put(key, found, line)
        return
    for item in found:
        written = _written(body, name, item)
        _expand(written, collection, made)


def _written(value: Any, name: str, item: str) -> Any:
    """The body with the item in the place of the loop's name."""
    if isinstance(value, str):
        return _with_item(value, name, item)
    if isinstance(value, Listed):
        items = Listed(value.line)
        for index, one in enumerate(value):
            items.add(_written(one, name, item), value.line_at(index))
        return items
    if not isinstance(value, Mapped):
        return value
    if value.get("Ref") == name and len(value) == 1:
        return item
    made = Mapped(value.line)
    for key, one in value.items():
        made.put(_written(key, name, item), _written(one, name, item), value.line_at(key))
    return made


def _letters(item: str) -> str:
    """`&{Name}` leaves only what a logical id may have."""
    return "".join(one for one in item if one.isascii() and one.isalnum())


def _with_item(text: str, name: str, item: str) -> str:
    """`${Name}` is the item, `&{Name}` what of it a logical id may have."""
    if len(item) > LONGEST_ITEM:
        item = item[:LONGEST_ITEM]
    return text.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", _letters(item))
