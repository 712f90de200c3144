"""AWS's JSON protocol: one signed POST a call, sent again while that is safe and there is time.

Law of this module: the only place that signs and repeats requests to AWS; nothing of any
operation. A call that fails gives a `Failure` back and raises nothing, so that no frame of an
exception carries the request, which holds what people wrote. Every request is sent again after an
attempt that may have been carried out: whoever sends one that is not safe to repeat has to look at
`Failure.maybe_done`.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

from os import urandom
from time import sleep as real_sleep
from time import time

from msgspec import DecodeError, Struct, json

from penniless import __version__
from penniless.connections import Broken, Pool, Request
from penniless.stores.aws_environment import (
    endpoint_of,
    environment_credentials,
    region_or_default,
)
from penniless.stores.sigv4 import authorization, scope_of, signing_key, timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from typing import Any

    from penniless.connections import Answer, Limits, Origin
    from penniless.ports import Json
    from penniless.stores.aws_environment import CredentialsSource, Identity

_LARGEST_ANSWER = 1 << 24
"""Bytes of an answer; a page of a query is 1 MB of data, and JSON can double that and more."""


class Service(Struct, frozen=True):
    """How a service is spoken to."""

    name: str
    """In host names and signatures."""
    target: str
    """What stands before the operation in `X-Amz-Target`."""
    version: str
    """Of the JSON protocol."""


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0")
PARAMETER_STORE = Service("ssm", "AmazonSSM", "1.1")

_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Refusals that cost nothing and may be different a moment later."""

_STALE = frozenset({"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"})
"""Refusals of the credentials themselves: worth another try only with other credentials."""

