"""Sketches of Apache DataSketches (HLL, theta, tuple, KLL), by its library."""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable, Sequence
from typing import Any

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException


def _library() -> Any:
    try:
        return importlib.import_module("datasketches")
    except ImportError as error:
        raise UnsupportedOperationException(
            'Sketches need the package datasketches: pip install "streamcore-engine[sketches]"; it has no '
            "wheels "
            "for Python 3.14 yet. approx_count_distinct() and percentile_approx() need nothing."
        ) from error


def _read(read: Callable[[bytes], Any], content: bytes, kind: str) -> Any:
    try:
        return read(content)
    except Exception as error:
        raise IllegalArgumentException(
            f"[{kind}_INVALID_INPUT_SKETCH_BUFFER] Invalid call; only valid {kind} sketch buffers are "
            "supported as "
            "inputs. SQLSTATE: 22546"
        ) from error


def _update(sketch: Any, values: Sequence[Any]) -> Any:
    for value in values:
        if value is None:
            continue
        if isinstance(value, bytes):
            raise UnsupportedOperationException("Sketches of binary values are not offered; hash them first.")
        sketch.update(value)
    return sketch


# ---- HLL -----------------------------------------------------------------------------------------


@by_value
def hll_sketch_agg(values: Sequence[Any], *, lg_k: int) -> bytes:
    """The sketch of values."""
    library = _library()
    sketch = _update(library.hll_sketch(lg_k, library.HLL_8), values)
    return bytes(sketch.serialize_updatable())


@by_value
def hll_sketch_estimate(content: bytes) -> int:
    """How many distinct values a sketch has seen."""
    return round(float(_hll(content).get_estimate()))


@by_value
def hll_union(first: bytes, second: bytes, mixes: bool) -> bytes:
    """The sketch of what two have seen."""
    return _hll_union([first, second], mixes=mixes)


@by_value
def hll_union_agg(contents: Sequence[bytes | None], *, mixes: bool) -> bytes:
    """The sketch of what all have seen."""
    return _hll_union([content for content in contents if content is not None], mixes=mixes)


def _hll(content: bytes) -> Any:
    return _read(_library().hll_sketch.deserialize, content, "HLL")


def _hll_union(contents: Sequence[bytes], *, mixes: bool) -> bytes:
    sketches = [_hll(content) for content in contents]
    sizes = [sketch.lg_config_k for sketch in sketches]
    if len(set(sizes)) > 1 and not mixes:
        raise IllegalArgumentException(
            f"[HLL_UNION_DIFFERENT_LG_K] Sketches have different `lgConfigK` values: {sizes[0]} and "
            f"{next(size for size in sizes if size != sizes[0])}. Set the `allowDifferentLgConfigK` "
            "parameter to "
            "true to call the function with different `lgConfigK` values. SQLSTATE: 22000"
        )
    library = _library()
    union = library.hll_union(min(sizes, default=12))
    for sketch in sketches:
        union.update(sketch)
    return bytes(union.get_result(library.HLL_8).serialize_updatable())


# ---- theta ---------------------------------------------------------------------------------------


@by_value
def theta_sketch_agg(values: Sequence[Any], *, lg_k: int) -> bytes:
    """The sketch of values."""
    sketch = _update(_library().update_theta_sketch(lg_k), values)
    sketch.trim()
    return bytes(sketch.compact().serialize())


@by_value
def theta_sketch_estimate(content: bytes) -> int:
    """How many distinct values a sketch has seen."""
    return round(float(_theta(content).get_estimate()))


@by_value
def theta_union_agg(contents: Sequence[bytes | None], *, lg_k: int) -> bytes:
    """The sketch of what all have seen."""
    return _folded(_library().theta_union(lg_k), contents, _theta)


@by_value
def theta_intersection_agg(contents: Sequence[bytes | None]) -> bytes:
    """The sketch of what each has seen."""
    library = _library()
    is_empty = all(content is None for content in contents)
    return _folded(library.theta_union() if is_empty else library.theta_intersection(), contents, _theta)


@by_value
def theta_union(first: bytes, second: bytes, lg_k: int) -> bytes:
    """The sketch of what either has seen."""
    return _folded(_library().theta_union(lg_k), [first, second], _theta)


@by_value
def theta_intersection(first: bytes, second: bytes) -> bytes:
    """The sketch of what both have seen."""
    return _folded(_library().theta_intersection(), [first, second], _theta)


@by_value
def theta_difference(first: bytes, second: bytes) -> bytes:
    """The sketch of what the first has seen, and not the second."""
    return bytes(_library().theta_a_not_b().compute(_theta(first), _theta(second)).serialize())


def _theta(content: bytes) -> Any:
    return _read(_library().compact_theta_sketch.deserialize, content, "THETA")


