"""The DAG scheduler, without a thread, a clock or a worker."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.scheduler.dag import DagScheduler
from streamcore.scheduler.errors import JobFailed
from streamcore.scheduler.model import (
    BlocksForgotten,
    CountUpdates,
    Event,
    FetchFailed,
    Instruction,
    JobEnded,
    JobSpec,
    JobSubmitted,
    JobWithdrawn,
    Kill,
    Launch,
    ResultReady,
    StageSkipped,
    StageSpec,
    StageStarted,
    TaskFailed,
    TaskFailure,
    TaskSucceeded,
    Ticked,
    WakeAt,
    WorkerGone,
    WorkerJoined,
)
from streamcore.scheduler.places import BlockId, MapStatus


@dataclass
class Driver:
    """Feeds a scheduler and remembers what it said."""

    dag: DagScheduler = field(default_factory=DagScheduler)
    now: float = 0.0
    said: list[Instruction] = field(default_factory=list)
    running: dict[int, Launch] = field(default_factory=dict)

    def tell(self, event: Event) -> list[Instruction]:
        said = self.dag.handle(event, self.now)
        self.dag.check()
        self.said += said
        for instruction in said:
            if isinstance(instruction, Launch):
                self.running[instruction.task_id] = instruction
        return said

    def join(self, *workers: int) -> None:
        for worker in workers:
            self.tell(WorkerJoined(worker))

    def launches(self) -> list[tuple[int, int]]:
        return [(launch.stage_id, launch.partition) for launch in self.running.values()]

    def succeed(self, stage: int, partition: int, **more) -> list[Instruction]:
        launch = self._take(stage, partition)
        value = more.pop("value", MapStatus(f"{stage}/{partition}/{launch.task_id}", ((0, 1),)))
        return self.tell(TaskSucceeded(launch.task_id, value, **more))

    def fail(self, stage: int, partition: int) -> list[Instruction]:
        return self.tell(TaskFailed(self._take(stage, partition).task_id, TaskFailure("boom", "trace")))

    def lose_input(self, stage: int, partition: int, shuffle: int, *paths: str) -> list[Instruction]:
        launch = self._take(stage, partition)
        return self.tell(FetchFailed(launch.task_id, shuffle, paths, "damaged"))

    def _take(self, stage: int, partition: int) -> Launch:
        for task_id, launch in self.running.items():
            if (launch.stage_id, launch.partition) == (stage, partition):
                return self.running.pop(task_id)
        raise AssertionError(f"task {partition} of stage {stage} does not run")

    def of(self, kind: type) -> list[Any]:
        return [instruction for instruction in self.said if isinstance(instruction, kind)]


def two_stages(job: int = 0, first_stage: int = 0, maps: int = 2, reduces: int = 2) -> JobSpec:
    map_stage = StageSpec(first_stage, tuple(range(maps)), shuffle=7)
    result = StageSpec(first_stage + 1, tuple(range(reduces)), parents=(7,), needs=(7,))
    return JobSpec(job, result, {7: map_stage})


def one_stage(job: int = 0, stage: int = 0, partitions: int = 2, **more) -> JobSpec:
    return JobSpec(job, StageSpec(stage, tuple(range(partitions)), **more))


def test_a_stage_waits_for_the_shuffle_it_reads():
    driver = Driver()
    driver.join(0, 1, 2)
    driver.tell(JobSubmitted(two_stages()))
    assert driver.launches() == [(0, 0), (0, 1)]
    driver.succeed(0, 0)
    assert driver.launches() == [(0, 1)]
    driver.succeed(0, 1)
    assert driver.launches() == [(1, 0), (1, 1)]
    driver.succeed(1, 1, value="b")
    driver.succeed(1, 0, value="a")
    assert [(ready.partition, ready.value) for ready in driver.of(ResultReady)] == [(1, "b"), (0, "a")]
    assert driver.of(JobEnded) == [JobEnded(0, None)]


def test_no_more_tasks_run_than_there_are_workers():
    driver = Driver()
    driver.tell(JobSubmitted(one_stage(partitions=3)))
    assert driver.launches() == []
    driver.join(0)
    assert driver.launches() == [(0, 0)]
    driver.succeed(0, 0)
    assert driver.launches() == [(0, 1)]


def test_a_map_stage_whose_output_stands_is_skipped():
    driver = Driver()
    driver.join(0, 1)
    driver.tell(JobSubmitted(two_stages()))
    for stage in (0, 1):
        for partition in (0, 1):
            driver.succeed(stage, partition)
    driver.tell(JobSubmitted(two_stages(job=1, first_stage=2)))
    assert driver.of(StageSkipped) == [StageSkipped(2)]
    assert driver.launches() == [(3, 0), (3, 1)]


def test_two_jobs_share_a_map_stage_that_runs():
    driver = Driver()
    driver.join(0, 1)
    driver.tell(JobSubmitted(two_stages()))
    driver.tell(JobSubmitted(two_stages(job=1, first_stage=2)))
    driver.tell(JobWithdrawn(0, RuntimeError("cancelled")))
    driver.succeed(0, 0)
    driver.succeed(0, 1)
    assert driver.launches() == [(3, 0), (3, 1)]


def test_a_failed_task_is_tried_again_as_often_as_allowed():
    driver = Driver(DagScheduler(max_failures=3))
    driver.join(0)
    driver.tell(JobSubmitted(one_stage(partitions=1)))
    driver.fail(0, 0)
    driver.fail(0, 0)
    assert [launch.attempt for launch in driver.of(Launch)] == [0, 1, 2]
    driver.fail(0, 0)
    (ended,) = driver.of(JobEnded)
    assert isinstance(ended.error, JobFailed)
    assert "failed 3 times" in str(ended.error)
    assert "trace" in str(ended.error)


def test_the_other_tasks_of_a_failed_job_are_killed_and_their_workers_stay_busy_until_gone():
    driver = Driver()
    driver.join(0, 1)
    driver.tell(JobSubmitted(one_stage()))
    driver.fail(0, 0)
    (kill,) = driver.of(Kill)
    driver.tell(JobSubmitted(one_stage(job=1, stage=1)))
    assert len([stage for stage, _ in driver.launches() if stage == 1]) == 1
    driver.tell(WorkerGone(kill.worker, "killed"))
    driver.join(2)
    assert len([stage for stage, _ in driver.launches() if stage == 1]) == 2


def test_a_lost_worker_costs_a_retry_and_not_the_job():
    driver = Driver(DagScheduler(max_failures=1))
    driver.join(0, 1)
    driver.tell(JobSubmitted(one_stage()))
    driver.tell(WorkerGone(0, "signal 9"))
    driver.join(2)
    assert [(launch.worker, launch.partition, launch.attempt) for launch in driver.of(Launch)] == [
        (0, 0, 0),
        (1, 1, 0),
        (2, 0, 1),
    ]
    assert not driver.of(JobEnded)


def test_a_task_that_kills_every_worker_ends_the_job():
    driver = Driver(DagScheduler(max_losses=4))
    driver.tell(JobSubmitted(one_stage(partitions=1)))
    for worker in range(4):
        driver.join(worker)
        driver.tell(WorkerGone(worker, "out of memory"))
    (ended,) = driver.of(JobEnded)
    assert "out of memory" in str(ended.error)


def test_only_the_lost_map_output_is_computed_again():
    driver = Driver()
    driver.join(0, 1)
    driver.tell(JobSubmitted(two_stages(maps=3)))
    for partition in range(3):
        driver.succeed(0, partition)
    lost = driver.dag.outputs(7)[1].path
    driver.lose_input(1, 0, 7, lost)
    assert driver.launches() == [(1, 1), (0, 1)]
    driver.succeed(0, 1)
    assert driver.launches() == [(1, 1), (1, 0)]
    assert [started.num_tasks for started in driver.of(StageStarted)] == [3, 2, 1, 1]


def test_two_reports_of_one_loss_compute_it_again_once():
    driver = Driver()
    driver.join(0, 1)
    driver.tell(JobSubmitted(two_stages()))
    driver.succeed(0, 0)
    driver.succeed(0, 1)
    lost = driver.dag.outputs(7)[0].path
    driver.lose_input(1, 0, 7, lost)
    driver.succeed(0, 0)
    driver.lose_input(1, 1, 7, lost)
    assert driver.launches() == [(1, 0), (1, 1)]


def test_input_that_is_lost_over_and_over_ends_the_job():
    driver = Driver(DagScheduler(max_fetch_failures=2))
    driver.join(0)
    driver.tell(JobSubmitted(two_stages(maps=1, reduces=1)))
    for _ in range(2):
        driver.succeed(0, 0)
        driver.lose_input(1, 0, 7, driver.dag.outputs(7)[0].path)
    (ended,) = driver.of(JobEnded)
    assert "lost too often" in str(ended.error)


def test_a_task_goes_to_the_worker_that_holds_its_block_and_waits_for_it_a_while():
    blocks = {0: [BlockId(5, 0)], 1: [BlockId(5, 1)]}
    driver = Driver(DagScheduler(locality_wait=3.0))
    driver.join(0, 1)
    driver.tell(JobSubmitted(one_stage(blocks=blocks)))
    driver.succeed(0, 0, stored=(BlockId(5, 0), BlockId(5, 1)))
    driver.succeed(0, 1)
    driver.tell(JobSubmitted(one_stage(job=1, stage=1, blocks=blocks)))
    assert [(launch.worker, launch.partition) for launch in driver.running.values()] == [(0, 0)]
    assert WakeAt(3.0) in driver.said
    driver.now = 3.0
    driver.tell(Ticked())
    assert [(launch.worker, launch.partition) for launch in driver.running.values()] == [(0, 0), (1, 1)]


def test_what_will_be_cached_is_spread_evenly():
    blocks = {partition: [BlockId(5, partition)] for partition in range(4)}
    driver = Driver()
    driver.join(0, 1)
    driver.tell(JobSubmitted(one_stage(partitions=4, blocks=blocks)))
    driver.succeed(0, 0)
    driver.succeed(0, 2)
    driver.succeed(0, 1)
    assert [(launch.worker, launch.partition) for launch in driver.of(Launch)] == [
        (0, 0),
        (1, 1),
        (0, 2),
        (1, 3),
    ]


def test_it_is_spread_evenly_even_when_a_worker_joins_late():
    blocks = {partition: [BlockId(5, partition)] for partition in range(4)}
    driver = Driver(DagScheduler(workers=2))
    driver.join(0)
    driver.tell(JobSubmitted(one_stage(partitions=4, blocks=blocks)))
    driver.succeed(0, 0)
    driver.succeed(0, 2)
    assert driver.launches() == []
    driver.join(1)
    assert driver.launches() == [(0, 1)]
    driver.succeed(0, 1)
    assert [launch.worker for launch in driver.of(Launch)] == [0, 0, 1, 1]


def test_a_worker_that_never_joins_is_not_waited_for():
    driver = Driver(DagScheduler(workers=2, locality_wait=3.0))
    driver.join(0)
    driver.tell(JobSubmitted(one_stage(partitions=2, blocks={1: [BlockId(5, 1)]})))
    driver.succeed(0, 0)
    assert driver.launches() == []
    driver.now = 3.0
    driver.tell(Ticked())
    assert driver.launches() == [(0, 1)]


def test_blocks_of_a_lost_worker_and_of_an_unpersisted_rdd_are_forgotten():
    driver = Driver()
    driver.join(0, 1)
    driver.tell(JobSubmitted(one_stage()))
    driver.succeed(0, 0, stored=(BlockId(5, 0), BlockId(6, 0)))
    driver.succeed(0, 1, stored=(BlockId(5, 1), BlockId(6, 1)))
    driver.tell(WorkerGone(0, "killed"))
    assert driver.dag.held_blocks() == {BlockId(5, 1): 1, BlockId(6, 1): 1}
    driver.tell(BlocksForgotten(5))
    assert driver.dag.held_blocks() == {BlockId(6, 1): 1}


def test_a_barrier_stage_starts_when_all_its_tasks_can_run():
    driver = Driver()
    driver.join(0)
    driver.tell(JobSubmitted(one_stage(job=0, stage=0, partitions=1)))
    driver.join(1)
    driver.tell(JobSubmitted(one_stage(job=1, stage=1, together=True)))
    assert driver.launches() == [(0, 0)]
    driver.succeed(0, 0)
    assert driver.launches() == [(1, 0), (1, 1)]


def test_a_barrier_stage_that_can_never_run_says_so():
    driver = Driver()
    driver.join(0)
    driver.tell(JobSubmitted(one_stage(partitions=2, together=True)))
    (ended,) = driver.of(JobEnded)
    assert "as many workers at once" in str(ended.error)


def test_updates_count_once_for_each_task_whose_output_is_used():
    driver = Driver(DagScheduler(max_failures=2))
    driver.join(0, 1)
    driver.tell(JobSubmitted(one_stage()))
    driver.fail(0, 0)
    driver.succeed(0, 0)
    driver.succeed(0, 1)
    assert len(driver.of(CountUpdates)) == 2


@settings(max_examples=200)
@given(st.integers(min_value=0, max_value=2**32), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_whatever_happens_on_the_way_each_job_ends_with_every_result_once(seed, maps, reduces, workers):
    chance = random.Random(seed)
    driver = Driver(DagScheduler(max_failures=1000, max_losses=1000, max_fetch_failures=1000))
    driver.join(*range(workers))
    next_worker = workers
    driver.tell(JobSubmitted(two_stages(0, 0, maps, reduces)))
    driver.tell(JobSubmitted(two_stages(1, 2, maps, reduces)))
    steps = 0
    while len(driver.of(JobEnded)) < 2:
        steps += 1
        assert driver.running, "nothing runs, and nothing ends"
        launch = chance.choice(list(driver.running.values()))
        where = launch.stage_id, launch.partition
        luck = chance.random() if steps < 60 else 1.0
        if luck < 0.15:
            driver.fail(*where)
        elif luck < 0.3:
            lost = [task for task, other in driver.running.items() if other.worker == launch.worker]
            for task in lost:
                del driver.running[task]
            driver.tell(WorkerGone(launch.worker, "killed"))
            driver.join(next_worker)
            next_worker += 1
        elif luck < 0.45 and launch.stage_id % 2 and driver.dag.outputs(7):
            paths = [status.path for status in driver.dag.outputs(7).values()]
            driver.lose_input(*where, 7, chance.choice(paths))
        else:
            driver.succeed(*where)
    for job in (0, 1):
        partitions = sorted(ready.partition for ready in driver.of(ResultReady) if ready.job_id == job)
        assert partitions == list(range(reduces))
    assert all(ended.error is None for ended in driver.of(JobEnded))


def test_a_job_of_no_partitions_ends_at_once():
    driver = Driver()
    driver.tell(JobSubmitted(one_stage(partitions=0)))
    assert driver.of(JobEnded) == [JobEnded(0, None)]


def test_a_barrier_stage_waits_for_workers_that_are_still_starting():
    driver = Driver(DagScheduler(workers=2))
    driver.join(0)
    driver.tell(JobSubmitted(one_stage(job=0, stage=0, together=True)))
    assert not driver.of(JobEnded)
    driver.join(1)
    assert driver.launches() == [(0, 0), (0, 1)]
