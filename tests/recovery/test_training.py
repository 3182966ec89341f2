"""A model that learns in a query: drivers killed at every step leave the bytes of an undisturbed one."""

from __future__ import annotations

from pathlib import Path

import pytest

import streamcore.models.store.sink  # noqa: F401 - importing declares the steps
from streamcore.checkpoint.inspection import inspect
from streamcore.models.store import ModelStore
from streamcore.spi import steps
from tests.recovery.job import Job, Row, batches_of_rows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Trials, files
from tests.recovery.test_crash_points import points_of

FLUSH: list[Row] = [(400.0, "z", 1), (401.0, "a", 2)]
BATCHES = [*batches_of_rows(6, "append"), FLUSH]
POINTS_OF_MODELS = [
    point
    for point in steps.crash_points()
    if point.startswith("model-store.")
    or not point.startswith(("sink.", "source.", "rewind", "merge", "repartition"))
]
IN_PROCESSES = {"spark.streamcore.streaming.executor": "processes"}


def digests(job: Job) -> list[dict[str, str]]:
    """The SHA-256 of the models after each retained batch, from the checkpoint's commits."""
    found = inspect(job.checkpoint)
    assert found["problems"] == []
    return [batch["models"] for batch in found["batches"] if batch["is_committed"]]


@pytest.mark.parametrize(
    ("variant", "points"),
    [
        ("predicted", points_of("parquet")),
        (
            "trained behind state",
            ["run:after", "sink-commit:before", "sink-commit:after", "write-commit:after"],
        ),
    ],
)
def test_a_model_whose_drivers_were_killed_at_every_step_has_the_bytes_of_an_undisturbed_one(
    nursery: Nursery, tmp_path: Path, variant: str, points: list[str]
) -> None:
    """One run through all points: every start meets what the crash before has left."""
    trials = Trials(Place("parquet", "append", tmp_path), files(tmp_path / "input", BATCHES))
    undisturbed, disturbed = trials.job(variant=variant), trials.job(variant=variant)
    ending = nursery.run(undisturbed)
    assert ending.code == 0, ending.error
    expected = trials.place.rows(undisturbed.sink)
    assert len(expected) >= 5
    killed = 0
    for nth, point in enumerate(points):
        ending = nursery.run(disturbed, crash_at=f"{point}:{1 + nth % 2}")
        assert ending.code in (KILLED, 0), ending.error
        trials.place.shows_committed_rows_only(disturbed.sink)
        killed += ending.code == KILLED
    assert killed >= min(6, len(points))
    ending = nursery.run(disturbed)
    assert ending.code == 0, ending.error
    assert trials.place.rows(disturbed.sink) == expected
    assert digests(disturbed)[-1] == digests(undisturbed)[-1]


def test_each_batch_is_published_once_whatever_step_its_driver_was_killed_at(
    nursery: Nursery, tmp_path: Path
) -> None:
    trials = Trials(Place("parquet", "append", tmp_path), files(tmp_path / "input", BATCHES[:5]))
    undisturbed, disturbed = (
        trials.job(variant="trained", sink=("model", {"path": str(tmp_path / name), "alias": "champion"}))
        for name in ("undisturbed", "disturbed")
    )
    assert nursery.run(undisturbed).code == 0
    killed = 0
    for nth, point in enumerate(POINTS_OF_MODELS):
        ending = nursery.run(disturbed, crash_at=f"{point}:{1 + nth % 2}")
        assert ending.code in (KILLED, 0), ending.error
        killed += ending.code == KILLED
    assert killed > 5
    ending = nursery.run(disturbed)
    assert ending.code == 0, ending.error
    expected, found = (ModelStore(job.sink[1]["path"]) for job in (undisturbed, disturbed))
    assert published(found) == published(expected)
    assert found.aliases() == expected.aliases() == {"champion": len(BATCHES[:5])}


def published(store: ModelStore) -> list[tuple[int, list[str]]]:
    """Of each version the batch that made it, and the SHA-256 of its files."""
    return [
        (manifest.made_by.batch_id, [file.digest for file in manifest.files.values()])
        for manifest in store.list()
        if manifest.made_by is not None
    ]


def test_worker_processes_make_the_bytes_that_threads_make(nursery: Nursery, tmp_path: Path) -> None:
    trials = Trials(Place("parquet", "append", tmp_path), files(tmp_path / "input", BATCHES[:3]))
    threads = trials.job(variant="predicted")
    processes = trials.job(variant="predicted", conf={**trials.conf, **IN_PROCESSES})
    assert nursery.run(threads).code == 0
    ending = nursery.run(processes, crash_at="sink-commit:before:2")
    assert ending.code == KILLED, ending.error
    ending = nursery.run(processes)
    assert ending.code == 0, ending.error
    assert trials.place.rows(processes.sink) == trials.place.rows(threads.sink)
    assert digests(processes) == digests(threads)


def test_a_batch_that_is_learned_twice_makes_other_bytes(nursery: Nursery, tmp_path: Path) -> None:
    """So that the digests of this file can tell exactly once from at least once."""
    found = []
    for name, batches in (("once", BATCHES[:2]), ("twice", [BATCHES[0], *BATCHES[:2]])):
        folder = tmp_path / name
        folder.mkdir()
        place = Place("parquet", "append", folder)
        job = Trials(place, files(folder / "input", batches)).job(variant="predicted")
        assert nursery.run(job).code == 0
        found.append(digests(job)[-1])
    assert found[0] != found[1]