def _folded(operation: Any, contents: Sequence[bytes | None], read: Callable[[bytes], Any]) -> bytes:
    for content in contents:
        if content is not None:
            operation.update(read(content))
    return bytes(operation.get_result().serialize())


# ---- tuple ---------------------------------------------------------------------------------------


def _one(*_: Any) -> int:
    return 1


_FOLDS: dict[str, Callable[[Any, Any], Any]] = {
    "sum": lambda one, other: one + other,
    "min": min,
    "max": max,
    "alwaysone": _one,
}


def _fold(mode: str) -> Callable[[Any, Any], Any]:
    found = _FOLDS.get(mode.lower())
    if found is None:
        raise IllegalArgumentException(
            f"[TUPLE_INVALID_SKETCH_MODE] Invalid call; the mode '{mode}' must be one of sum, min, max, "
            "alwaysone. "
            "SQLSTATE: 22546"
        )
    return found


@functools.cache
def _policy_class() -> Any:
    """How summaries of one key are joined, as the library asks it."""
    return type(
        "Policy",
        (_library().TuplePolicy,),
        {
            "__init__": _begun,
            "create_summary": _one_of_none,
            "update_summary": _updated,
            "__call__": lambda self, summary, other: self.fold(summary, other),
        },
    )


def _begun(self: Any, mode: str) -> None:
    _library().TuplePolicy.__init__(self)
    self.fold, self.is_one = _fold(mode), mode.lower() == "alwaysone"


def _one_of_none(_: Any) -> None:
    """There is no summary before the first value."""


def _updated(self: Any, summary: Any, value: Any) -> Any:
    if self.is_one:
        return 1
    return value if summary is None else self.fold(summary, value)


def _serde(kind: str) -> Any:
    library = _library()
    return library.PyDoublesSerDe() if kind == "double" else library.PyIntsSerDe()


def _tuple(content: bytes, kind: str) -> Any:
    def read(given: bytes) -> Any:
        return _library().compact_tuple_sketch.deserialize(given, _serde(kind))

    return _read(read, content, "TUPLE")


def _bytes_of(sketch: Any, kind: str) -> bytes:
    return bytes(sketch.serialize(_serde(kind)))


@by_value
def tuple_sketch_agg(pairs: Sequence[dict[str, Any]], *, kind: str, lg_k: int, mode: str) -> bytes:
    """The sketch of keys with summaries."""
    sketch = _library().update_tuple_sketch(_policy_class()(mode), lg_k)
    for pair in pairs:
        if pair["k"] is not None and pair["v"] is not None:
            sketch.update(pair["k"], pair["v"])
    sketch.trim()
    return _bytes_of(sketch.compact(), kind)


@by_value
def tuple_sketch_estimate(content: bytes, *, kind: str) -> float:
    """How many distinct keys a sketch has seen."""
    return float(_tuple(content, kind).get_estimate())


@by_value
def tuple_sketch_theta(content: bytes, *, kind: str) -> float:
    """The share of all hashes that a sketch keeps."""
    return float(_tuple(content, kind).theta)


@by_value
def tuple_sketch_summary(content: bytes, mode: str, *, kind: str) -> float | int | None:
    """The summaries of all keys that a sketch keeps, as one."""
    values = [summary for _, summary in _tuple(content, kind)]
    if not values:
        return None
    return functools.reduce(_fold(mode), values) if mode.lower() != "alwaysone" else len(values)


@by_value
def tuple_union_agg(contents: Sequence[bytes | None], *, kind: str, lg_k: int, mode: str) -> bytes:
    """The sketch of the keys of all."""
    return _tuples(
        [c for c in contents if c is not None], _library().tuple_union(_policy_class()(mode), lg_k), kind
    )


@by_value
def tuple_intersection_agg(contents: Sequence[bytes | None], *, kind: str, mode: str) -> bytes:
    """The sketch of the keys that each has."""
    known = [content for content in contents if content is not None]
    library = _library()
    policy = _policy_class()(mode)
    # What nothing has in common is not defined: it is shown as nothing.
    return _tuples(known, library.tuple_intersection(policy) if known else library.tuple_union(policy), kind)


def _tuples(contents: Sequence[bytes], operation: Any, kind: str) -> bytes:
    for content in contents:
        operation.update(_tuple(content, kind))
    return _bytes_of(operation.get_result(), kind)


@by_value
def tuple_union(first: bytes, second: bytes, lg_k: int, mode: str, *, kind: str) -> bytes:
    """The sketch of the keys of either."""
    return _tuples([first, second], _library().tuple_union(_policy_class()(mode), lg_k), kind)


@by_value
def tuple_intersection(first: bytes, second: bytes, mode: str, *, kind: str) -> bytes:
    """The sketch of the keys of both."""
    return _tuples([first, second], _library().tuple_intersection(_policy_class()(mode)), kind)


