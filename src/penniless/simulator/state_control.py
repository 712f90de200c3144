"""The state of the world through /sim: saved and loaded.

Law of this module: one handler a request, as in `control`; what a state is stands in `state`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from penniless.simulator import state
from penniless.simulator.json_http import content, reply

if TYPE_CHECKING:
    from penniless.simulator.simulator import Simulator

MOST_BYTES = 64 * 1024 * 1024


async def get_state(simulator: Simulator, _request: Request) -> Response:
    """The whole world, without credentials."""
    return Response(state.encoded(simulator.world), media_type="application/json")


async def put_state(simulator: Simulator, request: Request) -> Response:
    """That world in place of this one; what is none changes nothing."""
    state.load(simulator.world, state.decoded(await content(request, MOST_BYTES)))
    return reply({})


ROUTES = (
    ("GET", "/sim/state", get_state),
    ("PUT", "/sim/state", put_state),
)
