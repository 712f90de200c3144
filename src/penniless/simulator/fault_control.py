"""Faults through /sim: list, add, replace and remove rules.

Law of this module: JSON in and out; the rules' own checks speak in `faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from penniless.simulator.faults import rule_from
from penniless.simulator.json_http import body, reply
from penniless.simulator.places import Refused

if TYPE_CHECKING:
    from penniless.simulator.simulator import Simulator


async def get_faults(simulator: Simulator, _request: Request) -> Response:
    return reply({"faults": simulator.faults.rules})


async def post_fault(simulator: Simulator, request: Request) -> Response:
    """One more rule, behind those that are there."""
    asked = await body(request)
    with _spoken():
        rule = rule_from(asked)
        return reply(
            simulator.faults.add(
                rule.endpoint,
                rule.effect,
                probability=rule.probability,
                times=rule.times,
                seed=rule.seed,
            ),
            201,
        )


async def put_faults(simulator: Simulator, request: Request) -> Response:
    """These rules and no others; what is wrong with one changes nothing."""
    asked = (await body(request, ("faults",))).get("faults")
    if not isinstance(asked, list):
        raise Refused(400, "faults must be a list of rules")
    with _spoken():
        simulator.faults.replace([rule_from(one) for one in asked])
    return await get_faults(simulator, request)


@contextmanager
def _spoken() -> Iterator[None]:
    """What is wrong with a rule, as an answer."""
    try:
        yield
    except ValueError as error:
        raise Refused(400, str(error)) from None


async def delete_faults(simulator: Simulator, request: Request) -> Response:
    """All rules, or with `?id=` one."""
    number = request.query_params.get("id")
    if number is None:
        simulator.faults.clear()
    elif not simulator.faults.remove(number):
        raise Refused(404, "there is no rule with that id")
    return reply({})
