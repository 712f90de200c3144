"""What an administrator does in LINE's console beside settings: verify the webhook, register keys.

Law of this module: one handler a request, as in `control`; settings stand in `settings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from penniless.simulator import channel, settings
from penniless.simulator.json_http import body, reply
from penniless.simulator.places import Refused

if TYPE_CHECKING:
    from penniless.simulator.simulator import Simulator


async def post_verify(simulator: Simulator, _request: Request) -> Response:
    """The console's button "Verify": a signed webhook without events, and what came of it.

    https://developers.line.biz/en/docs/messaging-api/verify-webhook-url/
    """
    world = simulator.world
    if world.webhook_url is None:
        raise Refused(409, "no webhook is set: set its address first")
    webhook = world.post([], None)
    await simulator.deliver(webhook)
    return reply(channel.test_result(webhook))


async def post_key(simulator: Simulator, request: Request) -> Response:
    """One more public key (JWK), in place of one with the same id. The answer names its id."""
    world = simulator.world
    added = settings.keys_from([await body(request)])
    together = {**world.account.keys, **added}
    if len(together) > settings.MOST_KEYS:
        raise Refused(409, f"there are {settings.MOST_KEYS} keys already: remove one first")
    world.account.keys = together
    world.tell("world", world)
    (kid,) = added
    return reply({"kid": kid}, 201)


async def delete_key(simulator: Simulator, request: Request) -> Response:
    """With `?kid=`: that key signs nothing any more."""
    world, kid = simulator.world, request.query_params.get("kid", "")
    if kid not in world.account.keys:
        raise Refused(404, "there is no key with that id")
    world.account.keys = {name: key for name, key in world.account.keys.items() if name != kid}
    world.tell("world", world)
    return reply({})


ROUTES = (
    ("POST", "/sim/verify", post_verify),
    ("POST", "/sim/keys", post_key),
    ("DELETE", "/sim/keys", delete_key),
)
