"""Kafka to Arrow and back in this process, with a real broker, beside bare loops over the same records."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.entry import Entry
from benchmarks.workload import FULL, Place, Sample, Workload

if TYPE_CHECKING:
    from tests.services.kafka_broker import KafkaBroker

_RECORDS = 2_000_000


def to_arrow(entry: Entry, place: Place) -> Sample:  # noqa: ARG001 - there is one engine here
    """Take the rows per second of the source when a query asks for every column."""
    return _measured(place, lambda rates: rates["all columns"])


def share_of_bare(entry: Entry, place: Place) -> Sample:  # noqa: ARG001
    """Take the same as a share of what the bare loop reaches."""
    return _measured(place, lambda rates: rates["all columns"] / rates["bare"])


def from_arrow(entry: Entry, place: Place) -> Sample:  # noqa: ARG001
    """Take the rows per second from a table into brokers, as a share of a bare produce loop."""
    from benchmarks.arrow_to_kafka import bare_loop, ours

    records = _RECORDS // 2 * place.scale.events // FULL.events
    rates = {"bare": records / bare_loop(_broker(), records), "arrow": records / ours(_broker(), records)}
    detail = {f"{name} rows/s": rate for name, rate in rates.items()}
    return Sample(rates["arrow"] / rates["bare"], records, detail)


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
def _broker() -> KafkaBroker:
    """Return a broker that ends with this process."""
    from tests.services.kafka_broker import KafkaBroker

    broker = KafkaBroker()
    atexit.register(broker.close)
    broker.start()
    return broker


@cache
def _topic(records: int) -> tuple[str, str]:
    """Return the address of the broker and a topic with records."""
    from benchmarks.kafka_to_arrow import produce

    return _broker().bootstrap, produce(_broker(), records)


WORKLOADS = (
    Workload(
        "kafka-to-arrow",
        "Kafka to Arrow, 100-byte JSON, all columns, 4 partitions, one process",
        "rows/s",
        "process",
        to_arrow,
        reach_value=2.3e6,
        engines=("streamcore",),
    ),
    Workload(
        "kafka-share",
        "the same, as a share of a bare consume loop",
        "x",
        "process",
        share_of_bare,
        reach_value=1.3,
        engines=("streamcore",),
    ),
    Workload(
        "arrow-to-kafka",
        "Arrow to Kafka, 100-byte JSON with keys, as a share of a bare produce loop",
        "x",
        "process",
        from_arrow,
        reach_value=1.5,
        engines=("streamcore",),
    ),
)
