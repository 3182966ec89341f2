"""A program is JSON: data, steps over an RDD, an action. Either engine's context can run one.

    {"data": [...], "slices": 3, "steps": [["map_add", 1], ["distinct", 2]],
     "action": ["glom"], "level": "placed"}

The level says what PySpark defines of the result: `ordered` (which partition, in which order), `placed`
(which partition) or `loose` (neither); the answer leaves out what is not defined.
"""

from __future__ import annotations

import json
import math
from functools import partial
from operator import add
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Program = dict[str, Any]

LEVELS = ("ordered", "placed", "loose")


def answer(context: Any, program: Program) -> Any:
    """Return what the program gives as plain JSON; `{"error": ...}` names what it raises."""
    try:
        rdd = source(context, program)
        for name, *arguments in program["steps"]:
            rdd = STEPS[name](context, rdd, *arguments)
        name, *arguments = program["action"]
        return ACTIONS[name](rdd, program["level"], *arguments)
    except Exception as error:
        return {"error": error_name(error)}


def error_name(error: Exception) -> str:
    """Return the class of the error; the same for what either engine raises when a task failed."""
    name = type(error).__name__
    return "JobFailed" if name == "Py4JJavaError" else name


def source(context: Any, described: dict[str, Any]) -> Any:
    """Return the RDD of a program's data, or of a second RDD that a step needs."""
    return context.parallelize([unplain(record) for record in described["data"]], described["slices"])


def plain(value: Any) -> Any:
    """Return a value as JSON that tells tuples from lists; floats to nine digits."""
    if isinstance(value, tuple):
        return {"t": [plain(item) for item in value]}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {"d": arranged([plain(item) for item in value.items()])}
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else {"f": str(value)}
    if hasattr(value, "item"):
        return plain(value.item())
    return value


def unplain(value: Any) -> Any:
    """Return the value that `plain` was given; of the kinds that data consist of."""
    if isinstance(value, dict):
        return tuple(unplain(item) for item in value["t"])
    return [unplain(item) for item in value] if isinstance(value, list) else value


def arranged(values: list[Any]) -> list[Any]:
    """Return plain values in an order that depends on nothing but them."""
    return sorted(values, key=partial(json.dumps, sort_keys=True))


# ---- steps: functions of records must be found by name in workers ----------------------------------


def _below(m: int, x: int) -> range:
    return range(x % m)


def _divisible(m: int, x: int) -> bool:
    return x % m == 0


def _modulo(m: int, x: int) -> int:
    return x % m


def _length_key(m: int, text: str) -> str:
    return text[:m]


def _sum_of(records: Iterator[int]) -> list[int]:
    return [sum(records)]


def _with_split(split: int, records: Iterator[Any]) -> Iterator[Any]:
    return ((split, x) for x in records)


