"""Queries into Iceberg tables: killed at every step, superseded, raced, and cut off in a commit."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import load_catalog
from pyiceberg.catalog.sql import SqlCatalog

import streamcore.sinks.iceberg.stream_writer  # noqa: F401 - importing declares the steps
from streamcore.errors import AnalysisException, CheckpointFenced, CommitFailed, CommitStateUnknown
from streamcore.sinks.iceberg.data_source import IcebergSink
from streamcore.sinks.iceberg.stream_writer import IcebergStreamWriter
from streamcore.spi import steps
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema
from tests.recovery.job import Job, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Table, Trials, files, plain
from tests.services.fixtures import PrivateDatabase

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable

MODES = ("append", "update")
BATCHES = {mode: batches_of_rows(5, mode) for mode in MODES}
_PROTOCOL = [f"{step}:{side}" for step in steps.STEPS for side in ("before", "after")]
_OWN = [point for point in steps.crash_points() if point.startswith("sink.iceberg.")]


class Undisturbed(Trials):
    """Trials with the rows that an undisturbed run leaves."""

    nursery: Nursery

    @cached_property
    def expected(self) -> Table:
        job = self.job()
        assert self.nursery.run(job).code == 0
        rows = self.place.rows(job.sink)
        assert plain(rows) == expected_windows(BATCHES[job.mode], job.mode)
        assert len(rows) == len(plain(rows)) > 5
        return rows


@pytest.fixture(scope="module")
def trials(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, nursery: Nursery
) -> Undisturbed:
    mode = request.param
    folder = tmp_path_factory.mktemp(f"iceberg-{mode}")
    found = Undisturbed(Place("iceberg", mode, folder), files(folder / "input", BATCHES[mode]))
    found.nursery = nursery
    return found


def _points(mode: str) -> list[str]:
    # Taking the table at the start is a commit too: the second one is that of a batch.
    points = ["sink.iceberg.prepare:after:2", "sink.iceberg.commit:after:2", "sink-commit:after:1"]
    # Rows that are merged by key are written when they are committed.
    return (
        ["sink.iceberg.stage:after:1", "sink.iceberg.commit:after:1", *points] if mode == "append" else points
    )


def _finish(trials: Undisturbed, job: Job) -> None:
    ending = trials.nursery.run(job)
    assert ending.code == 0, ending.error
    assert trials.place.rows(job.sink) == trials.expected


@pytest.mark.parametrize("trials", MODES, indirect=True)
def test_a_driver_killed_at_a_step_of_the_sink_after_the_other_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery
) -> None:
    job = trials.job()
    for point in _points(trials.place.mode):
        ending = nursery.run(job, crash_at=point)
        assert ending.code == KILLED, f"no driver comes to {point}: {ending.error}"
    _finish(trials, job)
    assert _orphans(trials.place, job) == []


@pytest.mark.soak
@pytest.mark.parametrize("nth", range(1, 9))
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


@pytest.mark.integration
@pytest.mark.parametrize(
    "point",
    [pytest.param("sink.iceberg.commit:before", marks=pytest.mark.soak), "sink.iceberg.commit:after"],
)
def test_a_catalog_that_is_killed_in_a_commit_loses_and_doubles_nothing(
    nursery: Nursery, private_postgres: PrivateDatabase, tmp_path: Path, point: str
) -> None:
    place = Place("iceberg", "append", tmp_path, private_postgres)
    job = Trials(place, files(tmp_path / "input", BATCHES["append"])).job()
    asleep = nursery.stop_at(job, point)
    private_postgres.server.kill()
    private_postgres.server.start()
    ending = nursery.wake(asleep)
    if ending.code != 0:
        assert "CommitStateUnknown" in ending.error or "CommitFailed" in ending.error
        ending = nursery.run(job)
        assert ending.code == 0, ending.error
    assert plain(place.rows(job.sink)) == expected_windows(BATCHES["append"], "append")
    assert len(place.rows(job.sink)) == len(plain(place.rows(job.sink)))


def _orphans(place: Place, job: Job) -> list[str]:
    """Data files that no snapshot of the table names."""
    _, options = job.sink
    name = options["path"].rpartition(".")[2]
    data = Path(options["catalog.warehouse"]) / "db" / name / "data"
    with _catalog(Path(options["catalog.uri"].removeprefix("sqlite:///")).parent) as catalog:
        table = catalog.load_table(f"db.{name}")
        named = {row["file_path"] for row in table.inspect.all_files().to_pylist()}
    return [str(path) for path in data.rglob("*.parquet") if str(path) not in named]


# ---- several writers -------------------------------------------------------------------------------

ROWS = pa.table({"k": ["a", "b"], "n": [1, 2]})


def _catalog(folder: Path) -> SqlCatalog:
    uri, warehouse = f"sqlite:///{folder / 'catalog.db'}", str(folder / "warehouse")
    found = load_catalog("lake", uri=uri, warehouse=warehouse)
    assert isinstance(found, SqlCatalog)
    return found


def _run(folder: Path, run_id: str, mode: str = "append", **options: str) -> IcebergStreamWriter:
    """A run of one query, which has asked the table how far it is."""
    where = {
        "catalog.uri": f"sqlite:///{folder / 'catalog.db'}",
        "catalog.warehouse": str(folder / "warehouse"),
    }
    sink = IcebergSink(Options({"path": "lake.db.t", **where, **options}))
    writer = sink.streamWriter(from_arrow_schema(ROWS.schema), overwrite=False)
    writer.open(QueryIdentity("query", run_id, mode))
    writer.last_committed()
    return writer


def _commit(writer: IcebergStreamWriter, batch_id: int, body: str = "") -> None:
    staged = writer.write(iter(ROWS.to_batches()))
    record = CommitRecord("query", batch_id, body or f"batch {batch_id}")
    try:
        writer.commit_batch([staged], record)
    except CommitFailed:
        writer.abort([staged], batch_id)
        raise


def _table(folder: Path) -> IcebergTable:
    return _catalog(folder).load_table("db.t")


def _count(folder: Path) -> int:
    return int(_table(folder).scan().to_arrow().num_rows)


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
def test_of_racers_with_one_batch_the_rows_of_exactly_one_are_in_the_table(
    tmp_path: Path, mode: str, options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _run(tmp_path, "run", mode, **options)
    _commit(first, 0)
    # As if one driver had become six: the same run, with the same view of the table.
    monkeypatch.setattr(IcebergStreamWriter, "_take", lambda *_: None)
    racers = [_run(tmp_path, "run", mode, **options) for _ in range(6)]
    raised = _together([partial(_commit, racer, 1) for racer in racers])
    assert set(raised) <= {None, CommitFailed, CommitStateUnknown}
    assert None in raised
    assert _count(tmp_path) == (4 if mode == "append" else 2)
    history = [s.summary.additional_properties for s in _table(tmp_path).metadata.snapshots if s.summary]
    assert [facts["streamcore.batch-id"] for facts in history] == ["-1", "0", "1"]


def test_of_runs_that_open_at_once_only_the_last_can_commit(tmp_path: Path) -> None:
    _commit(_run(tmp_path, "before"), 0)
    runs: list[IcebergStreamWriter] = []

    def start(number: int) -> None:
        runs.append(_run(tmp_path, f"run {number}"))

    _together([partial(start, number) for number in range(4)])
    raised = _together([partial(_commit, run, 1) for run in runs])
    assert raised.count(None) <= 1
    assert set(raised) <= {None, CheckpointFenced}
    again = _run(tmp_path, "after")
    if None not in raised:
        _commit(again, 1)
    assert _count(tmp_path) == 4


def test_a_run_that_was_superseded_while_it_slept_changes_nothing(tmp_path: Path) -> None:
    asleep = _run(tmp_path, "asleep")
    _commit(asleep, 0)
    awake = _run(tmp_path, "awake")
    with pytest.raises(CheckpointFenced, match="awake"):
        _commit(asleep, 1)
    _commit(awake, 1)
    assert _count(tmp_path) == 4


def test_a_query_and_other_writers_of_the_table_lose_nothing_of_each_other(tmp_path: Path) -> None:
    run = _run(tmp_path, "run")

    def others() -> None:
        for _ in range(6):
            _table(tmp_path).append(ROWS)

    def ours() -> None:
        for batch_id in range(6):
            _commit(run, batch_id)

    assert _together([others, ours]) == [None, None]
    assert _count(tmp_path) == 24


@pytest.mark.parametrize("has_landed", [True, False])
def test_a_commit_whose_answer_was_lost_is_looked_for_and_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_landed: bool
) -> None:
    run = _run(tmp_path, "run")
    commit_table = SqlCatalog.commit_table
    lost: list[int] = []

    def losing(self: SqlCatalog, *arguments: Any) -> Any:
        if lost:
            return commit_table(self, *arguments)
        lost.append(1)
        if has_landed:
            commit_table(self, *arguments)
        raise ConnectionError("the answer was lost")

    monkeypatch.setattr(SqlCatalog, "commit_table", losing)
    _commit(run, 0)
    assert lost == [1]
    assert _count(tmp_path) == 2
    assert run.last_committed() == CommitRecord("query", 0, "batch 0")


def test_a_commit_that_nobody_can_ask_about_is_unknown_and_its_files_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _run(tmp_path, "run")
    commit_table, load_table = SqlCatalog.commit_table, SqlCatalog.load_table

    def gone(*_: Any) -> Any:
        raise ConnectionError("nobody answers at postgresql://me:pw@db/x")

    def losing(self: SqlCatalog, *arguments: Any) -> Any:
        commit_table(self, *arguments)
        monkeypatch.setattr(SqlCatalog, "load_table", gone)
        gone()

    monkeypatch.setattr(SqlCatalog, "commit_table", losing)
    with pytest.raises(CommitStateUnknown) as unknown:
        _commit(run, 0)
    assert "pw" not in str(unknown.value)
    monkeypatch.setattr(SqlCatalog, "load_table", load_table)
    monkeypatch.setattr(SqlCatalog, "commit_table", commit_table)
    assert _run(tmp_path, "next").last_committed() == CommitRecord("query", 0, "batch 0")
    assert _count(tmp_path) == 2


# ---- history ---------------------------------------------------------------------------------------


def test_a_rewind_is_refused_when_others_have_written_since(tmp_path: Path) -> None:
    run = _run(tmp_path, "run")
    for batch_id in range(3):
        _commit(run, batch_id)
    _table(tmp_path).append(ROWS)
    with pytest.raises(AnalysisException, match="written by others"):
        _run(tmp_path, "next").rewind(CommitRecord("query", 1, "batch 1"))
    assert _count(tmp_path) == 8


def test_old_snapshots_of_the_query_expire_by_option_and_never_those_of_tags_or_of_others(
    tmp_path: Path,
) -> None:
    run = _run(tmp_path, "run", retainSnapshots="3")
    _commit(run, 0)
    tagged = _table(tmp_path).current_snapshot()
    assert tagged is not None
    _table(tmp_path).manage_snapshots().create_tag(tagged.snapshot_id, "month").commit()
    _table(tmp_path).append(ROWS)
    others = _table(tmp_path).current_snapshot()
    assert others is not None
    for batch_id in range(1, 20):
        _commit(run, batch_id)
        run.collect_garbage()
    kept = [snapshot.snapshot_id for snapshot in _table(tmp_path).metadata.snapshots]
    assert tagged.snapshot_id in kept
    assert others.snapshot_id in kept
    assert len(kept) <= 2 + 2 * 3
    assert _count(tmp_path) == 42
    lists = list((tmp_path / "warehouse" / "db" / "t" / "metadata").glob("snap-*.avro"))
    assert len(lists) == len(kept)


def test_a_long_commit_record_is_kept_small_and_comes_back_as_it_was(tmp_path: Path) -> None:
    body = "".join(f'{{"file": "state/{number:06d}.run"}}' for number in range(5_000))
    _commit(_run(tmp_path, "run"), 0, body)
    text = _table(tmp_path).properties["streamcore.commit.streamcore"]
    assert len(text) < len(body) / 4
    found = _run(tmp_path, "next").last_committed()
    assert found is not None
    assert found.body == body
