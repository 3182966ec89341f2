"""A broker or a database dies in a batch and comes back: a retry or a clear error, never loss."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.recovery.job import Job, Row, as_json, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Trials, files, plain
from tests.services.fixtures import PrivateDatabase, PrivateKafka
from tests.services.kafka_topics import KafkaTopics, Record

pytestmark = pytest.mark.integration

BATCHES = batches_of_rows(6, "append")
EXPECTED = expected_windows(BATCHES, "append")
PER_BATCH = 7


def finish(nursery: Nursery, job: Job) -> None:
    ending = nursery.run(job)
    assert ending.code == 0, ending.error


@pytest.mark.parametrize(
    "point",
    ["run:after", "sink.database.rows:after", "sink.database.commit:before", "sink.database.commit:after"],
)
def test_a_database_killed_in_the_middle_of_a_commit_loses_and_doubles_nothing(
    nursery: Nursery, private_postgres: PrivateDatabase, tmp_path: Path, point: str
) -> None:
    place = Place("postgres", "append", tmp_path, private_postgres)
    job = Trials(place, files(tmp_path / "input", BATCHES)).job()
    asleep = nursery.stop_at(job, point)
    private_postgres.server.kill()
    private_postgres.server.start()
    ending = nursery.wake(asleep)
    if ending.code != 0:
        assert "CommitStateUnknown" in ending.error or "CommitFailed" in ending.error
        finish(nursery, job)
    assert plain(place.rows(job.sink)) == EXPECTED
    assert len(place.rows(job.sink)) == len(EXPECTED)


def test_a_database_that_is_away_is_named_and_when_it_is_back_the_query_goes_on(
    nursery: Nursery, private_postgres: PrivateDatabase, tmp_path: Path
) -> None:
    place = Place("postgres", "append", tmp_path, private_postgres)
    job = Trials(place, files(tmp_path / "input", BATCHES)).job()
    asleep = nursery.stop_at(job, "run:after")
    private_postgres.server.kill()
    ending = nursery.wake(asleep)
    assert ending.code == 1
    assert "cannot connect to postgresql" in ending.error or "windows_0" in ending.error
    private_postgres.server.start()
    finish(nursery, job)
    assert plain(place.rows(job.sink)) == EXPECTED


# ---- Kafka ---------------------------------------------------------------------------------------


def kafka_job(kafka: KafkaTopics, folder: Path, **options: str) -> tuple[Place, Job]:
    topic = kafka.new_topic(1)
    kafka.produce(topic, [Record(as_json(row).encode(), partition=0) for row in even_batches()])
    source = {
        "kafka.bootstrap.servers": kafka.bootstrap,
        "subscribe": topic,
        "startingOffsets": "earliest",
        "maxOffsetsPerTrigger": str(PER_BATCH),
        **options,
    }
    place = Place("sqlite", "append", folder)
    return place, Trials(place, ("kafka", source)).job()


def even_batches() -> list[Row]:
    """Rows in order, without late ones: every PER_BATCH of them are one micro-batch."""
    return [row for batch in BATCHES for row in batch[:PER_BATCH]]


def expected_of_kafka() -> set[tuple[Any, ...]]:
    return expected_windows([batch[:PER_BATCH] for batch in BATCHES], "append")


@pytest.mark.parametrize("point", [pytest.param("plan:before", marks=pytest.mark.soak), "run:before"])
def test_a_broker_killed_in_the_middle_of_a_batch_and_back_again_loses_and_doubles_nothing(
    nursery: Nursery, private_kafka: PrivateKafka, tmp_path: Path, point: str
) -> None:
    place, job = kafka_job(private_kafka, tmp_path)
    asleep = nursery.stop_at(job, point)
    private_kafka.kill()
    back = threading.Timer(1.0, private_kafka.start)
    back.start()
    ending = nursery.wake(asleep)
    back.join()
    if ending.code != 0:
        assert "no broker" in ending.error.lower() or private_kafka.bootstrap in ending.error
        finish(nursery, job)
    assert plain(place.rows(job.sink)) == expected_of_kafka()


def test_expired_offsets_are_an_error_that_says_so_until_loss_is_allowed(
    nursery: Nursery, kafka: KafkaTopics, tmp_path: Path
) -> None:
    place, job = kafka_job(kafka, tmp_path)
    assert nursery.run(job, crash_at="source-commit:after:2").code == KILLED
    before = place.rows(job.sink)
    topic = job.source[1]["subscribe"]
    kafka.delete_records(topic, 0, before=3 * PER_BATCH)
    ending = nursery.run(job)
    assert ending.code == 1
    assert "OffsetsLost" in ending.error
    assert topic in ending.error
    assert "failOnDataLoss" in ending.error
    assert place.rows(job.sink) == before
    kind, options = job.source
    finish(nursery, replace(job, source=(kind, {**options, "failOnDataLoss": "false"})))
    rows = plain(place.rows(job.sink))
    assert plain(before) <= rows
    assert max(row[0] for row in rows) == max(row[0] for row in expected_of_kafka())
