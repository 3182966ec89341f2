"""Carrying out the start decision: from an open checkpoint and an open sink to the first batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.checkpoint.decisions import (
    Continue,
    Refuse,
    Rerun,
    RewindSink,
    RollForward,
    StartDecision,
    StartFresh,
    decide_start,
)
from streamcore.errors import AnalysisException, CheckpointMismatch
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter, Guarantee, guarantee_of

if TYPE_CHECKING:
    from streamcore.checkpoint.checkpoint import Checkpoint
    from streamcore.checkpoint.records import CommitBody, OffsetRecord
    from streamcore.spi.exactly_once import CommitRecord


@dataclass(frozen=True)
class StartPoint:
    """The first batch of a start.

    committed
        The outcome of the batch before; None for batch 0.
    offsets
        The last intent: of this batch when `is_planned`, else of the batch before (None for batch 0).
    is_planned
        Whether the batch was planned before and must be run exactly as planned.
    """

    batch_id: int
    committed: CommitBody | None
    offsets: OffsetRecord | None
    is_planned: bool


def recover(checkpoint: Checkpoint, writer: object) -> StartPoint:
    """Brings checkpoint and sink to the same batch, and says which one comes next.

    `writer` is the query's stream writer; one that is exactly-once must be open.  Raises
    CheckpointMismatch, with the way out, when the two do not belong together, and AnalysisException when
    the sink cannot take rows back after a rewind; the later batches are forgotten only after it could.
    """
    decision = _decide(checkpoint, writer)
    if isinstance(decision, RewindSink):
        _take_back(writer, decision.record, checkpoint)
        decision = _decide(checkpoint, writer)
    if isinstance(decision, RollForward):
        checkpoint.write_commit(decision.record)
        decision = _decide(checkpoint, writer)
    match decision:
        case StartFresh():
            batch_id, is_planned = 0, False
        case Continue(batch_id):
            is_planned = False
        case Rerun(batch_id):
            is_planned = True
        case Refuse(reason, way_out):
            undo = "" if checkpoint.rewound_to is None else f". {_undo(checkpoint)}"
            raise CheckpointMismatch(f"{checkpoint.storage.location}: {reason}; {way_out}{undo}")
        case _:
            raise CheckpointMismatch(f"{checkpoint.storage.location}: the sink did not do what it was told")
    checkpoint.finish_rewind()
    last = checkpoint.last_commit
    committed = None if last is None else checkpoint.body_of(last)
    return StartPoint(batch_id, committed, checkpoint.last_offsets, is_planned)


def _take_back(writer: object, record: CommitRecord | None, checkpoint: Checkpoint) -> None:
    """Raises AnalysisException when written rows cannot be taken back; nothing was forgotten then."""
    try:
        _exactly_once(writer).rewind(record)
    except AnalysisException as error:
        raise AnalysisException(f"{str(error).rstrip('.')}. {_undo(checkpoint)}") from error


def _undo(checkpoint: Checkpoint) -> str:
    return (
        f"The rewind to batch {checkpoint.rewound_to} has forgotten nothing yet: `streamcore rewind "
        f"{checkpoint.storage.location} --undo` takes it back, and the query goes on where it was"
    )


def _decide(checkpoint: Checkpoint, writer: object) -> StartDecision:
    guarantee = guarantee_of(writer)
    return decide_start(checkpoint.start_facts(guarantee, _record(writer, guarantee)))


def _record(writer: object, guarantee: Guarantee) -> CommitRecord | None:
    return _exactly_once(writer).last_committed() if guarantee is Guarantee.EXACTLY_ONCE else None


def _exactly_once(writer: object) -> ExactlyOnceStreamWriter:
    if not isinstance(writer, ExactlyOnceStreamWriter):
        raise TypeError(f"{type(writer).__name__} keeps no commit records")
    return writer
