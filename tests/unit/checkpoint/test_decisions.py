from __future__ import annotations

from itertools import product

import pytest

from streamcore.checkpoint.decisions import (
    Continue,
    Refuse,
    Rerun,
    RewindSink,
    RollForward,
    StartDecision,
    StartFacts,
    StartFresh,
    decide_start,
)
from streamcore.spi.exactly_once import CommitRecord, Guarantee

QUERY = "a query"
IDS = range(-1, 4)


def record(batch_id: int, body: str = "body", query_id: str = QUERY) -> CommitRecord | None:
    return None if batch_id < 0 else CommitRecord(query_id, batch_id, f"{body} {batch_id}")


def facts(
    planned: int,
    committed: int,
    sink: int = -1,
    guarantee: Guarantee = Guarantee.EXACTLY_ONCE,
    first_retained: int | None = -1,
    rewound_to: int | None = None,
) -> StartFacts:
    return StartFacts(
        query_id=QUERY,
        last_offsets=None if planned < 0 else planned,
        last_commit=record(committed),
        first_retained=first_retained,
        guarantee=guarantee,
        sink_record=record(sink),
        rewound_to=rewound_to,
    )


def settled(batch_id: int) -> StartDecision:
    return StartFresh() if batch_id < 0 else Continue(batch_id + 1)


@pytest.mark.parametrize(("planned", "committed"), list(product(IDS, IDS)))
def test_without_a_sink_record_the_checkpoint_alone_decides(planned: int, committed: int) -> None:
    decision = decide_start(facts(planned, committed, guarantee=Guarantee.AT_LEAST_ONCE))
    if planned == committed:
        assert decision == settled(committed)
    elif planned == committed + 1:
        assert decision == Rerun(planned)
    else:
        assert isinstance(decision, Refuse)
        assert "lost files" in decision.reason


@pytest.mark.parametrize(("planned", "committed", "sink"), list(product(IDS, IDS, IDS)))
def test_with_an_exactly_once_sink_every_case_has_one_answer(planned: int, committed: int, sink: int) -> None:
    decision = decide_start(facts(planned, committed, sink))
    if planned not in (committed, committed + 1):
        assert isinstance(decision, Refuse)
        assert "lost files" in decision.reason
    elif sink == committed == planned:
        assert decision == settled(committed)
    elif sink == committed:
        assert decision == Rerun(planned)
    elif sink == planned:
        assert decision == RollForward(CommitRecord(QUERY, sink, f"body {sink}"))
    elif sink < committed:
        assert isinstance(decision, Refuse)
        assert "behind" in decision.reason
        assert decision.rewind_to == sink
    else:
        assert isinstance(decision, Refuse)
        assert "ahead" in decision.reason or "the checkpoint is empty" in decision.reason


@pytest.mark.parametrize(
    ("rewound_to", "ahead", "is_planned"), list(product(range(-1, 3), range(3), (False, True)))
)
def test_after_a_rewind_the_sink_is_taken_back_first(rewound_to: int, ahead: int, is_planned: bool) -> None:
    planned = rewound_to + is_planned
    decision = decide_start(facts(planned, rewound_to, rewound_to + ahead, rewound_to=rewound_to))
    if ahead:
        assert decision == RewindSink(record(rewound_to))
    else:
        assert decision == (Rerun(planned) if is_planned else settled(rewound_to))


def test_after_a_rewind_a_sink_that_is_behind_is_still_refused() -> None:
    assert isinstance(decide_start(facts(2, 2, 1, rewound_to=2)), Refuse)


def test_after_a_rewind_a_sink_without_records_goes_on_at_once() -> None:
    decision = decide_start(facts(2, 2, guarantee=Guarantee.AT_LEAST_ONCE, rewound_to=2))
    assert decision == Continue(3)


def test_a_sink_behind_what_is_retained_cannot_be_replayed() -> None:
    decision = decide_start(facts(9, 9, sink=3, first_retained=5))
    assert isinstance(decision, Refuse)
    assert decision.rewind_to is None
    assert "retains batch 5 at the earliest" in decision.way_out


def test_a_sink_behind_within_what_is_retained_names_the_command() -> None:
    decision = decide_start(facts(9, 9, sink=5, first_retained=5))
    assert isinstance(decision, Refuse)
    assert "--to 5" in decision.way_out


def test_a_sink_ahead_of_its_checkpoint_can_be_taken_back_to_it() -> None:
    decision = decide_start(facts(2, 2, sink=5))
    assert isinstance(decision, Refuse)
    assert decision.rewind_to == 2
    assert decide_start(facts(2, 2, sink=5, rewound_to=2)) == RewindSink(record(2))


def test_two_copies_of_a_checkpoint_are_told_apart_by_their_records() -> None:
    copied = StartFacts(QUERY, 3, record(3), -1, Guarantee.EXACTLY_ONCE, record(3, body="other body"))
    decision = decide_start(copied)
    assert isinstance(decision, Refuse)
    assert "two copies" in decision.reason


def test_a_record_of_another_query_is_refused() -> None:
    foreign = StartFacts(QUERY, 3, record(3), -1, Guarantee.EXACTLY_ONCE, record(3, query_id="another"))
    decision = decide_start(foreign)
    assert isinstance(decision, Refuse)
    assert "another" in decision.reason
