"""Workers that die, and data that are lost or damaged: a retry, never the job."""

from __future__ import annotations

import os
import signal
import threading
from operator import add
from pathlib import Path

import pytest

from streamcore.conf import Conf
from streamcore.context import Context
from streamcore.rdd.storagelevel import StorageLevel
from streamcore.rdd.taskcontext import TaskContext
from streamcore.scheduler.errors import JobFailed
from streamcore.scheduler.status import StageStatus, TaskStatus


def die_once(marker: Path, x: int) -> int:
    if x == 3 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def current_attempt() -> int:
    task = TaskContext.get()
    assert task is not None
    return task.attemptNumber()


def stages_of_last_job(sc):
    job = sc.status.jobs()[-1]
    return [sc.status.stage(stage_id) for stage_id in job.stage_ids]


def test_a_killed_worker_costs_its_task_a_retry(sc, tmp_path):
    marker = tmp_path / "died"
    numbers = sc.parallelize(range(8), 4).map(lambda x: die_once(marker, x))
    assert numbers.collect() == list(range(8))
    (stage,) = stages_of_last_job(sc)
    assert [task.status for task in stage.tasks].count(TaskStatus.FAILED) == 1
    assert "signal 9" in next(task.error for task in stage.tasks if task.error)


def test_shuffle_output_outlives_the_worker_that_wrote_it(sc, tmp_path):
    marker = tmp_path / "died"
    sums = sc.parallelize([(i % 4, i) for i in range(40)], 4).reduceByKey(add)
    found = sums.map(lambda kv: (die_once(marker, kv[0]), kv[1])).collectAsMap()
    assert found == {key: sum(range(key, 40, 4)) for key in range(4)}
    maps, result = stages_of_last_job(sc)
    assert len(maps.tasks) == 4, "no map task ran again"
    assert len(result.tasks) == 5


def test_a_function_that_always_kills_its_worker_ends_the_job_with_the_reason(sc):
    with pytest.raises(JobFailed, match="signal 9"):
        sc.parallelize([1], 1).foreach(lambda _: os.kill(os.getpid(), signal.SIGKILL))
    assert sc.parallelize([1, 2]).sum() == 3


def test_accumulators_count_each_task_once_however_often_it_was_tried(folder, tmp_path):
    conf = Conf(loadDefaults=False).set("spark.local.dir", folder).set("spark.task.maxFailures", "3")
    marker = tmp_path / "failed"

    def flaky(x: int) -> None:
        seen.add(1)
        if x == 5 and not marker.exists():
            marker.touch()
            raise OSError("once")

    with Context("local[2]", "retries", conf=conf) as sc:
        seen = sc.accumulator(0)
        sc.parallelize(range(10), 3).foreach(flaky)
        assert seen.value == 10
        attempts = sc.parallelize([0], 1).mapPartitions(lambda _: [current_attempt()])
        assert attempts.collect() == [0]


def test_a_damaged_shuffle_file_sends_only_its_map_task_back(sc, folder):
    sums = sc.parallelize([(i % 4, i) for i in range(40)], 4).reduceByKey(add)
    expected = sums.collectAsMap()
    damaged = min(folder.glob("*/shuffle-*/2-*.data"))
    content = bytearray(damaged.read_bytes())
    content[-3] ^= 0xFF
    damaged.write_bytes(content)
    assert sums.collectAsMap() == expected
    maps, _ = stages_of_last_job(sc)
    assert [task.partition for task in maps.tasks] == [2]


def test_deleted_shuffle_files_are_written_again(sc, folder):
    sums = sc.parallelize([(i % 4, i) for i in range(40)], 4).reduceByKey(add)
    expected = sums.collectAsMap()
    for file in folder.glob("*/shuffle-*/[01]-*.data"):
        file.unlink()
    assert sums.collectAsMap() == expected
    maps, _ = stages_of_last_job(sc)
    assert sorted({task.partition for task in maps.tasks}) == [0, 1]


def test_a_damaged_block_on_disk_is_computed_again_and_only_that(sc, folder):
    calls = sc.accumulator(0)

    def called(x):
        calls.add(1)
        return x

    rdd = sc.parallelize(range(12), 4).map(called).persist(StorageLevel.DISK_ONLY)
    assert rdd.sum() == 66
    assert rdd.sum() == 66
    assert calls.value == 12
    (block,) = folder.glob("*/worker-*/rdd-*-1.block")
    block.write_bytes(block.read_bytes()[:-1])
    assert rdd.sum() == 66
    assert calls.value == 15


def test_the_blocks_of_a_killed_worker_are_computed_again_and_only_those(sc):
    calls = sc.accumulator(0)

    def called(x):
        calls.add(1)
        return x

    rdd = sc.parallelize(range(8), 4).map(called).cache()
    workers = rdd.mapPartitions(lambda it: [(os.getpid(), len(list(it)))]).collect()
    assert calls.value == 8
    victim = workers[0][0]
    lost = sum(count for worker, count in workers if worker == victim)
    os.kill(victim, signal.SIGKILL)
    assert rdd.sum() == 28
    assert calls.value == 8 + lost


def test_a_stage_whose_shuffle_output_stands_is_skipped(sc):
    sums = sc.parallelize([(i % 4, i) for i in range(40)], 4).reduceByKey(add)
    sums.collect()
    sums.mapValues(str).collect()
    maps, result = stages_of_last_job(sc)
    assert maps.status is StageStatus.SKIPPED
    assert result.status is StageStatus.COMPLETE


def test_the_shuffle_behind_a_lost_cached_partition_is_read_again(sc):
    summed = sc.parallelize([(i % 4, i) for i in range(40)], 4).reduceByKey(add).cache()
    expected = summed.collectAsMap()
    pids = summed.mapPartitions(lambda it: [os.getpid()]).collect()
    os.kill(pids[0], signal.SIGKILL)
    assert summed.collectAsMap() == expected


def test_a_value_that_cannot_be_pickled_is_a_clear_error(sc):
    with pytest.raises(JobFailed, match="pickle"):
        sc.parallelize([1]).map(lambda _: threading.Lock()).collect()
