"""JSON that LINE never sent, for hypothesis."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.event_samples import EVENTS

JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(st.characters(exclude_categories=())),  # halves of emoji too
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@st.composite
def bent_events(draw: st.DrawFn) -> Any:
    """A documented event with any values in the place of some of its own, at any depth."""
    sample = EVENTS[draw(st.sampled_from(sorted(EVENTS)))]
    bent: dict[str, Any] = json.loads(json.dumps(sample))
    for _ in range(draw(st.integers(0, 3))):
        place: Any = bent
        name = draw(st.sampled_from([*place, "new"]))
        while isinstance(place.get(name), dict) and draw(st.booleans()):
            place = place[name]
            name = draw(st.sampled_from([*place, "new"]))
        place[name] = draw(JSON_VALUES)
    return bent


ANY_EVENTS = bent_events() | JSON_VALUES
