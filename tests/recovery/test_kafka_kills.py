"""A query over a real Kafka is killed at random moments while records go on arriving."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recovery.job import WINDOW_SECONDS, as_json
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import COLUMNS, Place, Trials, normal, plain
from tests.services.kafka_console import values_by_console_consumer
from tests.services.kafka_topics import KafkaTopics, Record

pytestmark = pytest.mark.integration

PARTITIONS = 2
Event = tuple[float, str, int]


class Traffic(threading.Thread):
    """Produces a few records every few milliseconds; event times go on in step in all partitions."""

    def __init__(self, kafka: KafkaTopics, topic: str) -> None:
        super().__init__(daemon=True)
        self._kafka, self._topic = kafka, topic
        self._over = threading.Event()
        self.events: list[Event] = []

    def run(self) -> None:
        number = 0
        while not self._over.wait(0.02):
            sent = []
            for partition in range(PARTITIONS):
                for _ in range(5):
                    event = (number // 10 / 4, "abc"[number % 3], number)
                    sent.append(Record(as_json(event).encode(), partition=partition))
                    self.events.append(event)
                    number += 1
            self._kafka.produce(self._topic, sent)

    def end(self) -> None:
        """Ends with one record in the far future: it closes every window."""
        self._over.set()
        self.join()
        self._kafka.produce(self._topic, [Record(as_json((10_000_000.0, "end", 0)).encode(), partition=0)])


def windows(events: list[Event]) -> set[tuple[float, str, int, int]]:
    counts: Counter[tuple[float, str]] = Counter()
    totals: Counter[tuple[float, str]] = Counter()
    for ts, k, v in events:
        group = (ts // WINDOW_SECONDS * WINDOW_SECONDS, k)
        counts[group] += 1
        totals[group] += v
    return {(*group, counts[group], totals[group]) for group in counts}


def kill_at_random(
    nursery: Nursery, kafka: KafkaTopics, folder: Path, kind: str, kills: int
) -> tuple[Trials, tuple[str, dict[str, str]]]:
    topic = kafka.new_topic(PARTITIONS)
    source = {"kafka.bootstrap.servers": kafka.bootstrap, "subscribe": topic, "startingOffsets": "earliest"}
    trials = Trials(Place(kind, "append", folder, kafka=kafka), ("kafka", source))
    job = trials.job(trigger="forever")
    seed = random.randrange(10**9)
    dice = random.Random(seed)
    traffic = Traffic(kafka, topic)
    traffic.start()
    for _ in range(kills):
        ending = nursery.run(job, kill_after=dice.uniform(0.02, 0.8))
        assert ending.code == KILLED, ending.error
    traffic.end()
    last = nursery.run(replace(job, trigger="availableNow"))
    assert last.code == 0, last.error
    rows = trials.place.rows(job.sink)
    assert len(rows) == len(plain(rows)), f"rows are doubled (seed {seed})"
    assert plain(rows) == windows(traffic.events), f"rows are lost or wrong (seed {seed})"
    return trials, job.sink


def test_a_query_over_kafka_killed_twelve_times_loses_and_doubles_nothing(
    nursery: Nursery, kafka: KafkaTopics, tmp_path: Path
) -> None:
    kill_at_random(nursery, kafka, tmp_path, "parquet", kills=12)


def test_a_query_from_kafka_to_kafka_killed_four_times_loses_and_doubles_nothing(
    nursery: Nursery, kafka: KafkaTopics, tmp_path: Path
) -> None:
    kill_at_random(nursery, kafka, tmp_path, "kafka", kills=4)


@pytest.mark.soak
def test_a_consumer_in_java_sees_every_row_of_a_killed_query_once(
    nursery: Nursery, kafka: KafkaTopics, tmp_path: Path
) -> None:
    trials, sink = kill_at_random(nursery, kafka, tmp_path, "kafka", kills=60)
    seen = [json.loads(value) for value in values_by_console_consumer(kafka, sink[1]["topic"])]
    assert normal([tuple(row.get(name) for name in COLUMNS) for row in seen]) == trials.place.rows(sink)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["parquet", "sqlite", "kafka"])
def test_a_query_over_kafka_killed_a_thousand_times_loses_and_doubles_nothing(
    nursery: Nursery, kafka: KafkaTopics, tmp_path: Path, kind: str
) -> None:
    kill_at_random(nursery, kafka, tmp_path, kind, kills=1_000)
