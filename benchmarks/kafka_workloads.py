"""Kafka to Arrow in this process, from a real broker, beside a bare consume loop over the same records."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from functools import cache

from benchmarks.entry import Entry
from benchmarks.workload import FULL, Place, Sample, Workload

_RECORDS = 2_000_000


def to_arrow(entry: Entry, place: Place) -> Sample:  # noqa: ARG001 - there is one engine here
    """Take the rows per second of the source when a query asks for the value, the usual case."""
    return _measured(place, lambda rates: rates["value"])


def share_of_bare(entry: Entry, place: Place) -> Sample:  # noqa: ARG001
    """Take the same as a share of what the bare loop reaches."""
    return _measured(place, lambda rates: rates["value"] / rates["bare"])


def _measured(place: Place, figure: Callable[[dict[str, float]], float]) -> Sample:
    from benchmarks.kafka_to_arrow import bare_loop, ours

    records = _RECORDS * place.scale.events // FULL.events
    where = (*_topic(records), records)
    seconds = {
        "bare": bare_loop(*where),
        "value": ours(*where, ["value"]),
        "all columns": ours(*where, None),
    }
    rates = {name: records / taken for name, taken in seconds.items()}
    return Sample(figure(rates), records, {f"{name} rows/s": rate for name, rate in rates.items()})


@cache
def _topic(records: int) -> tuple[str, str]:
    """Return the address of a broker, which ends with this process, and a topic with records."""
    from benchmarks.kafka_to_arrow import produce
    from tests.services.kafka_broker import KafkaBroker

    broker = KafkaBroker()
    atexit.register(broker.close)
    broker.start()
    return broker.bootstrap, produce(broker, records)


WORKLOADS = (
    Workload(
        "kafka-to-arrow",
        "Kafka to Arrow, 100-byte JSON, 4 partitions, one process",
        "rows/s",
        "process",
        to_arrow,
        reach_value=1.2e6,
        engines=("streamcore",),
    ),
    Workload(
        "kafka-share",
        "the same, as a share of a bare consume loop",
        "x",
        "process",
        share_of_bare,
        reach_value=0.65,
        engines=("streamcore",),
    ),
)
