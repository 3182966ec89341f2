"""Kafka to Arrow in one process: our source beside a bare consume loop, on the same records, in turn.

    python -m benchmarks.kafka_to_arrow --bootstrap 127.0.0.1:9092

Without `--bootstrap` (or STREAMCORE_TEST_KAFKA) a broker is started as for the tests.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from uuid import uuid4

from streamcore.sources.kafka.source import KafkaDataSource
from streamcore.spi.limits import ReadAllAvailable
from tests.services.kafka_broker import KafkaBroker
from tests.services.kafka_topics import KafkaTopics

PARTITIONS = 4
BYTES = 100


def produce(kafka: KafkaTopics, records: int) -> str:
    """A new topic with `records` JSON ad events of 100 bytes."""
    from confluent_kafka import Producer

    topic = kafka.new_topic(partitions=PARTITIONS)
    settings = {"linger.ms": 20, "batch.num.messages": 10_000, "queue.buffering.max.messages": 1_000_000}
    producer = Producer({"bootstrap.servers": kafka.bootstrap, **settings})
    for n in range(records):
        event = {
            "user": f"{n % 1000:06d}",
            "ad": f"{n % 777:06d}",
            "type": "view",
            "time": 1_700_000_000_000 + n,
        }
        value = json.dumps(event).ljust(BYTES).encode()
        while True:
            try:
                producer.produce(topic, value, partition=n % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
        if n % 10_000 == 0:
            producer.poll(0)
    producer.flush()
    return topic


def tuned_loop(bootstrap: str, topic: str, records: int) -> float:
    """Seconds of the bare loop at its best: no garbage collection, chunks that stay in the cache."""
    gc.disable()
    try:
        return bare_loop(bootstrap, topic, records, chunk=1000)
    finally:
        gc.enable()


def bare_loop(bootstrap: str, topic: str, records: int, chunk: int = 10_000) -> float:
    """Seconds to consume everything and drop it, as a user would write it."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": uuid4().hex,
            "enable.auto.commit": False,
            # The default of a second would make this loop look far slower than it can be.
            "fetch.queue.backoff.ms": 5,
        }
    )
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    start, count = time.perf_counter(), 0
    while count < records:
        count += len(consumer.consume(min(chunk, records - count), 1.0))
    seconds = time.perf_counter() - start
    consumer.close()
    return seconds


def ours(bootstrap: str, topic: str, records: int, columns: list[str] | None) -> float:
    """Seconds to read everything as Arrow through the source; `columns` None for all."""
    source = KafkaDataSource(
        {"kafka.bootstrap.servers": bootstrap, "subscribe": topic, "startingOffsets": "earliest"}
    )
    reader = source.streamReader(source.schema())
    start, count = time.perf_counter(), 0
    begin = reader.initialOffset()
    for partition in reader.partitions(begin, reader.latestOffset(begin, ReadAllAvailable())):
        narrowed = partition if columns is None else partition.with_columns(columns)  # type: ignore[attr-defined]
        count += sum(batch.num_rows for batch in reader.read(narrowed))  # type: ignore[union-attr]
    seconds = time.perf_counter() - start
    reader.stop()
    assert count == records
    return seconds


def main() -> None:
    """Runs the cases in turn and prints medians."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bootstrap", default=os.environ.get("STREAMCORE_TEST_KAFKA"))
    arguments.add_argument("--records", type=int, default=2_000_000)
    arguments.add_argument("--repetitions", type=int, default=5)
    given = arguments.parse_args()
    with ExitStack() as stack:
        kafka = (
            KafkaTopics(given.bootstrap, "given") if given.bootstrap else stack.enter_context(KafkaBroker())
        )
        topic = produce(kafka, given.records)
        where = (kafka.bootstrap, topic, given.records)
        cases: dict[str, Callable[[], float]] = {
            "bare consume loop": lambda: bare_loop(*where),
            "bare consume loop, tuned": lambda: tuned_loop(*where),
            "source, value": lambda: ours(*where, ["value"]),
            "source, value and timestamp": lambda: ours(*where, ["value", "timestamp"]),
            "source, all columns": lambda: ours(*where, None),
        }
        seconds: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(given.repetitions):
            for name, run in cases.items():
                seconds[name].append(run())
    rates = {name: given.records / statistics.median(times) for name, times in seconds.items()}
    for name, rate in rates.items():
        print(f"{name:30} {rate / 1e6:6.2f} M rows/s  {rate / rates['bare consume loop']:6.0%} of bare")


if __name__ == "__main__":
    main()
