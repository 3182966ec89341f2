"""Under every stateful operator: drivers killed at every step leave what an undisturbed one leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recovery.job import Row, batches_of_rows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.operator_variants import OPERATORS
from tests.recovery.places import Place, Trials, files
from tests.recovery.test_crash_points import points_of

FLUSH: list[Row] = [(400.0, "z", 1), (401.0, "a", 2)]
BATCHES = [*batches_of_rows(6, "append"), FLUSH]


@pytest.mark.parametrize("variant", OPERATORS)
def test_drivers_killed_at_every_step_under_an_operator_lose_and_double_nothing(
    nursery: Nursery, tmp_path: Path, variant: str
) -> None:
    """One run through all points: every start meets what the crash before has left."""
    trials = Trials(Place("parquet", "append", tmp_path), files(tmp_path / "input", BATCHES))
    undisturbed, disturbed = trials.job(variant=variant), trials.job(variant=variant)
    ending = nursery.run(undisturbed)
    assert ending.code == 0, ending.error
    expected = trials.place.rows(undisturbed.sink)
    assert len(expected) >= 5
    killed = 0
    for nth, point in enumerate(points_of("parquet")):
        ending = nursery.run(disturbed, crash_at=f"{point}:{1 + nth % 2}")
        assert ending.code in (KILLED, 0), ending.error
        trials.place.shows_committed_rows_only(disturbed.sink)
        killed += ending.code == KILLED
    assert killed > 5
    ending = nursery.run(disturbed)
    assert ending.code == 0, ending.error
    assert trials.place.rows(disturbed.sink) == expected
