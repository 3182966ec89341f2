"""Into Kafka too a killed driver loses and doubles nothing, nor does one that others take for dead."""

from __future__ import annotations

import random
import re
import threading
import time
from pathlib import Path

import pytest

from tests.recovery.job import Job, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, files, plain
from tests.recovery.test_crash_points import BATCHES, Undisturbed, finish, points_of
from tests.services.fixtures import PrivateKafka
from tests.services.kafka_topics import KafkaTopics

pytestmark = pytest.mark.integration

POINTS = points_of("kafka")
OWN_POINTS = [point for point in POINTS if point.startswith("sink")]


@pytest.fixture(scope="module")
def trials(kafka: KafkaTopics, tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Undisturbed:
    folder = tmp_path_factory.mktemp("kafka-append")
    found = Undisturbed(
        Place("kafka", "append", folder, kafka=kafka), files(folder / "input", BATCHES["append"])
    )
    found.nursery = nursery
    return found


# Before these nothing counts, and before a step is after the one before it: the others are soaked.
_WITH_A_RECORD = [point for point in OWN_POINTS if point.endswith(("record:after", "commit:after"))]


@pytest.mark.parametrize("point", _WITH_A_RECORD)
def test_a_driver_killed_at_any_step_of_the_sink_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery, point: str
) -> None:
    job = trials.job()
    assert nursery.run(job, crash_at=f"{point}:2").code == KILLED, f"no driver comes to {point}"
    finish(nursery, job)
    assert trials.place.rows(job.sink) == trials.expected


@pytest.mark.soak
@pytest.mark.parametrize("nth", range(1, 10))
@pytest.mark.parametrize("point", POINTS)
def test_a_driver_killed_at_any_step_of_any_batch_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery, point: str, nth: int
) -> None:
    job = trials.job()
    crashed = nursery.run(job, crash_at=f"{point}:{nth}")
    assert crashed.code in (KILLED, 0), crashed.error
    again = nursery.run(job, crash_at=f"{point}:1")
    assert again.code in (KILLED, 0), again.error
    finish(nursery, job)
    assert trials.place.rows(job.sink) == trials.expected


def taken_over(nursery: Nursery, trials: Undisturbed, point: str) -> None:
    """A driver falls asleep, another takes over and ends; then the first wakes up."""
    job = trials.job(has_lock=False)
    asleep = nursery.stop_at(job, point)
    takeover = nursery.run(job)
    assert takeover.code == 0, takeover.error
    rows = trials.place.rows(job.sink)
    woken = nursery.wake(asleep)
    assert woken.code == 1
    assert "CheckpointFenced" in woken.error
    assert trials.place.rows(job.sink) == rows == trials.expected


def test_a_driver_that_wakes_up_within_its_transaction_changes_nothing(
    trials: Undisturbed, nursery: Nursery
) -> None:
    taken_over(nursery, trials, "sink.kafka.record:after")


@pytest.mark.soak
@pytest.mark.parametrize("point", ["plan:after", "write-offsets:after", "run:after", *OWN_POINTS])
def test_a_driver_that_wakes_up_after_a_takeover_changes_nothing(
    trials: Undisturbed, nursery: Nursery, point: str
) -> None:
    taken_over(nursery, trials, point)


# ---- brokers that go away ------------------------------------------------------------------------


def until_done(nursery: Nursery, job: Job) -> None:
    """Starts the query again as long as it stops because nobody knows what became of a commit."""
    for _ in range(20):
        ending = nursery.run(job)
        if ending.code == 0:
            return
        assert re.search(r"CommitStateUnknown|KafkaUnavailable|CommitFailed", ending.error), ending.error
    raise AssertionError(ending.error)


@pytest.fixture
def on_a_broker_of_its_own(private_kafka: PrivateKafka, tmp_path: Path, nursery: Nursery) -> Undisturbed:
    found = Undisturbed(
        Place("kafka", "append", tmp_path, kafka=private_kafka), files(tmp_path / "input", BATCHES["append"])
    )
    found.nursery = nursery
    return found


@pytest.mark.soak
@pytest.mark.parametrize("point", OWN_POINTS)
def test_a_broker_killed_at_any_step_of_the_sink_costs_nothing(
    on_a_broker_of_its_own: Undisturbed, private_kafka: PrivateKafka, nursery: Nursery, point: str
) -> None:
    trials = on_a_broker_of_its_own
    expected, job = trials.expected, trials.job()
    driver = nursery.stop_at(job, point)
    private_kafka.kill()
    private_kafka.start()
    ending = nursery.wake(driver)
    if ending.code != 0:
        assert re.search(r"CommitStateUnknown|KafkaUnavailable|CommitFailed", ending.error), ending.error
        until_done(nursery, job)
    assert trials.place.rows(job.sink) == expected


@pytest.mark.soak
def test_a_broker_killed_at_random_moments_costs_nothing(
    private_kafka: PrivateKafka, nursery: Nursery, tmp_path: Path
) -> None:
    batches = batches_of_rows(150, "append")
    trials = Undisturbed(
        Place("kafka", "append", tmp_path, kafka=private_kafka), files(tmp_path / "input", batches)
    )
    trials.nursery = nursery
    job = trials.job()

    def kill_now_and_then() -> None:
        for _ in range(6):
            time.sleep(random.uniform(1, 5))
            private_kafka.kill()
            private_kafka.start()

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        until_done(nursery, job)
    finally:
        killer.join()
    rows = trials.place.rows(job.sink)
    assert len(rows) == len(plain(rows))
    assert plain(rows) == expected_windows(batches, "append")
