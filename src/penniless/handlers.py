"""How a handler is called: which arguments it has, and what fills them.

A handler is any callable that takes the context and, by name, the values that its predicate found.
One with an argument that nothing fills raises RouteError when it is registered. Nothing here knows
events, LINE or a store.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from penniless.errors import RouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from penniless.context import Context
    from penniless.routing import Predicate


class Route:
    """A predicate, its handler, and what the handler is to be given."""

    __slots__ = ("_arguments", "handler", "predicate", "slow")

    def __init__(
        self, predicate: Predicate, handler: Callable[..., Any], *, slow: bool = False
    ) -> None:
        self.predicate = predicate
        self.slow = slow
        """Whether it may take longer than LINE waits, and says so from the start."""
        self.handler = handler
        self._arguments = _arguments(handler, predicate)

    def call(self, ctx: Context, found: dict[str, Any]) -> Any:
        """Call the handler with `ctx` and the found values that it has arguments for.

        Where a value was not found (an optional group, the other side of `|`), an argument's
        default holds; one without a default is None.
        """
        arguments = self._arguments
        given = found if arguments.context_first else {**found, "ctx": ctx}
        values = {
            name: value
            for name, value in given.items()
            if (arguments.takes_any if name not in arguments.optional else value is not None)
        }
        values |= {name: given.get(name) for name in arguments.required}
        return self.handler(ctx, **values) if arguments.context_first else self.handler(**values)

    @property
    def name(self) -> str:
        return name_of(self.handler)


def name_of(handler: Callable[..., Any]) -> str:
    return getattr(handler, "__qualname__", type(handler).__name__)


_NOT_PLAIN = 0x80 | 0x200 | 0x20
"""The code flags that `inspect` names CO_COROUTINE, CO_ASYNC_GENERATOR and CO_GENERATOR.

`inspect` itself costs more to import than the whole core, and a cold start waits for it.
"""


def is_plain(function: Callable[..., Any]) -> bool:
    """Whether calling it gives a result at once: no coroutine and no generator."""
    target: Any = getattr(function, "func", function)  # of a partial
    if not hasattr(target, "__code__"):
        target = type(target).__call__  # of an object
    return not getattr(getattr(target, "__code__", None), "co_flags", 0) & _NOT_PLAIN


class _Parameters(NamedTuple):
    """The parameters of a function, as far as filling them goes."""

    unnamed: list[str]
    """Positional only."""
    positional: list[str]
    """By position or by name."""
    keyword: list[str]
    """By name only."""
    optional: set[str]
    takes_rest: bool
    """Has `*args`."""
    takes_any: bool
    """Has `**kwargs`."""


class _Arguments(NamedTuple):
    """What a handler is called with."""

    context_first: bool
    required: frozenset[str]
    optional: frozenset[str]
    takes_any: bool


def _arguments(handler: Callable[..., Any], predicate: Predicate) -> _Arguments:
    """How to fill the arguments of a handler. Raises RouteError for one that nothing fills.

    The context is the argument `ctx`; without one it is the first argument, whatever its name,
    unless that bears the name of a value.
    """
    if "ctx" in predicate.names:
        raise RouteError(f"{predicate.label} finds a 'ctx', which is the context's name")
    found = _parameters(handler)
    context_first = _context_first(found, predicate.names)
    by_name = found.unnamed + found.positional
    by_name = by_name[1 if context_first else 0 :] + found.keyword
    allowed = predicate.names if context_first else predicate.names | {"ctx"}
    for name in by_name:
        if name not in found.optional and (name not in allowed or name in found.unnamed):
            raise RouteError(
                f"nothing fills the argument {name!r} of handler {name_of(handler)}(); for "
                f"{predicate.label} the arguments may be, by name: "
                f"{', '.join(sorted({'ctx', *predicate.names}))}"
            )
    named = (frozenset(by_name) & allowed) - frozenset(found.unnamed)
    return _Arguments(
        context_first,
        required=named - found.optional,
        optional=named & found.optional,
        takes_any=found.takes_any,
    )


def _context_first(found: _Parameters, names: frozenset[str]) -> bool:
    """Whether the context goes in first place rather than by its name, or not at all."""
    first, *others = [*found.unnamed, *found.positional] or [""]
    if first == "ctx":
        return True
    if "ctx" in others or "ctx" in found.keyword:
        return False
    return first not in names if first else found.takes_rest


def _parameters(function: Callable[..., Any]) -> _Parameters:
    if not callable(function):
        raise RouteError(f"a handler is a function, not {type(function).__name__}")
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__self__") or hasattr(function, "__wrapped__"):
        return _parameters_by_inspection(function)
    plain: Any = function
    positional = list(code.co_varnames[: code.co_argcount])
    with_default = positional[len(positional) - len(plain.__defaults__ or ()) :]
    return _Parameters(
        positional[: code.co_posonlyargcount],
        positional[code.co_posonlyargcount :],
        list(code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]),
        {*with_default, *(plain.__kwdefaults__ or ())},
        takes_rest=bool(code.co_flags & 0x04),
        takes_any=bool(code.co_flags & 0x08),
    )


def _parameters_by_inspection(function: Callable[..., Any]) -> _Parameters:
    """The same for methods, partials, wrapped and callable objects, which may take their time."""
    from inspect import Parameter, signature

    try:
        found = list(signature(function).parameters.values())
    except (TypeError, ValueError):
        raise RouteError(
            f"nobody can tell the arguments of handler {name_of(function)}()"
        ) from None

    def of_kind(kind: Any) -> list[str]:
        return [one.name for one in found if one.kind is kind]

    return _Parameters(
        of_kind(Parameter.POSITIONAL_ONLY),
        of_kind(Parameter.POSITIONAL_OR_KEYWORD),
        of_kind(Parameter.KEYWORD_ONLY),
        {one.name for one in found if one.default is not Parameter.empty},
        takes_rest=bool(of_kind(Parameter.VAR_POSITIONAL)),
        takes_any=bool(of_kind(Parameter.VAR_KEYWORD)),
    )


def takes_an_argument(function: Callable[..., Any]) -> bool:
    """Whether a function takes a value. Raises RouteError for what is no function."""
    found = _parameters(function)
    return bool(found.unnamed or found.positional or found.takes_rest)


def check_middleware(function: Callable[..., Any]) -> None:
    """Raise RouteError unless the function is plain and can be called with `(ctx, call_next)`."""
    found = _parameters(function)
    positional = found.unnamed + found.positional
    needed = [name for name in positional + found.keyword if name not in found.optional]
    enough = len(positional) >= 2 or found.takes_rest
    if not is_plain(function) or not enough or needed[2:] or {*needed} & {*found.keyword}:
        raise RouteError(
            f"middleware {name_of(function)}() must be a plain function (ctx, call_next)"
        )
