"""Into Kafka: a whole topic copied in twenty batches, and what the commit of a small batch costs."""

from __future__ import annotations

import atexit
import json
import statistics
import subprocess
import time
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.engines import ROOT, environment, interpreter
from benchmarks.entry import Entry
from benchmarks.workload import FULL, Place, Sample, Workload

if TYPE_CHECKING:
    from streamcore.sinks.kafka.stream_writer import KafkaStreamWriter
    from tests.services.kafka_broker import KafkaBroker

_RECORDS = 1_000_000
_LIMIT_S = 300.0
_COMMITS = 200
_WARM_COMMITS = 50


def copy(entry: Entry, place: Place) -> Sample:
    """Take the rows per second of a stateless query from topic to topic, 20 batches."""
    records = _RECORDS * place.scale.events // FULL.events
    broker, source = _filled(records)
    target = broker.new_topic(partitions=4)
    where = [broker.bootstrap, source, target, str(records), str(place.scratch)]
    program = [interpreter(entry.name), "-m", "benchmarks.kafka_to_kafka", entry.name, *where]
    done = subprocess.run(
        program, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=_LIMIT_S, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return Sample(records / found["seconds"], found["rows"], {"batches": found["batches"]})


def small_commit(entry: Entry, place: Place) -> Sample:  # noqa: ARG001 - there is one engine here
    """Take the median time of a transaction of ten rows and the commit record."""
    import pyarrow as pa

    from streamcore.spi.exactly_once import CommitRecord

    writer = _writer()
    rows = pa.RecordBatch.from_pydict({"value": pa.array([b"x" * 100] * 10)})
    taken = []
    for batch_id in range(_COMMITS):
        staged = writer.write(iter([rows]))
        began = time.perf_counter()
        writer.commit_batch([staged], CommitRecord(_QUERY, batch_id, "{}" * 500))
        taken.append(1000 * (time.perf_counter() - began))
    writer.close()
    warm = taken[_WARM_COMMITS:]
    return Sample(statistics.median(warm), None, {"slowest ms": max(warm), "fastest ms": min(warm)})


_QUERY = "small-commits"


def _writer() -> KafkaStreamWriter:
    from streamcore.sinks.kafka.data_source import KafkaSink
    from streamcore.sinks.kafka.stream_writer import KafkaStreamWriter
    from streamcore.spi.exactly_once import QueryIdentity
    from streamcore.spi.options import Options
    from streamcore.spi.types import parse_ddl

    topic = _broker().new_topic(partitions=4)
    names = {"topic": topic, "ledgerTopic": f"{topic}-ledger"}
    sink = KafkaSink(Options({"kafka.bootstrap.servers": _broker().bootstrap, **names}))
    writer = sink.streamWriter(parse_ddl("value BINARY"), overwrite=False)
    assert isinstance(writer, KafkaStreamWriter)
    writer.open(QueryIdentity(_QUERY, topic, "append"))
    return writer


@cache
def _broker() -> KafkaBroker:
    """Return a broker, which ends with this process."""
    from tests.services.kafka_broker import KafkaBroker

    broker = KafkaBroker()
    atexit.register(broker.close)
    broker.start()
    return broker


@cache
def _filled(records: int) -> tuple[KafkaBroker, str]:
    from benchmarks.kafka_to_arrow import produce

    return _broker(), produce(_broker(), records)


WORKLOADS = (
    Workload(
        "kafka-to-kafka",
        "Kafka to Kafka without state, 20 batches, 4 partitions (ours exactly once, PySpark at least once)",
        "rows/s",
        "process",
        copy,
        reach=5,
        reach_value=0.6e6,
    ),
    Workload(
        "kafka-commit",
        "commit of ten rows to Kafka, exactly once",
        "ms",
        "process",
        small_commit,
        reach_value=10,
        engines=("streamcore",),
    ),
)
