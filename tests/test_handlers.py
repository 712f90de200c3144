"""How handlers of every make are called, and which are refused when they are registered."""

# ruff: noqa: ARG005  # arguments, used or not, are what these tests are about
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from penniless.errors import RouteError
from penniless.handlers import Route, check_middleware, is_plain, name_of
from penniless.routing import Predicate, text

CTX: Any = object()
ADD = text(r"add (?P<item>\w+)(?: (?P<number>\d+))?")
FOUND = {"item": "milk", "number": None}


def called(handler: Callable[..., Any], found: dict[str, Any] = FOUND) -> Any:
    """Register the handler for `ADD` and call it."""
    return Route(ADD, handler).call(CTX, found)


class Shop:
    """Handlers as methods, and an object that is a handler itself."""

    def add(self, ctx: Any, item: str) -> Any:
        return self, ctx, item

    @classmethod
    def of_class(cls, ctx: Any, item: str) -> Any:
        return cls, ctx, item

    @staticmethod
    def static(ctx: Any, item: str) -> Any:
        return ctx, item

    def __call__(self, item: str) -> Any:
        return self, item


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator as people write them."""

    @functools.wraps(function)
    def wrapper(*args: Any, **named: Any) -> Any:
        return function(*args, **named)

    return wrapper


def test_context_comes_first() -> None:
    """The first argument is the context, whatever its name."""
    assert called(lambda ctx: ctx) is CTX
    assert called(lambda anything: anything) is CTX
    assert called(lambda ctx, /: ctx) is CTX
    assert called(lambda anything=None: anything) is CTX


def test_values_come_by_name() -> None:
    """Groups of the pattern fill arguments of their names, in any order, with or without `ctx`."""
    assert called(lambda ctx, item: (ctx, item)) == (CTX, "milk")
    assert called(lambda item: item) == "milk"
    assert called(lambda number, item: (number, item)) == (None, "milk")
    assert called(lambda ctx, *, item: (ctx, item)) == (CTX, "milk")
    assert called(lambda *, item: item) == "milk"


def test_context_comes_by_its_name_too() -> None:
    """`ctx` is the context in any place."""
    assert called(lambda item, ctx: (item, ctx)) == ("milk", CTX)
    assert called(lambda *, ctx: ctx) is CTX
    assert called(lambda item, *, ctx=None: (item, ctx)) == ("milk", CTX)
    assert called(lambda *rest, ctx: (rest, ctx)) == ((), CTX)


def test_handler_may_take_nothing() -> None:
    """A handler without arguments is called without any."""
    assert called(lambda: "hello") == "hello"


def test_rest_arguments() -> None:
    """`*args` takes the context, `**named` every value that has no argument of its own."""
    assert called(lambda *args: args) == (CTX,)
    assert called(lambda *args, **named: (args, named)) == ((CTX,), FOUND)
    assert called(lambda **named: named) == {**FOUND, "ctx": CTX}
    assert called(lambda ctx, item, **named: named) == {"number": None}


def test_default_holds_where_nothing_was_found() -> None:
    """An optional group that is not there leaves the argument's default; without one it is None."""
    assert called(lambda ctx, number="1": number) == "1"
    assert called(lambda ctx, number="1": number, {**FOUND, "number": "2"}) == "2"
    assert called(lambda ctx, number: number) is None
    assert called(lambda ctx, *, number="1", **named: (number, named)) == ("1", {"item": "milk"})
    assert called(lambda ctx, unheard="of": unheard) == "of"


def test_other_side_of_or_leaves_arguments_empty() -> None:
    """Behind `a | b` the values of the side that did not match are None, or the default."""
    route = Route(text("(?P<a>.)") | text("..(?P<b>.)"), lambda ctx, a, b="B": (a, b))
    assert route.call(CTX, {"a": "1"}) == ("1", "B")
    assert route.call(CTX, {"b": "2"}) == (None, "2")


