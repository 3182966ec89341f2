"""Queries into Delta tables: killed at every step, superseded while they sleep, and raced by their twins."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

import streamcore.sinks.delta.stream_writer  # noqa: F401 - importing declares the steps
from streamcore.errors import CheckpointFenced
from streamcore.sinks.delta.data_source import DeltaSink
from streamcore.sinks.delta.stream_writer import DeltaStreamWriter
from streamcore.spi import steps
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from tests.recovery.job import Job, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Table, Trials, files, plain

MODES = ("append", "update")
BATCHES = {mode: batches_of_rows(7, mode) for mode in MODES}
_PROTOCOL = [f"{step}:{side}" for step in steps.STEPS for side in ("before", "after")]
_OWN = [point for point in steps.crash_points() if point.startswith("sink.delta.")]


class Undisturbed(Trials):
    """Trials with the rows that an undisturbed run leaves."""

    nursery: Nursery

    @cached_property
    def expected(self) -> Table:
        job = self.job()
        assert self.nursery.run(job).code == 0
        rows = self.place.rows(job.sink)
        assert plain(rows) == expected_windows(BATCHES[job.mode], job.mode)
        assert len(rows) == len(plain(rows)) > 10
        return rows


@pytest.fixture(scope="module")
def trials(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, nursery: Nursery
) -> Undisturbed:
    mode = request.param
    folder = tmp_path_factory.mktemp(f"delta-{mode}")
    found = Undisturbed(Place("delta", mode, folder), files(folder / "input", BATCHES[mode]))
    found.nursery = nursery
    return found


def _finish(trials: Undisturbed, job: Job) -> None:
    ending = trials.nursery.run(job)
    assert ending.code == 0, ending.error
    assert trials.place.rows(job.sink) == trials.expected


@pytest.mark.parametrize("trials", ["append", pytest.param("update", marks=pytest.mark.soak)], indirect=True)
def test_a_driver_killed_at_a_step_of_the_sink_after_the_other_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery
) -> None:
    job = trials.job()
    for point in ("sink.delta.record:after", "sink.delta.commit:after"):
        ending = nursery.run(job, crash_at=f"{point}:1")
        assert ending.code == KILLED, f"no driver comes to {point}: {ending.error}"
    _finish(trials, job)


@pytest.mark.soak
@pytest.mark.parametrize("nth", range(1, 8))
@pytest.mark.parametrize(
    ("trials", "point"), list(itertools.product(MODES, [*_PROTOCOL, *_OWN])), indirect=["trials"]
)
def test_a_driver_killed_at_any_step_of_any_batch_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery, point: str, nth: int
) -> None:
    job = trials.job()
    crashed = nursery.run(job, crash_at=f"{point}:{nth}")
    assert crashed.code in (KILLED, 0), crashed.error
    _finish(trials, job)


# ---- several writers -------------------------------------------------------------------------------

ROWS = pa.table({"k": ["a", "b"], "n": [1, 2]})


def _run(folder: Path, run_id: str, mode: str = "append", **options: str) -> DeltaStreamWriter:
    """A run of one query, which has asked the table how far it is."""
    sink = DeltaSink(Options({"path": str(folder), **options}))
    writer = sink.streamWriter(from_arrow_schema(ROWS.schema), overwrite=False)
    writer.open(QueryIdentity("query", run_id, mode))
    writer.last_committed()
    return writer


def _commit(writer: DeltaStreamWriter, batch_id: int) -> None:
    staged = writer.write(iter(ROWS.to_batches()))
    writer.commit_batch([staged], CommitRecord("query", batch_id, f"batch {batch_id}"))


def _rows(folder: Path) -> int:
    return int(DeltaTable(folder).to_pyarrow_table().num_rows)


def _together(acts: list[Callable[[], None]]) -> list[type[BaseException] | None]:
    """Runs the acts at the same moment; what each of them raised."""
    start = threading.Barrier(len(acts))
    raised: list[type[BaseException] | None] = []

    def one(act: Callable[[], None]) -> None:
        start.wait()
        try:
            act()
        except BaseException as error:
            raised.append(type(error))
        else:
            raised.append(None)

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.parametrize(
    ("mode", "options"), [("append", {}), ("complete", {}), ("update", {"keyColumns": "k"})]
)
def test_of_eight_racers_with_one_batch_exactly_one_commits_it(
    tmp_path: Path, mode: str, options: dict[str, str]
) -> None:
    table = tmp_path / "table"
    runs = [_run(table, f"run {number}", mode, **options) for number in range(8)]
    for batch_id in range(2):
        raised = _together([partial(_commit, run, batch_id) for run in runs])
        assert raised.count(None) == 1
        assert set(raised) == {None, CheckpointFenced}
        runs = [_run(table, f"again {number}", mode, **options) for number in range(8)]
    assert _rows(table) == (4 if mode == "append" else 2)
    found = runs[0].last_committed()
    assert found is not None
    assert found.body == "batch 1"


def test_a_query_and_other_writers_of_the_table_lose_nothing_of_each_other(tmp_path: Path) -> None:
    table = tmp_path / "table"
    run = _run(table, "run")

    def others() -> None:
        for _ in range(10):
            write_deltalake(table, ROWS, mode="append")

    def ours() -> None:
        for batch_id in range(10):
            _commit(run, batch_id)

    assert _together([others, ours]) == [None, None]
    assert _rows(table) == 40


def test_a_run_that_slept_while_the_log_was_cleaned_up_writes_no_version_into_the_gap(tmp_path: Path) -> None:
    table = tmp_path / "table"
    asleep, awake = _run(table, "asleep"), _run(table, "awake")
    for batch_id in range(5):
        _commit(awake, batch_id)
    DeltaTable(table).create_checkpoint()
    for version in range(1, 5):
        (table / "_delta_log" / f"{version:020d}.json").unlink()
    with pytest.raises(CheckpointFenced):
        _commit(asleep, 0)
    assert _rows(table) == 10
    assert not (table / "_delta_log" / f"{1:020d}.json").exists()


def test_the_commit_record_outlives_the_commit_in_the_log(tmp_path: Path) -> None:
    table = tmp_path / "table"
    run = _run(table, "run")
    _commit(run, 0)
    for _ in range(3):
        write_deltalake(table, ROWS, mode="append")
    DeltaTable(table).create_checkpoint()
    for version in range(3):
        (table / "_delta_log" / f"{version:020d}.json").unlink()
    found = _run(table, "next").last_committed()
    assert found == CommitRecord("query", 0, "batch 0")


def test_of_the_records_of_two_attempts_the_one_that_was_committed_is_found(tmp_path: Path) -> None:
    table = tmp_path / "table"
    run = _run(table, "run")
    _commit(run, 0)
    (table / "_streamcore_commits" / "query.0.00.json").write_text(
        "of an attempt that died before its commit"
    )
    assert _run(table, "next").last_committed() == CommitRecord("query", 0, "batch 0")
