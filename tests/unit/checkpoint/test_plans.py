"""The description of a query in its checkpoint: named by its digest, kept while a batch needs it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody
from streamcore.checkpoint.plans import Plans
from streamcore.errors import CheckpointCorrupted, CheckpointFenced
from streamcore.storage.memory import MemoryStorage
from streamcore.testing.clock import ManualClock
from tests.unit.checkpoint.conftest import offsets
from tests.unit.checkpoint.test_protocol import WithoutLocks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD, NEW = {"output_mode": "append"}, {"output_mode": "update"}


def commit(checkpoint: Checkpoint, batch_id: int, description: object) -> None:
    record = replace(offsets(batch_id), plan=checkpoint.write_plan(description))
    checkpoint.write_offsets(record)
    checkpoint.write_commit(CommitBody(checkpoint.query_id, batch_id).record())


def test_the_description_of_the_newest_batch_is_found_by_the_next_driver(
    reopen: Callable[[], Checkpoint],
) -> None:
    with reopen() as checkpoint:
        assert checkpoint.plan is None
        commit(checkpoint, 0, OLD)
        commit(checkpoint, 1, NEW)
    with reopen() as checkpoint:
        assert checkpoint.plan == NEW
        checkpoint.rewind_to(0)
        assert checkpoint.plan == OLD


def test_a_description_goes_with_the_last_batch_that_names_it(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        commit(checkpoint, 0, OLD)
        commit(checkpoint, 1, NEW)
        checkpoint.collect_garbage(keep=1)
    assert len(list((folder / "plans").iterdir())) == 2
    with reopen() as checkpoint:
        checkpoint.collect_garbage(keep=1)
        assert checkpoint.plan == NEW
    assert len(list((folder / "plans").iterdir())) == 1


@pytest.mark.parametrize("how", ["truncated", "removed", "another's"])
def test_a_damaged_description_is_named(reopen: Callable[[], Checkpoint], folder: Path, how: str) -> None:
    with reopen() as checkpoint:
        commit(checkpoint, 0, OLD)
        other = checkpoint.write_plan(NEW)
    (path,) = [p for p in (folder / "plans").iterdir() if p.name != other]
    if how == "removed":
        path.unlink()
    else:
        whole = (folder / "plans" / other).read_bytes() if how == "another's" else path.read_bytes()[:-9]
        path.write_bytes(whole)
    with reopen() as checkpoint, pytest.raises(CheckpointCorrupted, match=f"plans/{path.name}"):
        _ = checkpoint.plan


def test_equal_descriptions_are_kept_once() -> None:
    plans = Plans(MemoryStorage())
    assert plans.put(dict(OLD)) == plans.put(dict(OLD))


def test_a_driver_that_was_replaced_changes_no_file_of_its_sources() -> None:
    storage = WithoutLocks(MemoryStorage())
    zombie = Checkpoint.open(storage, ManualClock(), run_id="first")
    log = zombie.source_storage("clicks")
    assert log.put_if_absent("0", b"seen")
    rightful = Checkpoint.open(storage, ManualClock(), run_id="second")
    for change in (
        lambda: log.put_if_absent("1", b"late"),
        lambda: log.replace("0", b"late"),
        lambda: log.delete("0"),
    ):
        with pytest.raises(CheckpointFenced, match="was taken over"):
            change()
    assert (log.get("0"), log.list("")) == (b"seen", ["0"])
    assert rightful.source_storage("clicks").location == log.location
