"""Where records go: as PySpark puts them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.rdd.data import slices
from streamcore.rdd.partitioner import Partitioner, portable_hash, siphash13
from streamcore.rdd.shuffle.start import start_position


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, 0),
        (7, 7),
        (-1, -2),
        (True, 1),
        ((None, 1), -1),
        ((), 0x345678),
    ],
)
def test_hashes_of_keys_without_text(key, expected):
    if expected == -1:
        assert portable_hash(key) & 0xFFFFFFFF == 219750521
    else:
        assert portable_hash(key) == expected


TEXTS = ["", "a", "abcdefgh", "streamcore", "\u00fcn\u00ef", "\u65e5\u672c\u8a9ex", "\U0001f600a", "x" * 1000]


def test_text_hashes_as_in_an_interpreter_with_seed_zero():
    code = f"print([hash(t) for t in {TEXTS!r}] + [hash(b'abc'), hash(b'')])"
    shown = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True
    ).stdout
    assert str([*map(portable_hash, TEXTS), siphash13(b"abc"), siphash13(b"")]) == shown.strip()


def test_driver_and_workers_agree_on_the_hash_of_text(sc):
    keys = [*TEXTS, ("a", None, 2), b"bytes", 3.5]
    assert sc.parallelize(keys, 2).map(portable_hash).collect() == [portable_hash(key) for key in keys]


@given(st.lists(st.one_of(st.integers(), st.text(max_size=5), st.none(), st.floats(allow_nan=False))))
def test_partitions_of_many_keys_are_those_of_each(keys):
    partitioner = Partitioner(5, portable_hash)
    assert partitioner.of_all(keys) == [partitioner(key) for key in keys]


def test_a_list_is_sliced_at_batches(sc):
    assert sc.parallelize([0, 1, 2, 3, 4], 3).glom().collect() == [[0], [1, 2], [3, 4]]
    assert sc.parallelize(list(range(10)), 4).glom().collect() == [[0, 1], [2, 3], [4, 5], [6, 7, 8, 9]]


@given(st.lists(st.integers(), max_size=50), st.integers(min_value=1, max_value=8))
def test_slices_lose_nothing(records, partitions):
    parts = slices(records, partitions)
    assert len(parts) == partitions
    assert [record for part in parts for record in part] == records


def test_partition_by(sc):
    parts = sc.parallelize([(i, i) for i in range(6)], 2).partitionBy(3).glom().collect()
    assert parts == [[(0, 0), (3, 3)], [(1, 1), (4, 4)], [(2, 2), (5, 5)]]


def test_partitioning_alike_moves_nothing_again(sc):
    pairs = sc.parallelize([(i % 5, i) for i in range(20)], 3).partitionBy(4)
    assert pairs.partitionBy(4) is pairs
    assert pairs.mapValues(str).partitioner == pairs.partitioner
    assert pairs.map(lambda kv: kv).partitioner is None
    joined = pairs.join(pairs.mapValues(str))
    assert joined.getNumPartitions() == 4
    before = len(sc.status.stages())
    assert joined.count() == 80
    assert len(sc.status.stages()) - before == 2, "one map stage for partitionBy, one result stage"


def test_range_partitions_are_sorted_within_and_between(sc):
    parts = sc.parallelize([5, 3, 8, 1, 9, 2, 7], 3).sortBy(lambda x: x).glom().collect()
    assert len(parts) == 3
    assert [x for part in parts for x in part] == [1, 2, 3, 5, 7, 8, 9]


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("partitions", [1, 2, 5])
def test_sort_is_stable(sc, ascending, partitions):
    pairs = [(i * 7 % 4, i) for i in range(40)]
    found = sc.parallelize(pairs, 3).sortByKey(ascending, partitions).collect()
    assert found == sorted(pairs, key=lambda pair: pair[0], reverse=not ascending)


def test_lookup_runs_one_task_where_the_partitioning_is_known(sc):
    pairs = sc.parallelize([(str(i), i) for i in range(20)], 4).partitionBy(4)
    assert pairs.lookup("13") == [13]
    assert sc.status.stages()[-1].num_tasks == 1


def test_coalesce_and_repartition(sc):
    numbers = sc.parallelize(range(12), 6)
    assert numbers.coalesce(4).glom().collect() == [[0, 1], [2, 3, 4, 5], [6, 7], [8, 9, 10, 11]]
    assert numbers.coalesce(9).getNumPartitions() == 6
    spread = sc.parallelize(range(400), 2).repartition(8).glom().map(len).collect()
    assert sum(spread) == 400
    assert max(spread) - min(spread) <= 20
    with pytest.raises(ValueError, match="positive"):
        numbers.coalesce(0)


@pytest.mark.parametrize(
    ("map_partition", "partitions", "first"),
    [(0, 2, 1), (0, 3, 0), (0, 7, 3), (1, 2, 1), (1, 3, 1), (1, 7, 6), (3, 7, 0), (4, 2, 0), (4, 7, 2)],
)
def test_repartition_starts_to_deal_where_spark_does(map_partition, partitions, first):
    assert (start_position(map_partition, partitions) + 1) % partitions == first
