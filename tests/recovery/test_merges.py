"""The driver is killed while state files are merged beside its batches."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamcore.execution.stores.store import MERGE
from tests.recovery.job import Row, batches_of_rows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Trials, files, plain

BATCHES = batches_of_rows(12, "update")


def expected(batches: list[list[Row]]) -> set[tuple[object, ...]]:
    rows = [(k, v) for batch in batches for _, k, v in batch]
    return {
        (0.0, key, len(values), sum(values))
        for key in {k for k, _ in rows}
        for values in [[v or 0 for k, v in rows if k == key]]
    }


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_driver_killed_while_files_are_merged_loses_and_doubles_nothing(
    nursery: Nursery, tmp_path: Path, side: str, nth: int
) -> None:
    source = files(tmp_path / "input", BATCHES)
    trials = Trials(Place("sqlite", "update", tmp_path), source)
    trials.conf |= {"spark.sql.shuffle.partitions": "1"}
    job = trials.job(variant="totals")
    assert nursery.run(job, crash_at=f"{MERGE}:{side}:{nth}").code == KILLED
    ending = nursery.run(job)
    assert ending.code == 0, ending.error
    assert plain(trials.place.rows(job.sink)) == expected(BATCHES)
    runs = list(Path(job.checkpoint, "state", "aggregate-0", "default", "0").iterdir())
    assert len(runs) < len(BATCHES)
