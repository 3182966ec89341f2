"""Draws programs: data, partition counts and chains of steps that fit each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.oracle.rdd.programs import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.rdd.programs import Program

_RECORDS = 24
_STEPS = 5

integers = st.integers(-30, 60)
texts = st.text("abcäß€ z🎈", max_size=4)
partitions = st.integers(1, 5)
seeds = st.integers(0, 2**31)
KEYS = {
    "int": integers,
    "text": texts,
    "tuple": st.one_of(st.none(), st.tuples(texts, integers), st.tuples(integers, st.none())),
    "float": st.sampled_from([0.0, -0.0, 1.5, -2.25, 1e300, 7.0]),
}


@dataclass(frozen=True)
class State:
    """What is known of the RDD that a chain has made so far."""

    kind: str  # ints, texts, pairs, lists (pairs of lists), nested (pairs of lists of lists), any
    key: str = ""
    level: str = "ordered"
    shuffled: bool = False


def described(records: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the description of an RDD of such records."""
    sizes = st.one_of(st.integers(0, 3), st.integers(4, _RECORDS))
    data = sizes.flatmap(lambda size: st.lists(records.map(plain), min_size=size, max_size=size))
    return st.fixed_dictionaries({"data": data, "slices": partitions})


def pairs(key: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the description of an RDD of pairs."""
    return described(st.tuples(KEYS[key], integers))


def _sources() -> dict[State, st.SearchStrategy[dict[str, Any]]]:
    found = {State("ints"): described(integers), State("texts"): described(texts)}
    return {**found, **{State("pairs", key): pairs(key) for key in KEYS}}


@st.composite
def programs(draw: Callable[..., Any]) -> Program:
    """Draw a program with the level that its result has."""
    sources = _sources()
    state = draw(st.sampled_from(list(sources)))
    program = draw(sources[state])
    steps = []
    for _ in range(draw(st.integers(1, _STEPS))):
        name = draw(st.sampled_from(_choices(state)))
        step, state = draw(_step(name, state))
        steps.append(step)
    action = draw(_action(state))
    return {**program, "steps": steps, "action": action, "level": state.level}


# ---- steps -----------------------------------------------------------------------------------------

_ANY = ["coalesce", "repartition", "union_self"]
_OF_DATA = ["distinct"]
_IN_ORDER = ["sample", "random_split", "with_split"]
_INTS = [
    "map_add",
    "filter_divisible",
    "flat_map_below",
    "union",
    "intersection",
    "subtract",
    "cartesian",
    "sort_by",
    "key_by_modulo",
    "group_by_modulo",
]
_INTS_IN_ORDER = ["zip_with_index", "zip_with_unique_id", "zip_self", "sum_partitions"]
_TEXTS = ["key_by_prefix"]
_PAIRS = [
    "reduce_by_key",
    "fold_by_key",
    "max_by_key",
    "count_by_aggregate",
    "count_by_combine",
    "group_by_key",
    "map_values_add",
    "flat_map_values",
    "values",
    "partition_by",
    "subtract_by_key",
    "join",
    "left_join",
    "right_join",
    "full_join",
    "join_self",
    "cogroup",
]
_PAIRS_BY_KEY = {
    "int": ["keys", "swap", "sort_by_key", "repartition_and_sort", "partition_by_tens"],
    "text": ["sort_by_key", "repartition_and_sort"],
}


def _choices(state: State) -> list[str]:
    found = list(_ANY)
    if state.kind in {"ints", "texts", "pairs"}:
        found += _OF_DATA
        found += _IN_ORDER if state.level == "ordered" else []
    if state.kind == "ints":
        found += _INTS + (_INTS_IN_ORDER if state.level == "ordered" else [])
    elif state.kind == "texts":
        found += _TEXTS
    elif state.kind == "pairs":
        found += _PAIRS + _PAIRS_BY_KEY.get(state.key, [])
        found += ["sample_by_key"] if state.level == "ordered" else []
    elif state.kind == "lists":
        found += ["sizes", "flattened"]
    elif state.kind == "nested":
        found += ["sizes", "flattened_twice"]
    return found


def _hashed(state: State) -> State:
    """Where a record lies depends on its key alone; in which order records come is not defined."""
    return replace(state, level="placed", shuffled=True)


def _sorted(state: State) -> State:
    level = "ordered" if state.kind == "ints" else "placed"
    return replace(state, level=level if state.level == "ordered" else "loose", shuffled=True)


def _coalesced(state: State) -> State:
    # Behind a shuffle PySpark joins partitions by where their data happen to lie.
    return replace(state, level="loose") if state.shuffled else state


def _dealt(state: State) -> State:
    # Spark deals the records of a partition in their order, from a place that the partition's number decides.
    return replace(state, level="placed" if state.level == "ordered" else "loose", shuffled=True)


def _pairs_of(key: str) -> Callable[[State], State]:
    return lambda state: replace(state, kind="pairs", key=key)


def _lists(state: State) -> State:
    return replace(_hashed(state), kind="lists", key=state.key or "int")


def _same(state: State) -> State:
    return state


_AFTER: dict[str, Callable[[State], State]] = {
    "coalesce": _coalesced,
    "repartition": _dealt,
    "union": _same,
    "distinct": _hashed,
    "intersection": _hashed,
    "subtract": _hashed,
    "cartesian": _pairs_of("int"),
    "sort_by": _sorted,
    "key_by_modulo": _pairs_of("int"),
    "key_by_prefix": _pairs_of("text"),
    "zip_with_index": _pairs_of("int"),
    "zip_with_unique_id": _pairs_of("int"),
    "zip_self": _pairs_of("int"),
    "with_split": lambda state: replace(state, kind="pairs" if state.kind == "ints" else "any", key="int"),
    "group_by_modulo": _lists,
    "reduce_by_key": _hashed,
    "fold_by_key": _hashed,
    "max_by_key": _hashed,
    "count_by_aggregate": _lists,
    "count_by_combine": _lists,
    "group_by_key": _lists,
    "keys": lambda state: replace(state, kind="ints", key=""),
    "values": lambda state: replace(state, kind="ints", key=""),
    "swap": _same,
    "partition_by": _hashed,
    "partition_by_tens": _hashed,
    "sort_by_key": _sorted,
    "repartition_and_sort": _hashed,
    "subtract_by_key": _hashed,
    "join": _hashed,
    "left_join": _hashed,
    "right_join": _hashed,
    "full_join": _hashed,
    "join_self": _hashed,
    "cogroup": lambda state: replace(_hashed(state), kind="nested"),
    "sizes": lambda state: replace(state, kind="pairs"),
    "flattened": lambda state: replace(state, kind="pairs"),
    "flattened_twice": lambda state: replace(state, kind="pairs"),
}


def _step(name: str, state: State) -> st.SearchStrategy[tuple[list[Any], State]]:
    arguments = _arguments(name, state)
    after = _AFTER.get(name, _same)(state)
    return st.tuples(*arguments).map(lambda drawn: ([name, *drawn], after))


_BY_COUNT = {
    "distinct",
    "coalesce",
    "repartition",
    "reduce_by_key",
    "fold_by_key",
    "max_by_key",
    "count_by_aggregate",
    "count_by_combine",
    "group_by_key",
    "partition_by",
    "partition_by_tens",
    "repartition_and_sort",
}
_BY_MODULUS = {"filter_divisible", "flat_map_below", "key_by_modulo", "key_by_prefix", "flat_map_values"}
_WITH_OTHER_PAIRS = {"subtract_by_key", "join", "left_join", "right_join", "full_join", "cogroup"}


def _arguments(name: str, state: State) -> list[st.SearchStrategy[Any]]:
    if name in _BY_COUNT:
        return [partitions]
    if name in _BY_MODULUS:
        return [st.integers(1, 4)]
    if name in _WITH_OTHER_PAIRS:
        return [pairs(state.key), partitions]
    others: dict[str, list[st.SearchStrategy[Any]]] = {
        "map_add": [integers],
        "map_values_add": [integers],
        "sample": [st.booleans(), st.sampled_from([0.0, 0.3, 0.8, 1.0]), seeds],
        "sample_by_key": [st.booleans(), seeds],
        "random_split": [st.integers(0, 1), seeds],
        "union": [described(integers)],
        "intersection": [described(integers)],
        "subtract": [described(integers), partitions],
        "cartesian": [described(integers)],
        "sort_by": [st.booleans(), partitions],
        "sort_by_key": [st.booleans(), partitions],
        "group_by_modulo": [st.integers(1, 4), partitions],
    }
    return others.get(name, [])


# ---- actions ---------------------------------------------------------------------------------------

_counts = st.integers(0, 6)
_OF_ANY: dict[str, list[st.SearchStrategy[Any]]] = {"glom": [], "partitions": [], "count": [], "is_empty": []}
_OF_INTS: dict[str, list[st.SearchStrategy[Any]]] = {
    "count_by_value": [],
    "sum": [],
    "max": [],
    "min": [],
    "reduce": [],
    "tree_reduce": [],
    "fold": [],
    "aggregate": [],
    "tree_aggregate": [],
    "top": [_counts],
    "take_ordered": [_counts],
    "stats": [],
    "histogram": [st.one_of(st.integers(1, 5), st.just([-10, 0, 5, 40]))],
}
_OF_PAIRS: dict[str, list[st.SearchStrategy[Any]]] = {"count_by_key": [], "reduce_by_key_locally": []}
_OF_ORDERED: dict[str, list[st.SearchStrategy[Any]]] = {
    "first": [],
    "take": [_counts],
    "take_sample": [st.booleans(), _counts, seeds],
    "to_local_iterator": [],
}


def _action(state: State) -> st.SearchStrategy[list[Any]]:
    found = dict(_OF_ANY)
    if state.kind == "ints":
        found |= _OF_INTS
    if state.kind == "pairs":
        found |= _OF_PAIRS
        if state.key in {"int", "text"}:
            found["lookup"] = [KEYS[state.key]]
    if state.level == "ordered":
        found |= _OF_ORDERED
        if state.kind == "pairs":
            found["collect_as_map"] = []
    # The partitions themselves are the sharpest question: ask them half of the time.
    names = st.one_of(st.just("glom"), st.sampled_from(sorted(found)))
    return names.flatmap(lambda name: st.tuples(*found[name]).map(lambda drawn: [name, *drawn]))
