"""Arrow to Kafka: the producer of the sink beside a bare loop over `produce`, for the same records.

    python -m benchmarks.arrow_to_kafka --bootstrap 127.0.0.1:9092

Without `--bootstrap` (or STREAMCORE_TEST_KAFKA) a broker is started as for the tests.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from typing import Any

import pyarrow as pa

from streamcore.kafka.producing import open_producer
from streamcore.kafka.rows import PARTITIONER
from tests.services.kafka_broker import KafkaBroker
from tests.services.kafka_topics import KafkaTopics

_AT_ONCE = 100_000


def _settings(kafka: KafkaTopics) -> dict[str, Any]:
    return {
        "bootstrap.servers": kafka.bootstrap,
        "enable.idempotence": True,
        "queue.buffering.max.messages": 1_000_000,
        **PARTITIONER,
    }


@cache
def _rows() -> pa.RecordBatch:
    events = [
        json.dumps({"user": f"{n % 1000:06d}", "type": "view", "time": 1_700_000_000_000 + n}).ljust(100)
        for n in range(_AT_ONCE)
    ]
    keys = pa.array([b"%06d" % (n % 1000) for n in range(_AT_ONCE)])
    return pa.RecordBatch.from_pydict({"key": keys, "value": pa.array(e.encode() for e in events)})


def _topic(kafka: KafkaTopics) -> str:
    return kafka.new_topic(partitions=4, config={"retention.bytes": "10000000"})


def ours(kafka: KafkaTopics, records: int) -> float:
    """Seconds until brokers have everything, by the producer that the sink uses."""
    topic, rows = _topic(kafka), _rows()
    producer = open_producer(_settings(kafka))
    producer.client.list_topics(topic, timeout=10)
    start = time.perf_counter()
    for _ in range(records // _AT_ONCE):
        producer.send(rows, topic, 30.0)
    producer.client.flush()
    seconds = time.perf_counter() - start
    assert producer.first_failure() is None
    return seconds


def bare_loop(kafka: KafkaTopics, records: int) -> float:
    """Seconds for the same by `produce`, as a user would write it over the same table."""
    from confluent_kafka import Producer

    topic, rows = _topic(kafka), _rows()
    producer = Producer(_settings(kafka))
    producer.list_topics(topic, timeout=10)
    start = time.perf_counter()
    for _ in range(records // _AT_ONCE):
        for key, value in zip(rows["key"].to_pylist(), rows["value"].to_pylist(), strict=True):
            while True:
                try:
                    producer.produce(topic, value, key)
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.poll(0)
    producer.flush()
    return time.perf_counter() - start


def main() -> None:
    """Runs both in turn and prints medians."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bootstrap", default=os.environ.get("STREAMCORE_TEST_KAFKA"))
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--repetitions", type=int, default=5)
    given = arguments.parse_args()
    with ExitStack() as stack:
        kafka = (
            KafkaTopics(given.bootstrap, "given") if given.bootstrap else stack.enter_context(KafkaBroker())
        )
        cases: dict[str, Callable[[], float]] = {
            "bare produce loop": lambda: bare_loop(kafka, given.records),
            "Arrow, the sink's producer": lambda: ours(kafka, given.records),
        }
        seconds: dict[str, list[float]] = {name: [] for name in cases}
        cpu: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(given.repetitions):
            for name, run in cases.items():
                before = time.process_time()
                seconds[name].append(run())
                cpu[name].append(time.process_time() - before)
    for name, times in seconds.items():
        rate = given.records / statistics.median(times) / 1e6
        spent = statistics.median(cpu[name]) / given.records * 1e9
        print(f"{name:30} {rate:6.2f} M rows/s  {spent:6.0f} ns of CPU a row")


if __name__ == "__main__":
    main()
