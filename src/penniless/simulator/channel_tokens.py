"""Channel access tokens: issued, verified, revoked; from a secret, or from a signed assertion.

Law of this module: the operations. Which tokens are valid is counted in `access_tokens`, what an
assertion is worth in `jwt`. Errors have the shape of OAuth, where LINE's have it.

Source: https://developers.line.biz/en/reference/messaging-api/#channel-access-token
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from penniless.simulator.access_tokens import SHORT_LIFE, STATELESS_LIFE, AccessToken, Kind
from penniless.simulator.exchange import Answer, Asked, LineRefusal, refusal
from penniless.simulator.jwt import UnknownKey, Unsound, claims_of
from penniless.simulator.records import Json
from penniless.simulator.table import Operation

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONG_LIVED_SECONDS = 3_138_007_490
"""What LINE answers for a token that does not expire; some such number."""
MISSING = "some parameters missed or invalid"


def issue_short_lived(asked: Asked) -> Answer:
    """Thirty days; above thirty tokens the oldest is revoked.

    https://developers.line.biz/en/reference/messaging-api/#issue-shortlived-channel-access-token
    """
    _needs(asked.form, "grant_type", "client_id", "client_secret")
    _client_credentials(asked.form)
    if asked.form["client_id"] != asked.world.account.channel_id:
        raise oauth_error("invalid_client", "invalid client_id")
    if not _secret_fits(asked):
        raise oauth_error("invalid_client", "invalid client_secret")
    return Answer(json=_issued(asked, "short", asked.world.ids.access_token(), SHORT_LIFE))


def issue_with_assertion(asked: Asked) -> Answer:
    """A token v2.1, for as long as the assertion says; thirty at a time.

    https://developers.line.biz/en/reference/messaging-api/#issue-channel-access-token-v2-1
    """
    _needs(asked.form, "grant_type", "client_assertion_type", "client_assertion")
    _client_credentials(asked.form)
    seconds = _claims(asked, asked.form).get("token_exp")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds <= SHORT_LIFE:
        raise oauth_error("invalid_client", "Invalid token_exp")
    if asked.world.access_tokens.full(asked.world.now()):
        raise refusal(400, "The maximum number of access tokens has already been issued")
    key_id = asked.world.ids.key_id()
    issued = _issued(asked, "jwt", asked.world.ids.jws_token(), seconds, key_id)
    return Answer(json={**issued, "key_id": key_id})


def issue_stateless(asked: Asked) -> Answer:
    """Fifteen minutes, any number, from the secret or from an assertion; never revoked.

    https://developers.line.biz/en/reference/messaging-api/#issue-stateless-channel-access-token
    """
    _needs(asked.form, "grant_type")
    _client_credentials(asked.form)
    if asked.form.get("client_assertion"):
        _needs(asked.form, "client_assertion_type")
        _claims(asked, asked.form)
    else:
        _needs(asked.form, "client_id", "client_secret")
        known = asked.form["client_id"] == asked.world.account.channel_id
        if not known or not _secret_fits(asked):
            raise oauth_error("invalid_request", "Invalid 'client_credentials'.")
    return Answer(json=_issued(asked, "stateless", asked.world.ids.jws_token(), STATELESS_LIFE))


def verify(asked: Asked) -> Answer:
    """Of short-lived tokens and the long-lived one.

    https://developers.line.biz/en/reference/messaging-api/#verify-channel-access-token
    """
    token, world = asked.form.get("access_token", ""), asked.world
    if _is_long_lived(asked, token):
        seconds = LONG_LIVED_SECONDS
    else:
        found = world.access_tokens.find(token)
        if (
            found is None
            or found.kind != "short"
            or not world.access_tokens.accepts(token, world.now())
        ):
            raise oauth_error("invalid_request", "access_token invalid")
        seconds = (found.expires - world.now()) // 1000
    return Answer(
        json={"client_id": world.account.channel_id, "expires_in": seconds, "scope": "P CM"}
    )


def verify_with_assertion(asked: Asked) -> Answer:
    """Of tokens v2.1.

    https://developers.line.biz/en/reference/messaging-api/#verify-channel-access-token-v2-1
    """
    token, world = asked.query.get("access_token", ""), asked.world
    found = world.access_tokens.find(token)
    if found is None or found.kind != "jwt":
        raise oauth_error("invalid_request", "The access token not JWS")
    if not world.access_tokens.accepts(token, world.now()):
        raise oauth_error("invalid_request", "The access token expired")
    return Answer(
        json={
            "client_id": world.account.channel_id,
            "expires_in": (found.expires - world.now()) // 1000,
            "scope": "profile chat_message.write",
        }
    )


def revoke(asked: Asked) -> Answer:
    """Nothing happens for a token that is none.

    https://developers.line.biz/en/reference/messaging-api/#revoke-longlived-or-shortlived-channel-access-token
    """
    token = asked.form.get("access_token")
    if not token:
        raise oauth_error("invalid_request")
    found = asked.world.access_tokens.find(token)
    if _is_long_lived(asked, token):
        asked.world.access_tokens.long_lived_revoked = True
    elif found is not None and found.kind == "short":
        found.revoked = True
    return Answer(content=b"")


def revoke_with_assertion(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#revoke-channel-access-token-v2-1"""
    _needs(asked.form, "client_id", "client_secret", "access_token")
    if asked.form["client_id"] != asked.world.account.channel_id:
        raise oauth_error("invalid_client", "invalid client_id")
    if not _secret_fits(asked):
        raise oauth_error("invalid_client", "invalid client_secret")
    found = asked.world.access_tokens.find(asked.form["access_token"])
    if found is not None and found.kind == "jwt":
        found.revoked = True
    return Answer(content=b"")


