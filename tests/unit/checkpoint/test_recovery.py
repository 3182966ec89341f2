from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody, recover
from streamcore.errors import AnalysisException, CheckpointMismatch
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter, Guarantee
from tests.unit.checkpoint.conftest import offsets, run_batches
from tests.unit.checkpoint.toy_query import ToySink

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.spi.exactly_once import CommitRecord


class PlainWriter:
    """A PySpark writer: it keeps no records."""

    def write(self, iterator: object) -> None:
        raise NotImplementedError


class CannotTakeBack(ToySink):
    rewind = ExactlyOnceStreamWriter.rewind


class Deaf(ToySink):
    def rewind(self, record: CommitRecord | None) -> None:
        """Says that it did."""


def filled(sink: ToySink, checkpoint: Checkpoint, count: int) -> ToySink:
    """Gives `sink` the records of the first `count` batches of the checkpoint."""
    for batch_id in range(count):
        sink.batches.append(([], checkpoint.commit(batch_id).record()))
    return sink


def test_the_first_start_plans_batch_zero(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        point = recover(checkpoint, ToySink())
    assert (point.batch_id, point.committed, point.offsets, point.is_planned) == (0, None, None, False)


def test_a_settled_query_goes_on_with_the_next_batch(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 2)
        point = recover(checkpoint, filled(ToySink(), checkpoint, 2))
        assert (point.batch_id, point.is_planned) == (2, False)
        assert point.committed == checkpoint.commit(1)
        assert point.offsets == offsets(1)


def test_a_planned_batch_is_run_as_planned(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        checkpoint.write_offsets(offsets(1))
        for writer in (filled(ToySink(), checkpoint, 1), PlainWriter()):
            point = recover(checkpoint, writer)
            assert (point.batch_id, point.is_planned, point.offsets) == (1, True, offsets(1))


def test_a_visible_batch_is_copied_from_the_sink_and_not_run(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        checkpoint.write_offsets(offsets(0))
        record = CommitBody(checkpoint.query_id, 0, output_rows=9).record()
        sink = ToySink()
        sink.batches.append(([], record))
        point = recover(checkpoint, sink)
        assert (point.batch_id, point.is_planned) == (1, False)
        assert checkpoint.last_commit == record


def test_a_sink_that_cannot_take_back_refuses_the_start_and_the_rewind_stays_asked_for(
    reopen: Callable[[], Checkpoint],
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3)
        sink = filled(CannotTakeBack(), checkpoint, 3)
        checkpoint.rewind_to(1)
    for _ in range(2):
        with reopen() as checkpoint, pytest.raises(AnalysisException, match="cannot take back rows"):
            recover(checkpoint, sink)


def test_a_sink_that_is_restored_by_hand_satisfies_the_rewind(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3)
        sink = filled(CannotTakeBack(), checkpoint, 2)
        checkpoint.rewind_to(1)
    with reopen() as checkpoint:
        assert recover(checkpoint, sink).batch_id == 2
    with reopen() as checkpoint:
        assert checkpoint.start_facts(*no_sink()).rewound_to is None


def test_a_sink_that_ignores_the_rewind_is_refused(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3)
        sink = filled(Deaf(), checkpoint, 3)
        checkpoint.rewind_to(1)
        with pytest.raises(CheckpointMismatch, match="did not do what it was told"):
            recover(checkpoint, sink)


def test_a_sink_without_records_follows_a_rewind_by_running_again(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3)
        checkpoint.rewind_to(0)
    with reopen() as checkpoint:
        point = recover(checkpoint, PlainWriter())
        assert (point.batch_id, point.is_planned) == (1, False)
        assert checkpoint.start_facts(*no_sink()).rewound_to is None


def test_a_new_sink_under_an_old_checkpoint_is_refused(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 2)
        with pytest.raises(CheckpointMismatch, match="it holds nothing of this query"):
            recover(checkpoint, ToySink())


def no_sink() -> tuple[Guarantee, None]:
    return Guarantee.AT_LEAST_ONCE, None
