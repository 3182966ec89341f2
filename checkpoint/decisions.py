"""What to do at start: a pure decision over facts about the checkpoint and the sink.

The sink is believed: what it holds is what readers have seen.  The checkpoint follows it by one batch
at the most, never leads it, and is never guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass

from streamcore.spi.exactly_once import CommitRecord, Guarantee


@dataclass(frozen=True)
class StartFacts:
    """What is known before the first batch of a start.

    last_offsets
        The newest batch with an intent; None when there is none.
    last_commit
        The record of the newest batch with an outcome; None when there is none.
    first_retained
        The oldest batch that a rewind can go back to, -1 for the very beginning; None when there is none.
    rewound_to
        The batch that the checkpoint was rewound to, while the sink has not followed yet.
    guarantee, sink_record
        What the sink declares, and the newest record that it has of this query.
    """

    query_id: str
    last_offsets: int | None
    last_commit: CommitRecord | None
    first_retained: int | None
    guarantee: Guarantee
    sink_record: CommitRecord | None = None
    rewound_to: int | None = None


@dataclass(frozen=True)
class StartFresh:
    """Nothing has happened yet: plan batch 0."""


@dataclass(frozen=True)
class Continue:
    """Everything is settled: plan batch `batch_id`."""

    batch_id: int


@dataclass(frozen=True)
class Rerun:
    """Batch `batch_id` was planned and did not become visible: run it from offsets/N."""

    batch_id: int


@dataclass(frozen=True)
class RollForward:
    """The sink holds the batch that the checkpoint misses: write commits/N from the record, run nothing."""

    record: CommitRecord


@dataclass(frozen=True)
class RewindSink:
    """The checkpoint was rewound: take the sink back to `record` (None: to nothing), then decide again."""

    record: CommitRecord | None


@dataclass(frozen=True)
class Refuse:
    """Going on would lose or repeat rows; `rewind_to` is the batch to rewind to where that is a way out."""

    reason: str
    way_out: str
    rewind_to: int | None = None


StartDecision = StartFresh | Continue | Rerun | RollForward | RewindSink | Refuse


def decide_start(facts: StartFacts) -> StartDecision:
    """The one thing to do for these facts; exhaustive, and free of side effects."""
    planned, committed = _id(facts.last_offsets), _batch(facts.last_commit)
    if not committed <= planned <= committed + 1:
        return _broken_log(planned, committed)
    if facts.guarantee is not Guarantee.EXACTLY_ONCE:
        return _from_checkpoint(planned, committed)
    return _ask_sink(facts, planned, committed)


def _from_checkpoint(planned: int, committed: int) -> StartDecision:
    if planned > committed:
        return Rerun(planned)
    return StartFresh() if committed < 0 else Continue(committed + 1)


def _ask_sink(facts: StartFacts, planned: int, committed: int) -> StartDecision:
    record = facts.sink_record
    visible = _batch(record)
    if record is not None and record.query_id != facts.query_id:
        return _other_query(record, facts.query_id)
    if facts.rewound_to is not None and visible > committed:
        return RewindSink(facts.last_commit)
    if visible < committed:
        return _behind(visible, committed, facts.first_retained)
    if visible == committed:
        if record is not None and record != facts.last_commit:
            return _diverged(committed)
        return _from_checkpoint(planned, committed)
    if record is not None and visible == planned:
        return RollForward(record)
    return _ahead(visible, planned, committed)


def _id(batch_id: int | None) -> int:
    return -1 if batch_id is None else batch_id


def _batch(record: CommitRecord | None) -> int:
    return -1 if record is None else record.batch_id


# ---- refusals ------------------------------------------------------------------------------------


def _broken_log(planned: int, committed: int) -> Refuse:
    if planned < committed:
        missing = f"commits/{committed} is there, but offsets/{committed} is not"
    else:
        missing = f"offsets/{planned} is there, but commits/{planned - 1} is not"
    return Refuse(
        f"the checkpoint has lost files: {missing}",
        "restore the checkpoint from a backup, or rewind it to the newest batch that is whole",
    )


def _other_query(record: CommitRecord, query_id: str) -> Refuse:
    return Refuse(
        f"the sink answered with a record of query {record.query_id}, and the checkpoint is of {query_id}",
        "pair each checkpoint with the output that it wrote, or start with a new checkpoint and a new output",
    )


def _diverged(batch_id: int) -> Refuse:
    return Refuse(
        f"the sink and the checkpoint both hold batch {batch_id}, but not the same one: two copies of this "
        "checkpoint have been run",
        "continue with the copy that wrote this output last, or start with a new checkpoint and a new output",
    )


def _behind(visible: int, committed: int, first_retained: int | None) -> Refuse:
    has = f"batch {visible}" if visible >= 0 else "nothing of this query"
    reason = (
        f"the sink is behind its checkpoint: it holds {has}, and the checkpoint has committed {committed}"
    )
    if first_retained is not None and first_retained <= visible:
        return Refuse(
            reason,
            "if the sink was restored from a backup, rewind the checkpoint to it: every later batch is then "
            f"computed and written again (`streamcore rewind CHECKPOINT --to {visible}`)",
            rewind_to=visible,
        )
    oldest = "nothing" if first_retained is None else f"batch {first_retained}"
    return Refuse(
        reason,
        f"the checkpoint retains {oldest} at the earliest, so it cannot replay from there: restore a younger "
        "backup of the sink, or start with a new checkpoint and a new output",
    )


def _ahead(visible: int, planned: int, committed: int) -> Refuse:
    if planned < 0:
        return Refuse(
            f"the checkpoint is empty, but the sink already holds batch {visible} of this query",
            "restore the checkpoint from a backup, or start with a new checkpoint and a new output",
        )
    return Refuse(
        f"the sink is ahead of its checkpoint: it holds batch {visible}, and the checkpoint has planned "
        f"{planned}; the checkpoint was restored from a backup, or another one wrote to this output",
        "restore the checkpoint that belongs to this output; where the sink can take rows back, "
        f"`streamcore rewind CHECKPOINT --to {committed}` takes it back to the checkpoint",
        rewind_to=committed,
    )
