"""The functions written in Python, by the name of their module and their own."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

    OverArrays: TypeAlias = Callable[..., pa.Array]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_MODULES = frozenset(
    [
        "aggregated", "avro", "charsets", "datetimes", "documents", "draws", "hashes", "json_tuples",
        "numbers", "protobuf", "regexps", "secrets", "sentences", "sketches", "texts", "urls",
        "variant_paths", "variants", "vectors", "xpaths",
    ]
)  # fmt: skip
_FUNCTIONS: dict[str, OverArrays] = {}


@dataclass(frozen=True)
class _ByValue:
    """A function of values as one of arrays."""

    function: Callable[..., Any]
    with_nulls: bool

    def __call__(self, arrays: Sequence[pa.Array], returns: pa.DataType, **settings: Any) -> pa.Array:
        import pyarrow as pa

        function = functools.partial(self.function, **settings) if settings else self.function
        rows = zip(*(array.to_pylist() for array in arrays), strict=True)
        if self.with_nulls:
            return pa.array([function(*row) for row in rows], returns)
        return pa.array([None if None in row else function(*row) for row in rows], returns)


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__.removeprefix('_')}"


def by_value(function: _Function) -> _Function:
    """Register a function of the values of one row; it is null where an argument is."""
    _FUNCTIONS[_name(function)] = _ByValue(function, with_nulls=False)
    return function


def by_value_or_null(function: _Function) -> _Function:
    """Register a function of the values of one row, nulls among them."""
    _FUNCTIONS[_name(function)] = _ByValue(function, with_nulls=True)
    return function


def over_arrays(function: _Function) -> _Function:
    """Register a function of (arrays, the Arrow type to return, settings by keyword)."""
    _FUNCTIONS[_name(function)] = function
    return function


def found(name: str, settings: Mapping[str, Any]) -> OverArrays | None:
    """The function of that name with its settings; None when there is none."""
    module = name.partition(".")[0]
    if module not in _MODULES:
        return None
    importlib.import_module(f"streamcore.duck.native.{module}")
    function = _FUNCTIONS.get(name)
    return None if function is None else functools.partial(function, **settings)
