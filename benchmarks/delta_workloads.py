"""What a small micro-batch into a Delta table costs, beside deltalake's own write of the same rows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.entry import Entry
from benchmarks.workload import Place, Sample, Workload

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 1_000
_FIRST = 5
"""Batches that only warm up."""


def append_batch(entry: Entry, place: Place) -> Sample:  # noqa: ARG001 - there is one engine here
    """Take the median time in which 1,000 rows are staged, committed and tidied up after."""
    found = _measured(place)
    return Sample(found["streamcore"], _ROWS, found)


def share_of_bare(entry: Entry, place: Place) -> Sample:  # noqa: ARG001
    """Take how many times as long deltalake's own append to an open table takes."""
    found = _measured(place)
    return Sample(found["deltalake"] / found["streamcore"], _ROWS, found)


def _measured(place: Place) -> dict[str, float]:
    rows = _rows()
    batches = 2 * place.scale.small_batches
    ours, theirs = _ours(place, rows), _bare(place, rows)
    times: dict[str, list[float]] = {"streamcore": [], "deltalake": []}
    for number in range(batches):
        # In turns, so that both meet the same machine.
        times["streamcore"].append(_ms(ours, number))
        times["deltalake"].append(_ms(theirs, number))
    return {name: statistics.median(taken[_FIRST:]) for name, taken in times.items()}


def _ms(act: Callable[[int], None], number: int) -> float:
    began = time.perf_counter()
    act(number)
    return (time.perf_counter() - began) * 1000


def _rows() -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {"k": [f"key {n}" for n in range(_ROWS)], "n": range(_ROWS), "x": [n / 7 for n in range(_ROWS)]}
    )


def _ours(place: Place, rows: pa.Table) -> Callable[[int], None]:
    from streamcore.sinks.delta.data_source import DeltaSink
    from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
    from streamcore.spi.options import Options
    from streamcore.spi.types import from_arrow_schema

    sink = DeltaSink(Options({"path": str(place.scratch / "ours")}))
    writer = sink.streamWriter(from_arrow_schema(rows.schema), overwrite=False)
    writer.open(QueryIdentity("query", "run", "append"))
    writer.last_committed()

    def append(number: int) -> None:
        staged = writer.write(iter(rows.to_batches()))
        writer.commit_batch([staged], CommitRecord("query", number, "{}"))
        writer.collect_garbage()

    return append


def _bare(place: Place, rows: pa.Table) -> Callable[[int], None]:
    from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

    table = DeltaTable.create(place.scratch / "bare", rows.schema)

    def append(number: int) -> None:
        known: Any = CommitProperties(app_transactions=[Transaction("query", number, None)])
        write_deltalake(table, rows, mode="append", commit_properties=known)

    return append


WORKLOADS = (
    Workload(
        "delta-append",
        "Delta append, exactly once, a batch of 1,000 rows",
        "ms",
        "process",
        append_batch,
        reach_value=15.0,
        engines=("streamcore",),
    ),
    Workload(
        "delta-append-x",
        "the same, against deltalake's own append in the same run",
        "x",
        "process",
        share_of_bare,
        engines=("streamcore",),
    ),
)
