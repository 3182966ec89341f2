"""A driver that joins two streams is killed at every step, and leaves what an undisturbed one leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.recovery.job import NEAR_SECONDS, Row, batches_of_rows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Trials, files
from tests.recovery.test_crash_points import points_of

LONG_AFTER: Row = (20_000.0, "end", 1)
BATCHES: list[list[Row]] = [*batches_of_rows(4, "append", per_batch=5), [LONG_AFTER], [(20_001.0, "end", 2)]]


def pairs() -> list[tuple[Any, ...]]:
    """What the join gives, by plain Python; the last rows still wait."""
    rows = [row for batch in BATCHES for row in batch if row[1] is not None]
    found: list[tuple[Any, ...]] = []
    for ts, k, v in rows:
        near = [
            (t, w) for t, key, w in rows if key == k and ts is not None and ts < (t or 0) <= ts + NEAR_SECONDS
        ]
        found += [(ts, t, k, v, w) for t, w in near]
        if not near and k != LONG_AFTER[1]:
            found.append((ts, None, k, v, None))
    return sorted(found, key=repr)


def test_a_join_killed_at_every_step_loses_and_doubles_nothing(nursery: Nursery, tmp_path: Path) -> None:
    trials = Trials(Place("sqlite", "append", tmp_path), files(tmp_path / "input", BATCHES))
    undisturbed, job = trials.job(variant="joined"), trials.job(variant="joined")
    assert nursery.run(undisturbed).code == 0
    expected = trials.place.rows(undisturbed.sink)
    assert sorted((row[:5] for row in expected), key=repr) == pairs()
    for point in points_of("sqlite"):
        ending = nursery.run(job, crash_at=f"{point}:1")
        if ending.code == 0:  # all batches had been run before this point was reached
            assert trials.place.rows(job.sink) == expected
            job = trials.job(variant="joined")
            ending = nursery.run(job, crash_at=f"{point}:1")
        assert ending.code == KILLED, f"{point}: {ending.error}"
    ending = nursery.run(job)
    assert ending.code == 0, ending.error
    assert trials.place.rows(job.sink) == expected
