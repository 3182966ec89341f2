"""What the Kafka sink does with what brokers and its ledger say, without a broker."""

from __future__ import annotations

import json

import pytest

from streamcore.errors import CheckpointMismatch
from streamcore.sinks.kafka.decisions import (
    LEDGER_PARTITIONS,
    Next,
    Turn,
    Verdict,
    after_commit_error,
    has_taken_over,
    ledger_fault,
    ledger_partition,
    may_be_fenced,
    turn_of,
    verdict,
    windows,
)
from streamcore.sinks.kafka.tokens import (
    KeyAndValue,
    PartsMissing,
    Token,
    is_of,
    newest_token,
    to_records,
)
from streamcore.spi.exactly_once import CommitRecord

QUERY = "0c5c2d0e-3a0c-4d4e-9a9e-5f2f7d3f1c11"


def token(batch_id: int, body: str = "{}", run_id: str = "mine", query_id: str = QUERY) -> Token:
    return Token(run_id, CommitRecord(query_id, batch_id, body))


# ---- turns and verdicts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch_id", "newest", "turn"),
    [
        (0, None, Turn.NEXT),
        (1, None, Turn.EARLY),
        (5, token(4), Turn.NEXT),
        (5, token(5), Turn.TAKEN),
        (5, token(9), Turn.TAKEN),
        (5, token(3), Turn.EARLY),
    ],
)
def test_only_the_batch_after_the_newest_may_be_written(
    batch_id: int, newest: Token | None, turn: Turn
) -> None:
    assert turn_of(batch_id, newest) is turn


@pytest.mark.parametrize(
    ("newest", "found"),
    [
        (token(5), Verdict.COMMITTED),
        (token(4), Verdict.NOT_COMMITTED),
        (token(4, run_id="other"), Verdict.NOT_COMMITTED),
        (token(5, run_id="other"), Verdict.FENCED),
        (token(8, run_id="other"), Verdict.FENCED),
        (token(2), Verdict.LOST),
        (None, Verdict.LOST),
    ],
)
def test_the_ledger_settles_what_has_become_of_a_batch(newest: Token | None, found: Verdict) -> None:
    assert verdict(token(5).record, "mine", newest) is found


def test_a_transaction_that_took_too_long_is_no_sign_of_another_run() -> None:
    batch = token(5).record
    assert not has_taken_over(batch, "mine", token(4, run_id="mine"))
    assert not has_taken_over(batch, "mine", token(5, run_id="mine"))
    assert has_taken_over(batch, "mine", token(5, run_id="other"))


def test_only_a_retriable_error_with_time_left_has_the_commit_asked_for_again() -> None:
    assert after_commit_error(retriable=True, seconds_left=1) is Next.AGAIN
    assert after_commit_error(retriable=True, seconds_left=0) is Next.SETTLE
    assert after_commit_error(retriable=False, seconds_left=9) is Next.SETTLE


def test_errors_that_may_mean_another_producer_are_told_from_others() -> None:
    assert may_be_fenced("_FATAL", fatal=False)
    assert may_be_fenced("ANY", fatal=True)
    assert not may_be_fenced("_TIMED_OUT", fatal=False)


# ---- the ledger topic ----------------------------------------------------------------------------


def test_the_partition_of_a_query_never_changes() -> None:
    """Written down: a version that computed another would not find the records of this one."""
    assert LEDGER_PARTITIONS == 16
    assert [ledger_partition(f"query-{n}") for n in range(6)] == PARTITIONS


PARTITIONS = [5, 3, 9, 15, 12, 10]


@pytest.mark.parametrize(
    ("partitions", "policy", "said"),
    [
        (16, "compact", None),
        (40, "compact", None),
        (16, "delete", "'delete'"),
        (16, "compact,delete", "'compact,delete'"),
        (16, "", "must be 'compact' alone"),
        (4, "compact", "has 4 partitions and needs 16"),
    ],
)
def test_a_topic_that_would_lose_commit_records_is_refused(
    partitions: int, policy: str, said: str | None
) -> None:
    fault = ledger_fault(partitions, policy)
    assert fault is None if said is None else said in str(fault)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (7, 8), (0, 512), (3, 1_000_000)])
def test_windows_cover_the_ledger_once_from_its_end(low: int, high: int) -> None:
    found = list(windows(low, high))
    assert all(start < end <= start + 512 * 8**n for n, (start, end) in enumerate(found))
    edges = [high, *(start for start, _ in found)]
    assert [end for _, end in found] == edges[:-1]
    assert edges[-1] == low


# ---- tokens --------------------------------------------------------------------------------------


def compacted(records: list[KeyAndValue]) -> list[KeyAndValue]:
    """What compaction leaves: the last record of every key, in the order of offsets."""
    last = {key: at for at, (key, _) in enumerate(records)}
    return [records[at] for at in sorted(last.values())]


BODIES = ["", "{}", 'ü\n"\\ 你好 😀', "x" * 80_000, "y" * 80_001, "😀" * 400_000]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_commit_record_of_any_size_comes_back_whole(body: str) -> None:
    records = to_records(token(7, body))
    assert newest_token(QUERY, records) == token(7, body)
    assert all(len(value) < 1_000_000 for _, value in records)
    assert all(is_of(QUERY, key) for key, _ in records)


def test_the_newest_of_several_tokens_counts_also_when_it_became_shorter() -> None:
    records = [
        *to_records(token(1, "a" * 400_000)),
        *to_records(token(2, "b" * 200_000)),
        *to_records(token(3)),
    ]
    assert newest_token(QUERY, records) == token(3)
    assert newest_token(QUERY, compacted(records)) == token(3)
    assert newest_token(QUERY, compacted(records[:-1])) == token(2, "b" * 200_000)


def test_parts_that_lie_further_back_are_asked_for() -> None:
    records = to_records(token(4, "a" * 400_000))
    with pytest.raises(PartsMissing):
        newest_token(QUERY, records[1:])
    older = to_records(token(3, "b" * 400_000))
    with pytest.raises(PartsMissing):
        newest_token(QUERY, [*older, *records[1:]])
    assert newest_token(QUERY, [*older, *records]) == token(4, "a" * 400_000)


def test_no_record_is_none() -> None:
    assert newest_token(QUERY, []) is None
    assert not is_of(QUERY, b"another")
    assert not is_of(QUERY, None)
    assert not is_of("query-1", b"query-10")


def test_a_record_of_a_later_format_is_refused() -> None:
    key, value = to_records(token(1))[0]
    later = json.dumps({**json.loads(value), "format": 2}).encode()
    with pytest.raises(CheckpointMismatch, match="format 2"):
        newest_token(QUERY, [(key, later)])
