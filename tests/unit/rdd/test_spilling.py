"""Shuffles and sorts that do not fit into memory give the same answers."""

from __future__ import annotations

from operator import add

import pytest

from streamcore.rdd.storagelevel import StorageLevel


def spilled(context) -> int:
    job = context.status.jobs()[-1]
    return sum(context.status.stage(stage_id).metrics.spilled_bytes for stage_id in job.stage_ids)


@pytest.fixture(scope="module")
def pairs(tiny):
    return tiny.parallelize([(f"key-{i * 7919 % 20011}", i) for i in range(60_000)], 3)


def expected_sums() -> dict[str, int]:
    sums: dict[str, int] = {}
    for i in range(60_000):
        key = f"key-{i * 7919 % 20011}"
        sums[key] = sums.get(key, 0) + i
    return sums


def test_reduce_by_key(tiny, pairs):
    assert pairs.reduceByKey(add).collectAsMap() == expected_sums()
    assert spilled(tiny) > 0


def test_group_by_key_keeps_the_order_of_values(tiny, pairs):
    grouped = pairs.groupByKey().mapValues(list).collectAsMap()
    assert grouped["key-0"] == [i for i in range(60_000) if i * 7919 % 20011 == 0]
    assert {key: sum(values) for key, values in grouped.items()} == expected_sums()
    assert spilled(tiny) > 0


@pytest.mark.parametrize("ascending", [True, False])
def test_sort(tiny, ascending):
    records = [(i * 7919 % 1009, i) for i in range(60_000)]
    found = tiny.parallelize(records, 3).sortByKey(ascending, 4).collect()
    assert found == sorted(records, key=lambda pair: pair[0], reverse=not ascending)
    assert spilled(tiny) > 0


@pytest.mark.parametrize("ascending", [True, False])
def test_sort_into_one_partition(tiny, ascending):
    records = [(i * 7919 % 1009, i) for i in range(60_000)]
    found = tiny.parallelize(records, 1).sortByKey(ascending, 1).collect()
    assert found == sorted(records, key=lambda pair: pair[0], reverse=not ascending)
    assert spilled(tiny) > 0


def test_join(tiny):
    left = tiny.parallelize([(i, i) for i in range(20_000)], 2)
    right = tiny.parallelize([(i, -i) for i in range(0, 40_000, 2)], 2)
    assert sorted(left.join(right, 2).collect()) == [(i, (i, -i)) for i in range(0, 20_000, 2)]
    assert spilled(tiny) > 0


def test_partition_by_and_repartition(tiny):
    pairs = tiny.parallelize([(i, str(i)) for i in range(60_000)], 2)
    assert sorted(pairs.partitionBy(3).collect()) == [(i, str(i)) for i in range(60_000)]
    assert sorted(tiny.parallelize(range(60_000), 2).repartition(3).collect()) == list(range(60_000))
    within = pairs.repartitionAndSortWithinPartitions(2, ascending=False).glom().collect()
    assert within == [
        [(i, str(i)) for i in range(59_998, -1, -2)],
        [(i, str(i)) for i in range(59_999, 0, -2)],
    ]


def test_what_does_not_fit_into_memory_is_computed_again_or_kept_on_disk(tiny):
    calls = tiny.accumulator(0)

    def called(x):
        calls.add(1)
        return x

    records = [f"record-{i}" for i in range(20_000)]
    memory = tiny.parallelize(records, 1).map(called).persist(StorageLevel.MEMORY_ONLY)
    assert memory.collect() == records
    assert memory.collect() == records
    assert calls.value == 40_000
    disk = tiny.parallelize(records, 1).map(called).persist(StorageLevel.MEMORY_AND_DISK)
    assert disk.collect() == records
    assert disk.collect() == records
    assert calls.value == 60_000


def test_the_least_recently_used_rdd_makes_room(tiny):
    calls = tiny.accumulator(0)

    def called(x):
        calls.add(1)
        return x

    first, second = (
        tiny.parallelize([f"{name}{i}" for i in range(2_500)], 1).map(called).cache() for name in "ab"
    )
    assert first.count() == second.count() == 2_500
    assert second.count() == 2_500
    assert calls.value == 5_000, "the second was kept"
    first.count()
    assert calls.value == 7_500, "the first had made room"
    first.unpersist()
    second.unpersist()
