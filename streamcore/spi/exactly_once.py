"""The one addition to PySpark's connector contract: what exactly-once needs of a sink and of a source.

A class declares its guarantee by what it inherits.  A sink that inherits `ExactlyOnceStreamWriter`
stores a `CommitRecord` in the same atomic act that makes a micro-batch's rows visible; on restart the
engine asks it for the last one.  That record, not the checkpoint, is the commit point.  A source whose
reader inherits `Replayable` gives the same rows for the same offset range as often as it is asked.  What
declares nothing is at-least-once.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from enum import Enum

from streamcore.spi.datasource import DataSourceStreamArrowWriter, WriterCommitMessage


class Guarantee(Enum):
    """What a sink or source contributes to the delivery guarantee of a query."""

    EXACTLY_ONCE = "exactly-once"
    AT_LEAST_ONCE = "at-least-once"


@dataclass(frozen=True)
class QueryIdentity:
    """Who writes: `query_id` lives as long as the checkpoint, `run_id` as long as one start.

    `output_mode` is "append", "update" or "complete".
    """

    query_id: str
    run_id: str
    output_mode: str


@dataclass(frozen=True)
class CommitRecord:
    """What a sink keeps beside the rows of its newest micro-batch.

    `body` is the text of the checkpoint's commits/<batch_id> (canonical JSON); sinks store it verbatim.
    """

    query_id: str
    batch_id: int
    body: str


class ExactlyOnceStreamWriter(DataSourceStreamArrowWriter):
    """A sink whose commit is atomic with the commit record.

    Order of calls: `open`, `last_committed`, then per micro-batch `write` (once per partition, possibly
    at the same time in several threads, on data that is only staged) and `commit_batch` or `abort`;
    `close` at the end.  PySpark's plain `commit(messages, batchId)` is not called.
    """

    @abstractmethod
    def open(self, query: QueryIdentity) -> None:
        """Takes the sink for this query and fences older writers where the system can.

        Raises CheckpointMismatch when the place holds another query's output under a new checkpoint,
        and AnalysisException when the sink cannot take this output mode or schema.
        """

    @abstractmethod
    def last_committed(self) -> CommitRecord | None:
        """The record of this query's newest visible micro-batch; None when there is none."""

    @abstractmethod
    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        """Makes the staged rows visible and stores `record`, in one atomic act.

        Raises CommitFailed when surely nothing became visible, CommitStateUnknown when that cannot be
        known, CheckpointFenced when another writer committed this batch meanwhile.
        """

    def rewind(self, record: CommitRecord | None) -> None:
        """Takes back every micro-batch after `record` (all of them for None).

        Raises AnalysisException, with the way out, where written rows cannot be taken back.
        """
        from streamcore.errors import AnalysisException

        raise AnalysisException(
            f"{type(self).__name__} cannot take back rows that it has already written; restore the sink to "
            "the batch you want to rewind to, then rewind the checkpoint to the sink"
        )

    def collect_garbage(self) -> None:
        """Removes what crashed attempts of this query left behind; called after a commit, may be slow."""

    def close(self) -> None:
        """The query has ended; free connections."""


class Replayable:
    """Mixin of a stream reader that gives the same rows for the same offset range at any later time.

    The range may be asked for by another process, after a failure or a rewind, and in other partitions.  What
    `commit` has said to be committed may be gone; then reading it raises OffsetsLost, and never gives less.
    """


class NotReplayable:
    """Mixin of a stream reader that cannot read an offset range a second time (a socket).

    A query from it to an exactly-once sink is refused unless at-least-once is asked for; one from a reader
    that declares nothing runs at least once, with a warning.
    """


def guarantee_of(part: object) -> Guarantee:
    """The guarantee that a reader or writer declares by what it inherits; at-least-once by default."""
    is_exact = isinstance(part, ExactlyOnceStreamWriter | Replayable) and not isinstance(part, NotReplayable)
    return Guarantee.EXACTLY_ONCE if is_exact else Guarantee.AT_LEAST_ONCE
