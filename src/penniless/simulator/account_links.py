"""Account links: a token that leads a person from the bot to a login elsewhere and back.

Source: https://developers.line.biz/en/docs/messaging-api/linking-accounts/
"""

from __future__ import annotations

from msgspec import Struct

from penniless.simulator.exchange import Answer, Asked, path_id, refusal
from penniless.simulator.table import Operation
from penniless.simulator.world import World

LIFE = 10 * 60 * 1000


class LinkToken(Struct):
    user_id: str
    expires: int


class LinkTokens:
    """The tokens that may still be used, once each."""

    def __init__(self) -> None:
        self.valid: dict[str, LinkToken] = {}


def issue(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#issue-link-token"""
    user_id, world = path_id(asked, "userId"), asked.world
    person = world.person_of(user_id)
    strange = person is None or person.blocked
    if strange and world.guesses.link_tokens_of_strangers == "refused":
        raise refusal(404, "Not found", hint="nobody here has this id, or the bot is blocked")
    valid = world.part(LinkTokens).valid
    for token in [token for token, one in valid.items() if world.now() > one.expires]:
        del valid[token]
    token = world.ids.hex_id()
    valid[token] = LinkToken(user_id, world.now() + LIFE)
    return Answer(json={"linkToken": token}, chat=user_id)


def redeem(world: World, user_id: str, token: str) -> bool:
    """A person comes back with a token: whether the accounts are linked. It is used up."""
    found = world.part(LinkTokens).valid.pop(token, None)
    return found is not None and found.user_id == user_id and world.now() <= found.expires


OPERATIONS = (
    Operation("issueLinkToken", "POST", "/v2/bot/user/{userId}/linkToken", issue, body="none"),
)