def _swapped(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    return pair[1], pair[0]


def _count_and_sum(so_far: tuple[int, int], x: int) -> tuple[int, int]:
    return so_far[0] + 1, so_far[1] + x


def _both(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    return a[0] + b[0], a[1] + b[1]


def _first_count(x: int) -> tuple[int, int]:
    return 1, x


def _mixed(pair: tuple[int | None, int | None]) -> int:
    left, right = pair
    return (-7 if left is None else left) * 31 + (-9 if right is None else right)


def _listed(groups: Any) -> list[list[Any]]:
    return [sorted(group) for group in groups]


def _flat(groups: list[list[int]]) -> list[int]:
    return [x for group in groups for x in group]


def _size(values: Any) -> int:
    return len(values)


def _second_digit(key: int) -> int:
    return key // 10


class _Halves(dict[Any, float]):
    """One half for any key."""

    def __missing__(self, key: Any) -> float:
        return 0.5


_HALF_OF_EACH = _Halves({0: 0.9})


def _identity(x: Any) -> Any:
    return x


STEPS: dict[str, Callable[..., Any]] = {
    "map_add": lambda sc, rdd, k: rdd.map(partial(add, k)),
    "filter_divisible": lambda sc, rdd, m: rdd.filter(partial(_divisible, m)),
    "flat_map_below": lambda sc, rdd, m: rdd.flatMap(partial(_below, m)),
    "sum_partitions": lambda sc, rdd: rdd.mapPartitions(_sum_of),
    "with_split": lambda sc, rdd: rdd.mapPartitionsWithIndex(_with_split),
    "distinct": lambda sc, rdd, n: rdd.distinct(n),
    "sample": lambda sc, rdd, again, fraction, seed: rdd.sample(again, fraction, seed),
    "random_split": lambda sc, rdd, which, seed: rdd.randomSplit([1.0, 2.5], seed)[which],
    "union": lambda sc, rdd, other: rdd.union(source(sc, other)),
    "union_self": lambda sc, rdd: rdd.union(rdd),
    "intersection": lambda sc, rdd, other: rdd.intersection(source(sc, other)),
    "subtract": lambda sc, rdd, other, n: rdd.subtract(source(sc, other), n),
    "cartesian": lambda sc, rdd, other: rdd.cartesian(source(sc, other)),
    "sort_by": lambda sc, rdd, up, n: rdd.sortBy(_identity, up, n),
    "coalesce": lambda sc, rdd, n: rdd.coalesce(n),
    "repartition": lambda sc, rdd, n: rdd.repartition(n),
    "key_by_modulo": lambda sc, rdd, m: rdd.keyBy(partial(_modulo, m)),
    "key_by_prefix": lambda sc, rdd, m: rdd.keyBy(partial(_length_key, m)).mapValues(_size),
    "zip_with_index": lambda sc, rdd: rdd.zipWithIndex(),
    "zip_with_unique_id": lambda sc, rdd: rdd.zipWithUniqueId(),
    "zip_self": lambda sc, rdd: rdd.zip(rdd.map(partial(add, 1))),
    "group_by_modulo": lambda sc, rdd, m, n: rdd.groupBy(partial(_modulo, m), n).mapValues(sorted),
    # ---- pairs ----
    "reduce_by_key": lambda sc, rdd, n: rdd.reduceByKey(add, n),
    "fold_by_key": lambda sc, rdd, n: rdd.foldByKey(0, add, n),
    "max_by_key": lambda sc, rdd, n: rdd.reduceByKey(max, n),
    "count_by_aggregate": lambda sc, rdd, n: rdd.aggregateByKey((0, 0), _count_and_sum, _both, n).mapValues(
        list
    ),
    "count_by_combine": lambda sc, rdd, n: rdd.combineByKey(_first_count, _count_and_sum, _both, n).mapValues(
        list
    ),
    "group_by_key": lambda sc, rdd, n: rdd.groupByKey(n).mapValues(sorted),
    "map_values_add": lambda sc, rdd, k: rdd.mapValues(partial(add, k)),
    "flat_map_values": lambda sc, rdd, m: rdd.flatMapValues(partial(_below, m)),
    "keys": lambda sc, rdd: rdd.keys(),
    "values": lambda sc, rdd: rdd.values(),
    "swap": lambda sc, rdd: rdd.map(_swapped),
    "partition_by": lambda sc, rdd, n: rdd.partitionBy(n),
    "partition_by_tens": lambda sc, rdd, n: rdd.partitionBy(n, _second_digit),
    "sort_by_key": lambda sc, rdd, up, n: rdd.sortByKey(up, n),
    "repartition_and_sort": lambda sc, rdd, n: rdd.repartitionAndSortWithinPartitions(n),
    "sample_by_key": lambda sc, rdd, again, seed: rdd.sampleByKey(again, _HALF_OF_EACH, seed),
    "subtract_by_key": lambda sc, rdd, other, n: rdd.subtractByKey(source(sc, other), n),
    "join": lambda sc, rdd, other, n: rdd.join(source(sc, other), n).mapValues(_mixed),
    "left_join": lambda sc, rdd, other, n: rdd.leftOuterJoin(source(sc, other), n).mapValues(_mixed),
    "right_join": lambda sc, rdd, other, n: rdd.rightOuterJoin(source(sc, other), n).mapValues(_mixed),
    "full_join": lambda sc, rdd, other, n: rdd.fullOuterJoin(source(sc, other), n).mapValues(_mixed),
    "join_self": lambda sc, rdd: rdd.join(rdd).mapValues(_mixed),
    "cogroup": lambda sc, rdd, other, n: rdd.cogroup(source(sc, other), n).mapValues(_listed),
    # ---- pairs whose values are lists ----
    "sizes": lambda sc, rdd: rdd.mapValues(_size),
    "flattened": lambda sc, rdd: rdd.flatMapValues(_identity),
    "flattened_twice": lambda sc, rdd: rdd.flatMapValues(_flat),
}


# ---- actions ---------------------------------------------------------------------------------------


def glom(rdd: Any, level: str) -> Any:
    """Return the partitions, as far as they are defined."""
    parts = [plain(part) for part in rdd.glom().collect()]
    if level == "ordered":
        return parts
    if level == "placed":
        return [arranged(part) for part in parts]
    return arranged([record for part in parts for record in part])


def _unordered(call: Callable[..., Any]) -> Callable[..., Any]:
    return lambda rdd, level, *arguments: plain(call(rdd, *arguments))


def _stats(rdd: Any) -> dict[str, float]:
    found = rdd.map(float).stats()
    return {"count": found.count(), "mean": found.mean(), "max": found.max(), "stdev": found.stdev()}


ACTIONS: dict[str, Callable[..., Any]] = {
    "glom": glom,
    "partitions": _unordered(lambda rdd: rdd.getNumPartitions()),
    "count": _unordered(lambda rdd: rdd.count()),
    "is_empty": _unordered(lambda rdd: rdd.isEmpty()),
    "count_by_value": _unordered(lambda rdd: dict(rdd.countByValue())),
    "count_by_key": _unordered(lambda rdd: dict(rdd.countByKey())),
    "sum": _unordered(lambda rdd: rdd.sum()),
    "max": _unordered(lambda rdd: rdd.max()),
    "min": _unordered(lambda rdd: rdd.min()),
    "reduce": _unordered(lambda rdd: rdd.reduce(add)),
    "tree_reduce": _unordered(lambda rdd: rdd.treeReduce(add, 3)),
    "fold": _unordered(lambda rdd: rdd.fold(0, add)),
    "aggregate": _unordered(lambda rdd: rdd.aggregate((0, 0), _count_and_sum, _both)),
    "tree_aggregate": _unordered(lambda rdd: rdd.treeAggregate((0, 0), _count_and_sum, _both)),
    "top": _unordered(lambda rdd, k: rdd.top(k)),
    "take_ordered": _unordered(lambda rdd, k: rdd.takeOrdered(k)),
    "stats": _unordered(_stats),
    "histogram": _unordered(lambda rdd, buckets: rdd.histogram(buckets)),
    "lookup": _unordered(lambda rdd, key: sorted(rdd.lookup(key))),
    "reduce_by_key_locally": _unordered(lambda rdd: rdd.reduceByKeyLocally(add)),
    # ---- those that depend on the order ----
    "first": _unordered(lambda rdd: rdd.first()),
    "take": _unordered(lambda rdd, k: rdd.take(k)),
    "take_sample": _unordered(lambda rdd, again, k, seed: rdd.takeSample(again, k, seed)),
    "collect_as_map": _unordered(lambda rdd: rdd.collectAsMap()),
    "to_local_iterator": _unordered(lambda rdd: list(rdd.toLocalIterator())),
}
