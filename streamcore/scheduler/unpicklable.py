"""Which variable keeps a value from being pickled: looked for after the fact, to name it in the error."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_DEPTH = 12
Pickles = Callable[[object], bool]


def culprit(value: object, pickles: Pickles) -> str:
    """The innermost part of `value` that cannot be pickled, and the way to it in the user's words.

    `pickles` says whether a value can be. The answer is empty when no part can be told from the whole.

    >>> culprit({"a": 1, "b": [len]}, lambda part: isinstance(part, int))
    "the item 0 of the item 'b' is a builtins.builtin_function_or_method"
    """
    path: list[str] = []
    while len(path) < _DEPTH:
        found = next(((name, part) for name, part in _parts(value) if not pickles(part)), None)
        if found is None:
            break
        name, value = found
        path.append(name)
    named = [name for name in reversed(path) if name]
    kind = type(value)
    return f"{' of '.join(named)} is a {kind.__module__}.{kind.__qualname__}" if named else ""


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """What a value is made of, each with the words that tell it; empty words for what users never named."""
    if isinstance(value, types.FunctionType):
        for name, used in _variables(value).items():
            yield f"the variable `{name}` of the function `{value.__name__}`", used
    elif isinstance(value, types.MethodType):
        yield f"the object of the method `{value.__name__}`", value.__self__
        yield "", value.__func__
    elif isinstance(value, functools.partial):
        for part in (value.func, *value.args, *value.keywords.values()):
            yield "", part
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield f"the item {key!r:.40}", item
    elif isinstance(value, list | tuple | set | frozenset):
        for number, item in enumerate(value):
            yield f"the item {number}", item
    else:
        yield from _attributes(value)


def _attributes(value: object) -> Iterator[tuple[str, object]]:
    is_ours = type(value).__module__.startswith("streamcore.")
    slots = [name for class_ in type(value).__mro__ for name in getattr(class_, "__slots__", ())]
    found = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    for name, part in {**found, **getattr(value, "__dict__", {})}.items():
        yield "" if is_ours else f"the attribute `{name}`", part


def _variables(function: types.FunctionType) -> dict[str, Any]:
    """The variables of other scopes that a function uses: closed over, global, and given as defaults."""
    code = function.__code__
    closed = zip(code.co_freevars, function.__closure__ or (), strict=True)
    found = {name: cell.cell_contents for name, cell in closed if _is_filled(cell)}
    names = set(_global_names(code))
    found |= {name: item for name, item in function.__globals__.items() if name in names}
    defaults = function.__defaults__ or ()
    found |= dict(zip(code.co_varnames[code.co_argcount - len(defaults) :], defaults, strict=False))
    return found


def _is_filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _global_names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)