def key_ids(asked: Asked) -> Answer:
    """https://developers.line.biz/en/reference/messaging-api/#get-all-valid-channel-access-token-key-ids-v2-1"""
    _needs(asked.query, "client_assertion_type", "client_assertion")
    _claims(asked, asked.query)
    return Answer(json={"kids": asked.world.access_tokens.key_ids(asked.world.now())})


def oauth_error(error: str, description: str = "") -> LineRefusal:
    """400 in the shape of OAuth."""
    body = {"error": error}
    if description:
        body["error_description"] = description
    return LineRefusal(Answer(status=400, json=body))


def _needs(given: Mapping[str, str], *names: str) -> None:
    if not all(given.get(name) for name in names):
        raise oauth_error("invalid_request", MISSING)


def _client_credentials(form: Mapping[str, str]) -> None:
    if form["grant_type"] != "client_credentials":
        raise oauth_error("invalid_request", MISSING)


def _secret_fits(asked: Asked) -> bool:
    given = asked.form["client_secret"].encode("utf-8", "surrogatepass")
    return hmac.compare_digest(given, asked.world.channel_secret.encode())


def _is_long_lived(asked: Asked, token: str) -> bool:
    world = asked.world
    return not world.access_tokens.long_lived_revoked and hmac.compare_digest(
        token.encode("utf-8", "surrogatepass"), world.channel_access_token.encode()
    )


def _claims(asked: Asked, given: Mapping[str, str]) -> Json:
    if given["client_assertion_type"] != ASSERTION_TYPE:
        raise oauth_error("invalid_request", MISSING)
    account = asked.world.account
    try:
        return claims_of(
            given["client_assertion"], account.keys, account.channel_id, asked.world.now()
        )
    except UnknownKey:
        raise refusal(
            404,
            "Cannot find channel key that satisfies the conditions",
            hint="register the public key: POST /sim/channel with keys",
        ) from None
    except Unsound as error:
        raise oauth_error("invalid_client", str(error)) from None


def _issued(asked: Asked, kind: Kind, token: str, seconds: int, key_id: str = "") -> Json:
    world = asked.world
    expires = world.now() + seconds * 1000
    world.access_tokens.issue(token, AccessToken(kind, expires, key_id), world.now())
    return {"access_token": token, "expires_in": seconds, "token_type": "Bearer"}


OPERATIONS = (
    Operation(
        "issueChannelToken",
        "POST",
        "/v2/oauth/accessToken",
        issue_short_lived,
        body="form",
        rate=(370, 1),
        secret=True,
    ),
    *(
        Operation(name, "POST", path, handler, body="form", secret=True)
        for name, path, handler in (
            ("verifyChannelToken", "/v2/oauth/verify", verify),
            ("revokeChannelToken", "/v2/oauth/revoke", revoke),
            ("issueChannelTokenByJWT", "/oauth2/v2.1/token", issue_with_assertion),
            ("revokeChannelTokenByJWT", "/oauth2/v2.1/revoke", revoke_with_assertion),
            ("issueStatelessChannelToken", "/oauth2/v3/token", issue_stateless),
        )
    ),
    *(
        Operation(name, "GET", path, handler, secret=True)
        for name, path, handler in (
            ("verifyChannelTokenByJWT", "/oauth2/v2.1/verify", verify_with_assertion),
            ("getsAllValidChannelAccessTokenKeyIds", "/oauth2/v2.1/tokens/kid", key_ids),
        )
    ),
)
