"""The handlers of a bot: the decorators that register them, and the way to the one that matches.

Every decorator is one line over `on`. Nothing here knows LINE or a store.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

from penniless import routing
from penniless.errors import RouteError
from penniless.handlers import Route, check_middleware

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Generator, Iterable, Iterator

    from penniless.context import Context
    from penniless.routing import Predicate

Handler = TypeVar("Handler", bound="Callable[..., Any]")


class _Registrar:
    """Takes a handler at once (`@bot.follow`) or after empty brackets (`@bot.follow()`)."""

    __slots__ = ("_register",)

    def __init__(self, register: Callable[[bool], Callable[[Any], Any]]) -> None:
        self._register = register

    @overload
    def __call__(self, *, slow: bool = False) -> Callable[[Handler], Handler]: ...
    @overload
    def __call__(self, handler: Handler) -> Handler: ...
    def __call__(self, handler: Any = None, *, slow: bool = False) -> Any:
        register = self._register(slow)
        return register if handler is None else register(handler)


class _Verb:
    """A decorator for the events or contents of one name."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, registry: Registry, _owner: type | None = None) -> _Registrar:
        return _Registrar(lambda slow: registry.on(self._name, slow=slow))


class Registry:
    """The decorators of a bot, and what they registered."""

    def __init__(self) -> None:
        self._routes: list[Route] = []
        self._default: Route | None = None
        self._error_handler: Route | None = None
        self._middleware: list[Callable[[Context, Callable[[], None]], object]] = []

    def on(
        self, what: Predicate | type | str, *, slow: bool = False
    ) -> Callable[[Handler], Handler]:
        """Register a handler for a predicate, an event or content class, or its name on the wire.

        `@bot.on("follow")`, `@bot.on(FollowEvent)`, `@bot.on(text("hi") & ~in_group())`.
        The first handler that matches, in source order, gets the event. `slow` is for one that may
        take longer than LINE waits: see `docs/delivery.md`. Every verb takes it.
        Raises RouteError.
        """
        predicate = routing.predicate_of(what)

        def register(handler: Handler) -> Handler:
            self._routes.append(Route(predicate, handler, slow=slow))
            return handler

        return register

    @overload
    def text(
        self, pattern: str | re.Pattern[str] | None = None, *, slow: bool = False
    ) -> Callable[[Handler], Handler]: ...
    @overload
    def text(self, pattern: Handler) -> Handler: ...
    def text(self, pattern: Any = None, *, slow: bool = False) -> Any:
        """Text messages; with a pattern those whose whole text matches the regular expression."""
        return self._verb(routing.text, pattern, slow=slow)

    def command(self, name: str, *, slow: bool = False) -> Callable[[Handler], Handler]:
        """Text messages that start with a word such as `/help`; the rest is given as `args`."""
        return self.on(routing.command(name), slow=slow)

    @overload
    def postback(
        self, pattern: str | re.Pattern[str] | None = None, *, slow: bool = False
    ) -> Callable[[Handler], Handler]: ...
    @overload
    def postback(self, pattern: Handler) -> Handler: ...
    def postback(self, pattern: Any = None, *, slow: bool = False) -> Any:
        """Postbacks; with a pattern those whose whole data matches the regular expression."""
        return self._verb(routing.postback, pattern, slow=slow)

    def _verb(self, predicate: Callable[[Any], Predicate], pattern: Any, *, slow: bool) -> Any:
        """Serve `@bot.text`, `@bot.text()` and `@bot.text("…")` alike."""
        if callable(pattern):
            return self.on(predicate(None), slow=slow)(pattern)
        return self.on(predicate(pattern), slow=slow)

    message = _Verb("message")
    """Every message, whatever its content."""
    sticker = _Verb("sticker")
    image = _Verb("image")
    video = _Verb("video")
    audio = _Verb("audio")
    file = _Verb("file")
    location = _Verb("location")
    message_edited = _Verb("messageEdited")
    """A text was edited in a group."""
    unsend = _Verb("unsend")
    """A message was taken back; its content has left the log already. No reply possible."""
    follow = _Verb("follow")
    """Somebody added the bot as a friend, or unblocked it."""
    unfollow = _Verb("unfollow")
    """Somebody blocked the bot. No reply possible."""
    join = _Verb("join")
    """The bot came into a group or room."""
    leave = _Verb("leave")
    """The bot was removed from a group or room. No reply possible."""
    member_joined = _Verb("memberJoined")
    member_left = _Verb("memberLeft")
    """No reply possible."""
    video_play_complete = _Verb("videoPlayComplete")
    beacon = _Verb("beacon")
    account_link = _Verb("accountLink")
    membership = _Verb("membership")

    @property
    def default(self) -> _Registrar:
        """Register the handler of every event that no other handler matches."""
        return _Registrar(lambda slow: lambda handler: self._set_default(handler, slow=slow))

    def _set_default(self, handler: Handler, *, slow: bool) -> Handler:
        if self._default is not None:
            raise RouteError(f"there is a default handler already: {self._default.name}()")
        self._default = Route(_ANYTHING, handler, slow=slow)
        return handler

    @property
    def has_slow_handlers(self) -> bool:
        """Whether a handler was declared `slow=True`."""
        default = [] if self._default is None else [self._default]
        return any(route.slow for route in self._routes + default)

    def error(self, handler: Handler) -> Handler:
        """Register what runs when a handler raises; it may take `error` and return a reply."""
        if self._error_handler is not None:
            raise RouteError(f"there is an error handler already: {self._error_handler.name}()")
        self._error_handler = Route(_FAILED, handler)
        return handler

    def middleware(self, function: Handler) -> Handler:
        """Register a function of `(ctx, call_next)` that runs around every handler.

        It calls `call_next()` to go on, or leaves it out to stop; messages that it returns are
        added to the reply. The first registered is the outermost.
        """
        check_middleware(function)
        self._middleware.append(function)
        return function

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {len(self._routes)} handlers>"

    def route(self, ctx: Context) -> Route | None:
        """The first handler that matches the event, else the default handler, else None."""
        for route in self._routes:
            found = route.predicate.test(ctx.event)
            if found is not None:
                ctx.found = found
                return route
        return self._default

    def run(self, ctx: Context, route: Route) -> None:
        """Gather what the handler gives, inside the middleware, the first registered outermost."""

        def innermost() -> None:
            ctx.gather(_results(route, ctx))

        call = innermost
        for middleware in reversed(self._middleware):
            call = _wrapped(middleware, ctx, call)
        call()

    def run_error_handler(self, ctx: Context, error: BaseException) -> bool:
        """Gather what the error handler gives; False if there is none."""
        if self._error_handler is None:
            return False
        ctx.found = {"error": error}
        ctx.gather(_results(self._error_handler, ctx))
        return True


_ANYTHING = routing.Predicate(lambda _event: {}, "any event")
_FAILED = routing.Predicate(lambda _event: None, "an error", frozenset({"error"}))


def _results(route: Route, ctx: Context) -> Iterable[object]:
    """What the handler gives, as an iterable: the call's result shows what kind of handler it is.

    Looking at the handler instead would be fooled by decorators, partials and callable objects.
    """
    result = route.call(ctx, ctx.found)
    if hasattr(result, "__next__"):
        return _yielded(result)
    if hasattr(result, "__await__"):
        from penniless import background

        return (background.run(result),)
    if hasattr(result, "__anext__"):
        from penniless import background

        return background.run_all(result)
    return (result,)


def _yielded(generator: Generator[object, None, object]) -> Iterator[object]:
    """Everything a generator yields, and what it returns: neither is dropped in silence."""
    returned = yield from generator
    yield returned


def _wrapped(
    middleware: Callable[[Context, Callable[[], None]], object],
    ctx: Context,
    call_next: Callable[[], None],
) -> Callable[[], None]:
    return lambda: ctx.gather((middleware(ctx, call_next),))
