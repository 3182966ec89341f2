"""What a small micro-batch into an Iceberg table costs, beside pyiceberg's own append of the same rows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmarks.entry import Entry
from benchmarks.workload import Place, Sample, Workload

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

_ROWS = 1_000
_FIRST = 5
"""Batches that only warm up."""


def append_batch(entry: Entry, place: Place) -> Sample:  # noqa: ARG001 - there is one engine here
    """Take the median time in which 1,000 rows are staged, committed and tidied up after."""
    found = _measured(place)
    return Sample(found["streamcore"], _ROWS, found)


def share_of_bare(entry: Entry, place: Place) -> Sample:  # noqa: ARG001
    """Take how many times as long pyiceberg's own append to an open table takes."""
    found = _measured(place)
    return Sample(found["pyiceberg"] / found["streamcore"], _ROWS, found)


def _measured(place: Place) -> dict[str, float]:
    import pyarrow as pa

    rows = pa.table(
        {"k": [f"key {n}" for n in range(_ROWS)], "n": range(_ROWS), "x": [n / 7 for n in range(_ROWS)]}
    )
    ours, theirs = _ours(place, rows), _bare(place, rows)
    times: dict[str, list[float]] = {"streamcore": [], "pyiceberg": []}
    for number in range(2 * place.scale.small_batches):
        # In turns, so that both meet the same machine.
        times["streamcore"].append(_ms(ours, number))
        times["pyiceberg"].append(_ms(theirs, number))
    return {name: statistics.median(taken[_FIRST:]) for name, taken in times.items()}


def _ms(act: Callable[[int], None], number: int) -> float:
    began = time.perf_counter()
    act(number)
    return (time.perf_counter() - began) * 1000


def _where(folder: Path) -> dict[str, str]:
    folder.mkdir()
    return {"uri": f"sqlite:///{folder / 'catalog.db'}", "warehouse": str(folder / "warehouse")}


def _ours(place: Place, rows: pa.Table) -> Callable[[int], None]:
    from streamcore.sinks.iceberg.data_source import IcebergSink
    from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
    from streamcore.spi.options import Options
    from streamcore.spi.types import from_arrow_schema

    where = {f"catalog.{name}": value for name, value in _where(place.scratch / "ours").items()}
    sink = IcebergSink(Options({"path": "lake.db.t", "retainSnapshots": "10", **where}))
    writer = sink.streamWriter(from_arrow_schema(rows.schema), overwrite=False)
    writer.open(QueryIdentity("query", "run", "append"))
    writer.last_committed()

    def append(number: int) -> None:
        staged = writer.write(iter(rows.to_batches()))
        writer.commit_batch([staged], CommitRecord("query", number, "{}"))
        writer.collect_garbage()

    return append


def _bare(place: Place, rows: pa.Table) -> Callable[[int], None]:
    from pyiceberg.catalog import load_catalog

    catalog = load_catalog("lake", **_where(place.scratch / "bare"))
    catalog.create_namespace("db")
    table = catalog.create_table("db.t", rows.schema)

    def append(_: int) -> None:
        table.append(rows)

    return append


WORKLOADS = (
    Workload(
        "iceberg-append-batch",
        "Iceberg append batch, 1,000 rows, exactly once, catalog in SQLite, retainSnapshots=10",
        "ms",
        "process",
        append_batch,
        engines=("streamcore",),
    ),
    Workload(
        "iceberg-share",
        "the same, as a share of what pyiceberg's bare append takes",
        "x",
        "process",
        share_of_bare,
        reach_value=1.0,
        engines=("streamcore",),
    ),
)