def test_methods_partials_objects_and_decorated_functions() -> None:
    """Whatever can be called can be a handler."""
    shop = Shop()
    assert called(shop.add) == (shop, CTX, "milk")
    assert called(Shop.of_class) == (Shop, CTX, "milk")
    assert called(Shop.static) == (CTX, "milk")
    assert called(shop) == (shop, "milk")
    assert called(functools.partial(shop.add)) == (shop, CTX, "milk")
    assert called(functools.partial(lambda price, ctx, item: (price, item), 5)) == (5, "milk")
    assert called(functools.partial(lambda ctx, item, price: (item, price), price=5)) == ("milk", 5)
    assert called(logged(lambda ctx, item: (ctx, item))) == (CTX, "milk")
    assert called(logged(lambda ctx: ctx)) is CTX


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        (lambda ctx, itme: None, "itme"),
        (lambda ctx, item, *, price: None, "price"),
        (lambda item, other: None, "other"),
        (lambda what, ctx: None, "what"),
        (lambda ctx, item, /: None, "item"),
        (lambda item, /: None, "item"),
        (functools.partial(lambda ctx, price: None), "price"),
        (logged(lambda ctx, price: None), "price"),
        (Shop.add, "self"),
    ],
)
def test_argument_that_nothing_fills_is_refused(handler: Callable[..., Any], name: str) -> None:
    """It raises when the handler is registered, naming the argument and the possible ones."""
    with pytest.raises(RouteError, match=rf"the argument '({name})' .*: ctx, item, number"):
        Route(ADD, handler)


@pytest.mark.parametrize("handler", [None, 5, "echo", ["echo"]])
def test_what_cannot_be_called_is_refused(handler: Any) -> None:
    """A handler is a function; a text in its place is a forgotten line."""
    with pytest.raises(RouteError, match="a handler is a function, not"):
        Route(ADD, handler)


def test_callable_of_unknown_arguments_is_refused() -> None:
    """Some built-in functions do not tell their arguments."""
    with pytest.raises(RouteError, match="the arguments of handler iter"):
        Route(ADD, iter)


def test_pattern_cannot_take_the_name_of_the_context() -> None:
    """A group named `ctx` would take the context's place."""
    with pytest.raises(RouteError, match="'ctx'"):
        Route(text("(?P<ctx>.)"), lambda ctx: ctx)


def test_name_for_errors() -> None:
    """A handler is named as in its source; an object by its class."""
    assert name_of(Shop.add) == "Shop.add"
    assert name_of(Shop()) == "Shop"
    assert Route(Predicate(lambda event: {}, "any"), print).name == "print"


async def _coroutine() -> None: ...
async def _async_generator() -> Any:
    yield 1


def _generator() -> Any:
    yield 1


class _Async:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize(
    "function",
    [_coroutine, _generator, _async_generator, _Async(), functools.partial(_coroutine)],
)
def test_async_functions_and_generators_are_not_plain(function: Callable[..., Any]) -> None:
    """Calling them gives no result at once."""
    assert not is_plain(function)
    assert is_plain(Shop().add)
    assert is_plain(print)


@pytest.mark.parametrize(
    "function",
    [
        lambda ctx, call_next: None,
        lambda ctx, call_next, extra=1: None,
        lambda *args: None,
        lambda ctx, *rest, **named: None,
        logged(lambda ctx, call_next: None),
        functools.partial(lambda ctx, call_next, log: None, log=1),
    ],
)
def test_middleware_takes_two(function: Callable[..., Any]) -> None:
    """A function of `(ctx, call_next)` can be middleware."""
    assert check_middleware(function) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    "function",
    [
        lambda: None,
        lambda ctx: None,
        lambda ctx, call_next, third: None,
        lambda ctx, *, call_next: None,
        lambda ctx, call_next, *, key: None,
        _generator,
        _coroutine,
        5,
    ],
)
def test_other_functions_are_no_middleware(function: Any) -> None:
    """What cannot be called with the two, or gives no result at once, is refused."""
    with pytest.raises(RouteError, match=r"must be a plain function|is a function, not int"):
        check_middleware(function)
