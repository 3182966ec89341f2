from __future__ import annotations

import pytest

from streamcore.errors import StreamcoreError
from streamcore.rdd.storagelevel import StorageLevel


def test_nothing_happens_before_an_action(sc, tmp_path):
    calls = sc.accumulator(0)

    def called(x):
        calls.add(1)
        return x

    missing = sc.textFile(str(tmp_path / "missing.txt")).map(called)
    numbers = sc.parallelize([1, 2, 3], 2).map(called).filter(called).flatMap(lambda x: [called(x)]).cache()
    jobs = len(sc.status.jobs())
    assert calls.value == 0
    assert len(sc.status.jobs()) == jobs
    assert numbers.count() == 3
    assert calls.value == 9
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        missing.count()


def test_what_happens_to_the_collection_later_does_not_matter(sc):
    data = [[1], [2]]
    rdd = sc.parallelize(data, 2)
    data[0].append(99)
    data.append([3])
    assert rdd.collect() == [[1], [2]]


@pytest.mark.parametrize("level", [StorageLevel.MEMORY_ONLY, StorageLevel.DISK_ONLY])
def test_who_changes_a_cached_record_changes_a_copy(sc, level):
    rdd = sc.parallelize([[1], [2]], 1).persist(level)
    assert rdd.map(lambda record: record.append(0) or len(record)).collect() == [2, 2]
    assert rdd.map(lambda record: record.append(0) or len(record)).collect() == [2, 2]
    assert rdd.collect() == [[1], [2]]


def test_a_cached_array_can_be_changed_and_stays_as_it_was(sc):
    np = pytest.importorskip("numpy")

    def doubled(array):
        array *= 2
        return float(array.sum())

    rdd = sc.parallelize([np.ones(100_000), np.ones(3)], 1).cache()
    assert rdd.map(doubled).collect() == [200_000.0, 6.0]
    assert rdd.map(doubled).collect() == [200_000.0, 6.0]


def test_a_closure_starts_afresh_in_every_task(sc):
    seen = []

    def remember(x):
        seen.append(x)
        return len(seen)

    assert sc.parallelize([1, 2, 3, 4], 4).map(remember).collect() == [1, 1, 1, 1]
    numbers = sc.parallelize(range(4), 4)
    assert numbers.aggregate([], lambda acc, x: acc.append(x) or acc, lambda a, b: a + b) == [0, 1, 2, 3]
    assert seen == []


def test_transformations_leave_their_parent_alone(sc):
    rdd = sc.parallelize([3, 1, 2], 2)
    rdd.map(lambda x: x * 2).sortBy(lambda x: x).collect()
    assert rdd.collect() == [3, 1, 2]


def test_a_random_sample_is_the_same_each_time(sc):
    sample = sc.parallelize(range(1000), 4).sample(withReplacement=False, fraction=0.1, seed=5)
    assert sample.collect() == sample.collect()
    unseeded = sc.parallelize(range(1000), 4).sample(withReplacement=True, fraction=0.5)
    assert unseeded.collect() == unseeded.collect()


def test_an_rdd_or_context_in_a_task_is_refused_with_the_way_out(sc):
    rdd = sc.parallelize([1])
    with pytest.raises(StreamcoreError, match="belongs to the driver"):
        sc.parallelize([1]).map(lambda x: rdd.count() + x).collect()
    with pytest.raises(StreamcoreError, match="belongs to the driver"):
        sc.parallelize([1]).map(lambda x: sc).collect()


def test_a_function_that_raises_stop_iteration_fails_the_job(sc):
    def stop(x):
        if x == 2:
            raise StopIteration
        return x

    for rdd in (sc.parallelize([1, 2, 3], 1).map(stop), sc.parallelize([1, 2], 1).filter(stop)):
        with pytest.raises(StreamcoreError, match="StopIteration"):
            rdd.collect()
