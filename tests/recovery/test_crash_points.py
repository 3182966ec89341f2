"""The driver is killed before and after every step; restarted, it leaves what an undisturbed run leaves."""

from __future__ import annotations

import itertools
from functools import cached_property

import pytest

import streamcore.checkpoint.checkpoint
import streamcore.sinks.database.stream_writer
import streamcore.sinks.files.stream_writer
import streamcore.sinks.kafka.stream_writer  # noqa: F401 - importing declares the steps
from streamcore.execution.stores.repartitioning import REPARTITION
from streamcore.execution.stores.store import MERGE
from streamcore.spi import steps
from tests.recovery.job import Job, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Table, Trials, files, plain
from tests.services.report import describe_service

OUTPUTS = [
    ("parquet", "append"),
    ("sqlite", "append"),
    ("sqlite", "update"),
    ("postgres", "append"),
    ("postgres", "update"),
]
BATCHES = {mode: batches_of_rows(7, mode) for mode in ("append", "update")}
_ONLY_ELSEWHERE = ("rewind", "sink.files.rewind", "sink.files.hide", "dead-letters", MERGE, REPARTITION)


# As imported: examples in docstrings of the same process declare steps of their own later.
_DECLARED = steps.crash_points()


def points_of(kind: str) -> list[str]:
    """The crash points that a query into this kind of sink comes to."""
    own = _OWN_POINTS.get(kind, "sink.database.")
    return [
        point
        for point in _DECLARED
        if (point.startswith(own) or not point.startswith(("sink.", "source.", "model-store.")))
        and point.partition(":")[0] not in _ONLY_ELSEWHERE
    ]


_OWN_POINTS = {"parquet": "sink.files.", "kafka": "sink.kafka."}


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
    kind, mode = request.param
    folder = tmp_path_factory.mktemp(f"{kind}-{mode}")
    database = None
    if kind == "postgres":
        database = request.getfixturevalue("_postgres_server").new_database()
        describe_service(request.config, "postgres", database.description)
    found = Undisturbed(Place(kind, mode, folder, database), files(folder / "input", BATCHES[mode]))
    found.nursery = nursery
    return found


def finish(nursery: Nursery, job: Job) -> None:
    ending = nursery.run(job)
    assert ending.code == 0, ending.error


CASES = [
    pytest.param(output, point, id=f"{output[0]}-{output[1]}-{point}")
    for output in OUTPUTS
    for point in points_of(output[0])
]
# It makes no difference which database the output is in, nor how rows get there: those points are soaked, and
# by default gone through once, one after the other.
_IN_FULL = (("parquet", "append"), ("postgres", "update"))
BY_DEFAULT = [case for case in CASES if case.values[0] in _IN_FULL]


@pytest.mark.parametrize(("trials", "point"), BY_DEFAULT, indirect=["trials"])
def test_a_driver_killed_at_any_step_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery, point: str
) -> None:
    job = trials.job()
    assert nursery.run(job, crash_at=f"{point}:1").code == KILLED, f"no driver comes to {point}"
    trials.place.shows_committed_rows_only(job.sink)
    # A second time, some batches later; points that a driver comes to once are behind it by then.
    again = nursery.run(job, crash_at=f"{point}:3")
    assert again.code in (KILLED, 0), again.error
    trials.place.shows_committed_rows_only(job.sink)
    finish(nursery, job)
    assert trials.place.rows(job.sink) == trials.expected


@pytest.mark.soak
@pytest.mark.parametrize("nth", range(1, 10))
@pytest.mark.parametrize(("trials", "point"), CASES, indirect=["trials"])
def test_a_driver_killed_at_any_step_of_any_batch_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery, point: str, nth: int
) -> None:
    job = trials.job()
    crashed = nursery.run(job, crash_at=f"{point}:{nth}")
    assert crashed.code in (KILLED, 0), crashed.error
    finish(nursery, job)
    assert trials.place.rows(job.sink) == trials.expected


@pytest.mark.parametrize("trials", OUTPUTS, indirect=True, ids="-".join)
def test_a_driver_killed_at_a_step_after_the_other_loses_and_doubles_nothing(
    trials: Undisturbed, nursery: Nursery
) -> None:
    """One run through all points: every start meets what the crash before has left."""
    job = trials.job()
    for point in itertools.chain(points_of(trials.place.kind), reversed(points_of(trials.place.kind))):
        assert nursery.run(job, crash_at=f"{point}:1").code in (KILLED, 0)
    finish(nursery, job)
    assert trials.place.rows(job.sink) == trials.expected
