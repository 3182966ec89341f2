from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

PARTITIONS = 4
CHUNK = 100


class BrokerInMemory:
    """What the producer needs of a broker: the records of each partition."""

    is_embedded = True

    def __init__(self) -> None:
        self.partitions: list[list[bytes]] = [[] for _ in range(PARTITIONS)]

    def send(self, partition: int, value: bytes) -> None:
        self.partitions[partition].append(value)

    def flush(self) -> None:
        pass

    def end_offsets(self) -> list[int]:
        return [len(records) for records in self.partitions]


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    return tmp_path / "produced"


def _producer(broker: BrokerInMemory, file: Path) -> Any:
    from demo.producer import EventProducer, Journal  # type: ignore[import-not-found]

    return EventProducer(broker, Journal(file), rate=1e6)


def _fill(broker: BrokerInMemory, file: Path, events: int) -> None:
    from demo.producer import Journal

    Journal(file).promise(events)
    _producer(broker, file).catch_up()


def test_a_new_broker_gets_every_event_again_at_its_old_offset(journal_file: Path) -> None:
    first, second = BrokerInMemory(), BrokerInMemory()
    _fill(first, journal_file, 10 * CHUNK)
    assert _producer(second, journal_file).catch_up() == 10 * CHUNK
    assert second.partitions == first.partitions
    assert second.end_offsets() == [250] * PARTITIONS


def test_what_a_killed_run_had_promised_and_not_sent_is_sent_by_the_next(journal_file: Path) -> None:
    whole, torn = BrokerInMemory(), BrokerInMemory()
    _fill(whole, journal_file, 2 * CHUNK)
    torn.partitions = [records[: 20 + number] for number, records in enumerate(whole.partitions)]
    _producer(torn, journal_file).catch_up()
    assert torn.partitions == whole.partitions


def test_a_topic_that_outlived_the_folder_is_counted_and_not_written_again(journal_file: Path) -> None:
    broker = BrokerInMemory()
    _fill(broker, journal_file, 3 * CHUNK)
    journal_file.unlink()
    producer = _producer(broker, journal_file)
    assert producer.catch_up() == 0
    assert producer.produced == 3 * CHUNK


def test_what_was_produced_is_what_the_journal_says(journal_file: Path) -> None:
    broker = BrokerInMemory()
    producer = _producer(broker, journal_file)
    producer.start()
    while producer.produced < 5 * CHUNK:
        time.sleep(0.001)
    producer.stop()
    assert sum(broker.end_offsets()) == producer.produced == int(journal_file.read_text())


def test_the_right_answer_counts_every_view_once() -> None:
    from demo.events import campaign_of_ad, chunk, views  # type: ignore[import-not-found]

    answer = views(2 * CHUNK)
    seen = [event for index in range(2) for event in chunk(index) if event.event_type == "view"]
    assert sum(answer.values()) == len(seen)
    start, campaign = next(iter(answer))
    of_window = [e for e in seen if start <= e.event_time < start + 10_000]
    assert answer[start, campaign] == sum(campaign_of_ad()[e.ad_id] == campaign for e in of_window)
