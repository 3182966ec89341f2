"""What is done with what brokers say: facts to decisions, without a broker.

The ledger's record of a batch is in the transaction that brings its rows. So whatever a broker has said or
not said about a commit, the ledger settles it, once a new producer has ended what the old one left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Final
from zlib import crc32

if TYPE_CHECKING:
    from streamcore.sinks.kafka.tokens import Token
    from streamcore.spi.exactly_once import CommitRecord

LEDGER_PARTITIONS: Final = 16
"""Tokens lie in this many partitions for ever, however many more a topic is given."""

NOTHING: Final = -1
_FIRST_WINDOW: Final = 512
_GROWTH: Final = 8


def ledger_partition(query_id: str) -> int:
    """Where the tokens of a query lie: no client library's partitioner is asked, since it could change.

    >>> ledger_partition("0c5c2d0e-3a0c-4d4e-9a9e-5f2f7d3f1c11")
    11
    """
    return crc32(query_id.encode()) % LEDGER_PARTITIONS


def ledger_fault(partitions: int, cleanup_policy: str) -> str | None:
    """What is wrong with a topic that is to hold tokens; None when nothing is.

    >>> ledger_fault(16, "compact")
    >>> ledger_fault(16, "compact,delete")
    "its cleanup.policy is 'compact,delete', so that commit records would be deleted with time, and ..."
    """
    if partitions < LEDGER_PARTITIONS:
        return f"it has {partitions} partitions and needs {LEDGER_PARTITIONS} (more do no harm)"
    if {policy.strip() for policy in cleanup_policy.split(",")} != {"compact"}:
        return (
            f"its cleanup.policy is {cleanup_policy!r}, so that commit records would be deleted with time, "
            "and batches written twice: it must be 'compact' alone"
        )
    return None


def windows(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The offsets from `low` to `high` in stretches from the end, each larger than the one before.

    >>> list(windows(100, 10_000))
    [(9488, 10000), (5392, 9488), (100, 5392)]
    """
    size = _FIRST_WINDOW
    while high > low:
        start = max(low, high - size)
        yield start, high
        high, size = start, size * _GROWTH


class Turn(Enum):
    """Whether a batch is the one that comes next."""

    NEXT = "next"
    TAKEN = "taken"
    EARLY = "early"


def turn_of(batch_id: int, newest: Token | None) -> Turn:
    """Whether a batch may follow the newest one in the ledger."""
    before = NOTHING if newest is None else newest.record.batch_id
    if batch_id <= before:
        return Turn.TAKEN
    return Turn.NEXT if batch_id == before + 1 else Turn.EARLY


class Next(Enum):
    """What follows when a commit was answered by an error."""

    AGAIN = "ask for the same commit again"
    SETTLE = "see in the ledger what has become of it"


def after_commit_error(*, retriable: bool, seconds_left: float) -> Next:
    """Only an error that the library calls retriable leaves its transaction as it was."""
    return Next.AGAIN if retriable and seconds_left > 0 else Next.SETTLE


def may_be_fenced(error: str, *, fatal: bool) -> bool:
    """Whether an error may mean that another producer has taken the transactional id; or it took too long.

    >>> may_be_fenced("_FENCED", fatal=True), may_be_fenced("MSG_SIZE_TOO_LARGE", fatal=False)
    (True, False)
    """
    return fatal or error in _FENCING


_FENCING: Final = frozenset({
    "_FATAL", "_FENCED", "_STATE", "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING",
})  # fmt: skip


class Verdict(Enum):
    """What the ledger says about a batch whose commit was answered by an error, or by nothing."""

    COMMITTED = "it holds the batch"
    NOT_COMMITTED = "it holds the batch before"
    FENCED = "another run has written the batch, or later ones"
    LOST = "it does not even hold the batch before"


def verdict(record: CommitRecord, run_id: str, newest: Token | None) -> Verdict:
    """What has become of a batch, by a ledger that was read after older producers were fenced out."""
    turn = turn_of(record.batch_id, newest)
    if turn is Turn.NEXT:
        return Verdict.NOT_COMMITTED
    if turn is Turn.EARLY:
        return Verdict.LOST
    assert newest is not None
    is_mine = newest.run_id == run_id and newest.record.batch_id == record.batch_id
    return Verdict.COMMITTED if is_mine else Verdict.FENCED


def has_taken_over(record: CommitRecord, run_id: str, newest: Token | None) -> bool:
    """Whether another run has gone on without this one.

    Only a batch of its shows that: to a producer whose transaction took too long a broker says the same as to
    one that was fenced out.
    """
    return verdict(record, run_id, newest) is Verdict.FENCED
