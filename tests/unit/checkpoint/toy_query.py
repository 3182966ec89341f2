"""A query in miniature over the real checkpoint: for simulating crashes and rivals at every step.

It reads whole numbers, gives each row a number that differs in every attempt (as a nondeterministic
function would), writes the pairs to the sink and keeps them as state.  Whatever happens, the sink must
hold every row once, and the state must be what the sink holds.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Generator
from typing import TYPE_CHECKING

from streamcore.checkpoint import (
    Checkpoint,
    CommitBody,
    OffsetRange,
    OffsetRecord,
    OperatorIntent,
    StartPoint,
    recover,
)
from streamcore.checkpoint.state_files import chain_of, version_in
from streamcore.errors import CheckpointFenced
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter, QueryIdentity
from streamcore.testing.clock import ManualClock
from tests.unit.checkpoint.content import read_bytes, write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.storage import LargeFileStorage

Pair = tuple[int, int]
ROWS = 12
attempt_numbers = itertools.count(1_000_000)
run_numbers = itertools.count()


def no_fault(when: str) -> None:
    """Nothing goes wrong."""


class ToySink(ExactlyOnceStreamWriter):
    """A table in memory; `fault` is called just before and just after a commit becomes visible."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[Pair], CommitRecord]] = []
        self.fault: Callable[[str], None] = no_fault

    @property
    def rows(self) -> list[Pair]:
        return [pair for pairs, _ in self.batches for pair in pairs]

    def open(self, query: QueryIdentity) -> None:
        pass

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        raise NotImplementedError

    def last_committed(self) -> CommitRecord | None:
        return self.batches[-1][1] if self.batches else None

    def commit_rows(self, pairs: list[Pair], record: CommitRecord) -> None:
        if record.batch_id != len(self.batches):
            raise CheckpointFenced("another writer has committed this batch")
        self.fault("before")
        self.batches.append((pairs, record))
        self.fault("after")

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        raise NotImplementedError

    def rewind(self, record: CommitRecord | None) -> None:
        last = -1 if record is None else record.batch_id
        del self.batches[last + 1 :]


def drive(
    storage: LargeFileStorage, sink: ToySink, most_rows: int = 3, keep: int = 2
) -> Generator[str, None, None]:
    """One driver from start to the end of the input; yields at every step."""
    clock = ManualClock()
    with Checkpoint.open(storage, clock, run_id=f"run {next(run_numbers)}") as checkpoint:
        yield "opened"
        point = recover(checkpoint, sink)
        yield "recovered"
        committed = point.committed
        offsets = point.offsets if point.is_planned else plan(checkpoint, point.batch_id, most_rows)
        while offsets is not None:
            yield "planned"
            pairs = [(row, next(attempt_numbers)) for row in range(*ends(offsets))]
            body = compute(checkpoint, offsets, committed, pairs)
            yield "run"
            record = body.record()
            sink.commit_rows(pairs, record)
            yield "visible"
            committed = checkpoint.write_commit(record)
            yield "committed"
            checkpoint.collect_garbage(keep)
            yield "collected"
            offsets = plan(checkpoint, offsets.batch_id + 1, most_rows)


def plan(checkpoint: Checkpoint, batch_id: int, most_rows: int) -> OffsetRecord | None:
    start = 0 if checkpoint.last_offsets is None else checkpoint.last_offsets.sources["numbers"].end["row"]
    if start >= ROWS:
        return None
    end = min(start + most_rows, ROWS)
    numbers = OffsetRange({"row": start}, {"row": end})
    record = OffsetRecord(batch_id, {"numbers": numbers}, 0, operators={"pairs": OperatorIntent(1)})
    checkpoint.write_offsets(record)
    return record


def ends(offsets: OffsetRecord) -> tuple[int, int]:
    numbers = offsets.sources["numbers"]
    return numbers.start["row"], numbers.end["row"]


def compute(
    checkpoint: Checkpoint, offsets: OffsetRecord, last: CommitBody | None, pairs: list[Pair]
) -> CommitBody:
    files = last.state if last else ()
    chain = chain_of(files, "pairs", 0)
    kept, older = (chain[:1], chain[1:]) if len(chain) > 2 else (chain, ())
    together = [pair for file in older for pair in content(read_bytes(checkpoint, file))] + pairs
    data = json.dumps(together).encode()
    since = older[0].since if older else None
    file = write_bytes(checkpoint, "pairs", offsets.batch_id, data, len(together), since)
    return CommitBody(checkpoint.query_id, offsets.batch_id, (*kept, file), output_rows=len(pairs))


def content(data: bytes) -> list[Pair]:
    return [(row, number) for row, number in json.loads(data)]


def finish(storage: LargeFileStorage, sink: ToySink, most_rows: int = 3) -> None:
    """Runs an undisturbed driver to the end."""
    for _ in drive(storage, sink, most_rows):
        pass


def check(storage: LargeFileStorage, sink: ToySink) -> None:
    """The answer is that of a batch job, and the state agrees with it; nothing unnamed is left."""
    assert [row for row, _ in sink.rows] == list(range(ROWS))
    with Checkpoint.open(storage, ManualClock(), run_id="check") as checkpoint:
        point: StartPoint = recover(checkpoint, sink)
        assert point.committed is not None
        state = [pair for file in point.committed.state for pair in content(read_bytes(checkpoint, file))]
        assert state == sink.rows
        checkpoint.collect_garbage(keep=1)
        named = {file.name for file in point.committed.state}
        newest = point.committed.batch_id
        assert named == {name for name in storage.list("state/pairs/default/0") if version(name) <= newest}
        assert storage.list("offsets") == storage.list("commits") == [str(newest)]


def version(name: str) -> int:
    found = version_in(name)
    assert found is not None
    return found
