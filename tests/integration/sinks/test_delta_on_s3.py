"""Delta tables on an object store: written once by racers and over restarts, and read back."""

from __future__ import annotations

import threading

import pyarrow as pa
import pytest

from streamcore import Session
from streamcore.errors import CheckpointFenced
from streamcore.sinks.delta.data_source import DeltaSink
from streamcore.sinks.delta.stream_writer import DeltaStreamWriter
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from tests.services.object_stores import ObjectStore

ROWS = pa.table({"k": ["a", "b"], "n": [1, 2]})


@pytest.fixture
def session() -> Session:
    return Session.builder.master("local[2]").getOrCreate()


def _run(table: str, run_id: str, mode: str, **options: str) -> DeltaStreamWriter:
    sink = DeltaSink(Options({"path": table, **options}))
    writer = sink.streamWriter(from_arrow_schema(ROWS.schema), overwrite=False)
    writer.open(QueryIdentity("query", run_id, mode))
    writer.last_committed()
    return writer


def _fenced(runs: list[DeltaStreamWriter], batch_id: int) -> int:
    """How many of the runs are fenced out when all commit a batch at the same moment."""
    start = threading.Barrier(len(runs))
    fenced: list[DeltaStreamWriter] = []

    def commit(run: DeltaStreamWriter) -> None:
        staged = run.write(iter(ROWS.to_batches()))
        start.wait()
        try:
            run.commit_batch([staged], CommitRecord("query", batch_id, f"batch {batch_id}"))
        except CheckpointFenced:
            fenced.append(run)

    threads = [threading.Thread(target=commit, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(fenced)


@pytest.mark.parametrize(
    ("mode", "options", "rows"),
    [
        ("append", {}, 4),
        pytest.param("complete", {}, 2, marks=pytest.mark.soak),
        pytest.param("update", {"keyColumns": "k"}, 2, marks=pytest.mark.soak),
    ],
)
def test_of_four_racers_with_one_batch_exactly_one_commits_it(
    s3: ObjectStore, session: Session, mode: str, options: dict[str, str], rows: int
) -> None:
    table = s3.new_folder()
    for batch_id in range(2):
        runs = [_run(table, f"{batch_id} {number}", mode, **options) for number in range(4)]
        assert _fenced(runs, batch_id) == 3
    assert session.read.format("delta").load(table).count() == rows
    found = _run(table, "last", mode, **options).last_committed()
    assert found == CommitRecord("query", 1, "batch 1")


def test_rows_go_from_table_to_table_once_over_restarts(s3: ObjectStore, session: Session) -> None:
    numbers, copy, checkpoint = (f"{s3.new_folder()}/{name}" for name in ("numbers", "copy", "checkpoint"))
    for mode in ("error", "append"):
        session.range(10).selectExpr("id", "id % 2 AS p").write.format("delta").mode(mode).save(
            numbers, partitionBy="p"
        )
        rows = session.readStream.format("delta").load(numbers)
        query = rows.writeStream.format("delta").trigger(availableNow=True)
        query.option("checkpointLocation", checkpoint).start(copy).awaitTermination()
    assert session.read.format("delta").load(copy).where("p = 1").count() == 10
    assert session.read.format("delta").option("versionAsOf", 1).load(copy).count() == 10