_UNSIGNED = frozenset(
    {
        "InvalidSignatureException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
"""Refusals of a signature; AWS's clock, in its answer, tells which of two reasons it is."""

_SKEW = 240
"""Seconds that a clock may be wrong; AWS allows five minutes."""

_CURES = {
    "AccessDeniedException": "these credentials are not allowed to do this; look at the role",
    "ExpiredToken": "the session token has expired",
    "ExpiredTokenException": "the session token has expired",
    "ProvisionedThroughputExceededException": "the table's provisioned capacity is used up",
    "UnrecognizedClientException": "AWS does not know this access key or session token",
}
"""What an error code means for whoever reads the log."""


class Failure:
    """A call that brought no result. No Struct, because those print their fields.

    `code` is AWS's error code, empty if no answer came; `why` is the sentence for a log;
    `maybe_done` says that an attempt may have been carried out all the same, `again` that another
    one may fare better; `item` is what a refused condition met, where AWS was asked for it.
    """

    __slots__ = ("again", "code", "item", "maybe_done", "why")

    def __init__(
        self,
        why: str,
        *,
        code: str = "",
        maybe_done: bool = False,
        again: bool = False,
        item: Json | None = None,
    ) -> None:
        self.why = why
        self.code = code
        self.maybe_done = maybe_done
        self.again = again
        self.item = item

    def __repr__(self) -> str:
        return f"Failure({self.why!r})"


class JsonCalls:
    """One service of one region, over kept-alive connections. Safe for threads.

    `credentials` is asked before each attempt; `clock` gives seconds since 1970 and signs;
    `random` gives numbers in 0 <= x < 1 and spreads the waits. Raises SettingsError for an unusable
    region or endpoint; nothing is sent yet.
    """

    def __init__(
        self,
        service: Service,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        credentials: CredentialsSource | None = None,
        keep_alive: float = 30.0,
        tls_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time,
        sleep: Callable[[float], None] = real_sleep,
        random: Callable[[], float] | None = None,
    ) -> None:
        self._service = service
        self._region = region_or_default(region)
        origin = endpoint_of(service.name, self._region, endpoint)
        self._pool = Pool(origin, keep_alive=keep_alive, tls=tls_context)
        self._credentials = credentials or environment_credentials
        self._clock = clock
        self._sleep = sleep
        self._random = random or _random
        self._key: tuple[str, str, bytes] = ("", "", b"")

    @property
    def origin(self) -> Origin:
        return self._pool.origin

    def warm(self, limits: Limits) -> Broken | None:
        """See to it that a connection waits."""
        return self._pool.warm(limits)

    def close(self) -> None:
        """Close what is idle. A later call opens its own connection and does not keep it."""
        self._pool.close()

    def send(self, operation: str, body: bytes, limits: Limits) -> Json | Failure:
        """The answer to an operation, after as many attempts as `limits.until` leaves time for.

        Raises what `credentials` raises, and nothing else.
        """
        waits = delays(self._random)
        attempts, maybe_done, renewed = 0, False, False
        while True:
            who = self._credentials()
            answer = self._attempt(operation, body, who, limits)
            if not isinstance(answer, Failure):
                return answer
            attempts += 1
            maybe_done = maybe_done or answer.maybe_done
            if answer.code in _STALE and not renewed and _changed(who, self._credentials()):
                renewed = True
                continue
            wait = next(waits)
            if not answer.again or limits.left(wait + 1) <= wait:
                break
            self._sleep(wait)
        answer.maybe_done = maybe_done
        answer.why += f" ({attempts} attempts)" if attempts > 1 else ""
        return answer

    def _attempt(
        self, operation: str, body: bytes, who: Identity, limits: Limits
    ) -> Json | Failure:
        if limits.left(1) <= 0:
            return Failure("no time is left")
        answer = self._pool.exchange(self._request(operation, body, who), limits)
        if isinstance(answer, Broken):
            return Failure(
                answer.reason, maybe_done=answer.maybe_received, again=not answer.hopeless
            )
        answer.load(_LARGEST_ANSWER)
        if answer.status != 200:
            return self._refusal(answer)
        if answer.cut:
            return Failure("the answer was cut off", maybe_done=True, again=True)
        found = _object(answer.body)
        if found is None:
            return Failure("the answer is not AWS's: no JSON", maybe_done=True)
        return found

    def _request(self, operation: str, body: bytes, who: Identity) -> Request:
        moment = timestamp(self._clock())
        headers = [
            ("content-type", f"application/x-amz-json-{self._service.version}"),
            ("host", self.origin.authority),
            ("x-amz-date", moment),
            ("x-amz-target", f"{self._service.target}.{operation}"),
        ]
        if who.token:
            headers.append(("x-amz-security-token", who.token))
        scope = scope_of(moment, self._region, self._service.name)
        signed = authorization(
            "POST",
            "/",
            headers,
            body,
            access_key=who.access_key,
            key=self._signing_key(who.secret_key, scope),
            scope=scope,
            moment=moment,
        )
        head = "".join(
            (
                "POST / HTTP/1.1\r\n",
                *(f"{name}: {value}\r\n" for name, value in headers),
                f"authorization: {signed}\r\n",
                f"content-length: {len(body)}\r\n",
                f"user-agent: penniless/{__version__}\r\n",
                "accept-encoding: identity\r\n\r\n",
            )
        )
        return Request("POST", "/", head.encode("ascii"), body)

    def _signing_key(self, secret_key: str, scope: str) -> bytes:
        known_secret, known_scope, key = self._key
        if known_secret != secret_key or known_scope != scope:
            key = signing_key(secret_key, scope)
            self._key = (secret_key, scope, key)
        return key

    def _refusal(self, answer: Answer) -> Failure:
        told = _object(answer.body) or {}
        code = _code(told, answer)
        why = _CURES.get(code, "")
        if code in _UNSIGNED:
            why = self._why_unsigned(answer.header("date"))
        return Failure(
            ": ".join(filter(None, (code or f"HTTP {answer.status}", why))),
            code=code,
            maybe_done=answer.status >= 500,
            again=answer.status >= 500 or answer.status == 429 or code in _BUSY,
            item=told.get("Item"),
        )

    def _why_unsigned(self, date: str) -> str:
        from email.utils import parsedate_to_datetime

        try:
            ahead = self._clock() - parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            ahead = 0.0
        if abs(ahead) > _SKEW:
            way = "ahead of" if ahead > 0 else "behind"
            return f"the clock of this machine is {abs(ahead):.0f} s {way} AWS's; set it right"
        return "the secret access key is wrong, or the region is"


def delays(random: Callable[[], float], *, base: float = 0.05, cap: float = 1.0) -> Iterator[float]:
    """The waits in seconds between attempts: exponential backoff with full jitter, for ever.

    Wait n is evenly spread over 0 .. min(cap, base * 2**n), so that callers which were throttled
    together do not come back together.
    """
    most = base
    while True:
        yield random() * most
        most = min(cap, most * 2)


def _random() -> float:
    # The `random` module would cost milliseconds of a cold start for this one number.
    return int.from_bytes(urandom(4), "big") / 2**32


def _changed(old: Identity, new: Identity) -> bool:
    return (old.access_key, old.token) != (new.access_key, new.token)


def _object(body: bytes) -> Json | None:
    try:
        found: Any = json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _code(told: Json, answer: Answer) -> str:
    """AWS's error code: `com.amazonaws.dynamodb.v20120810#X`, or `X:http://…` in a header.

    Letters only, because it is going to be printed.
    """
    kind = told.get("__type") or answer.header("x-amzn-errortype").partition(":")[0]
    code = str(kind).rpartition("#")[2]
    return code if code.isascii() and code.isalnum() and len(code) <= 80 else ""
