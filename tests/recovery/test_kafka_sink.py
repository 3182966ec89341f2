"""Into Kafka too a killed driver loses and doubles nothing, nor does one that others take for dead."""

from __future__ import annotations

import pytest

from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, files
from tests.recovery.test_crash_points import BATCHES, Undisturbed, finish, points_of
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


@pytest.mark.parametrize("point", OWN_POINTS)
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