@by_value
def tuple_difference(first: bytes, second: bytes, *, kind: str) -> bytes:
    """The sketch of the keys of the first that the second has not."""
    made = _library().tuple_a_not_b().compute(_tuple(first, kind), _tuple(second, kind))
    return _bytes_of(made, kind)


@by_value
def tuple_union_theta(first: bytes, second: bytes, lg_k: int, mode: str, *, kind: str) -> bytes:
    """As `tuple_union`, the second being a theta sketch."""
    operation = _library().tuple_union(_policy_class()(mode), lg_k)
    operation.update(_tuple(first, kind))
    operation.update(_with_summaries(second, kind))
    return _bytes_of(operation.get_result(), kind)


@by_value
def tuple_intersection_theta(first: bytes, second: bytes, mode: str, *, kind: str) -> bytes:
    """As `tuple_intersection`, the second being a theta sketch."""
    made = _library().tuple_a_not_b().compute(_tuple(first, kind), _with_summaries(second, kind))
    # What is in the first alone is taken off: so the summaries of the first stay as they are.
    rest = _library().tuple_a_not_b().compute(_tuple(first, kind), made)
    _fold(mode)
    return _bytes_of(rest, kind)


@by_value
def tuple_difference_theta(first: bytes, second: bytes, *, kind: str) -> bytes:
    """As `tuple_difference`, the second being a theta sketch."""
    made = _library().tuple_a_not_b().compute(_tuple(first, kind), _with_summaries(second, kind))
    return _bytes_of(made, kind)


def _with_summaries(content: bytes, kind: str) -> Any:
    """A theta sketch as one of tuples, whose summaries are 0."""
    return _library().compact_tuple_sketch(_theta(content), 0.0 if kind == "double" else 0)


# ---- KLL -----------------------------------------------------------------------------------------


def _kll_class(kind: str) -> Any:
    library = _library()
    classes = {"bigint": "kll_items_sketch", "float": "kll_floats_sketch", "double": "kll_doubles_sketch"}
    return getattr(library, classes[kind])


def _kll(content: bytes, kind: str) -> Any:
    def read(given: bytes) -> Any:
        if kind == "bigint":
            return _kll_class(kind).deserialize(given, _library().PyLongsSerDe())
        return _kll_class(kind).deserialize(given)

    return _read(read, content, "KLL")


def _of_kll(sketch: Any, kind: str) -> bytes:
    return bytes(sketch.serialize(_library().PyLongsSerDe()) if kind == "bigint" else sketch.serialize())


@by_value
def kll_sketch_agg(values: Sequence[Any], *, kind: str, k: int) -> bytes:
    """The sketch of numbers."""
    return _of_kll(_update(_kll_class(kind)(k), values), kind)


@by_value
def kll_merge_agg(contents: Sequence[bytes | None], *, kind: str, k: int | None) -> bytes:
    """The sketch of the numbers of all."""
    sketches = [_kll(content, kind) for content in contents if content is not None]
    merged = _kll_class(kind)(k or (sketches[0].k if sketches else 200))
    for sketch in sketches:
        merged.merge(sketch)
    return _of_kll(merged, kind)


@by_value
def kll_sketch_merge(first: bytes, second: bytes, *, kind: str) -> bytes:
    """The sketch of the numbers of both."""
    merged = _kll(first, kind)
    merged.merge(_kll(second, kind))
    return _of_kll(merged, kind)


@by_value
def kll_sketch_to_string(content: bytes, *, kind: str) -> str:
    """What a sketch says of itself."""
    return str(_kll(content, kind))


@by_value
def kll_sketch_get_n(content: bytes, *, kind: str) -> int:
    """How many numbers a sketch has seen."""
    return int(_kll(content, kind).n)


@by_value
def kll_sketch_get_quantile(content: bytes, rank: Any, *, kind: str) -> Any:
    """The number of a rank between 0 and 1, or of each rank of an array."""
    sketch = _kll(content, kind)
    if isinstance(rank, list):
        return [_quantile(sketch, float(one)) for one in rank]
    return _quantile(sketch, float(rank))


def _quantile(sketch: Any, rank: float) -> Any:
    if not 0 <= rank <= 1 or math.isnan(rank):
        raise IllegalArgumentException(
            f"[KLL_SKETCH_INVALID_QUANTILE_RANGE] The rank {rank} must be between 0.0 and 1.0. SQLSTATE: "
            "22003"
        )
    return sketch.get_quantile(rank, inclusive=True)


@by_value
def kll_sketch_get_rank(content: bytes, number: Any, *, kind: str) -> Any:
    """The rank of a number, or of each number of an array."""
    sketch = _kll(content, kind)
    if isinstance(number, list):
        return [float(sketch.get_rank(one, inclusive=True)) for one in number]
    return float(sketch.get_rank(number, inclusive=True))
