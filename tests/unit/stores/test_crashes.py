"""The driver dies at any act on the storage, merges included: what commits name stays whole and readable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody, OffsetRange, OffsetRecord, OperatorIntent
from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.checkpoint.state_files import chain_of
from streamcore.execution.stores.store import Store
from streamcore.storage import LargeFileStorage
from streamcore.storage.memory import MemoryStorage
from streamcore.testing.clock import ManualClock
from streamcore.testing.faulty_storage import FaultyStorage, SimulatedCrash
from tests.unit.stores.kit import EXPIRING, AtOnce, Content, change_to, content_of

BATCHES = 9
FOLDER = "state/rows/default/0"


def content_after(batch_id: int) -> Content:
    """Keys 0 to 3 are put in turn and kept; each batch has one of its own, which lives for four batches."""
    model: Content = {}
    for number in range(batch_id + 1):
        model |= put_in(number)
    return {k: (v, e) for k, (v, e) in model.items() if e is None or e > batch_id}


def put_in(batch_id: int) -> Content:
    return {batch_id % 4: (batch_id, None), 100 + batch_id: (batch_id, batch_id + 4)}


def load(checkpoint: Checkpoint, batch_id: int) -> Store:
    named = checkpoint.commit(batch_id).state if batch_id >= 0 else ()
    files, floor = checkpoint.state.partition("rows", 0), batch_id or AT_ONCE
    chain = chain_of(named, "rows", 0)
    return Store.load(EXPIRING, files, AtOnce(), chain, floor if batch_id >= 0 else AT_ONCE)


def drive(storage: LargeFileStorage, keep: int) -> Iterator[int]:
    with Checkpoint.open(storage, ManualClock(), run_id="run") as checkpoint:
        store = load(checkpoint, last(checkpoint))
        for batch_id in range(last(checkpoint) + 1, BATCHES):
            intent = OperatorIntent(partitions=1, evict_ms=batch_id)
            source = {"s": OffsetRange(batch_id, batch_id + 1)}
            if checkpoint.last_offsets is None or checkpoint.last_offsets.batch_id < batch_id:
                checkpoint.write_offsets(OffsetRecord(batch_id, source, 0, operators={"rows": intent}))
            view = store.stage(change_to(store.view, put_in(batch_id), set(), batch_id or None), batch_id)
            body = CommitBody(checkpoint.query_id, batch_id, tuple(run.file for run in view.runs))
            checkpoint.write_commit(body.record())
            store.adopt(view)
            checkpoint.collect_garbage(keep)
            yield batch_id


def last(checkpoint: Checkpoint) -> int:
    return checkpoint.batches()[-1] if checkpoint.batches() else -1


def check(storage: LargeFileStorage) -> None:
    """Every retained batch can be gone back to."""
    with Checkpoint.open(storage, ManualClock(), run_id="check") as checkpoint:
        for batch_id in checkpoint.batches():
            assert content_of(load(checkpoint, batch_id).view.rows()) == content_after(batch_id)


def acts(keep: int) -> int:
    view = FaultyStorage(MemoryStorage())
    for _ in drive(view, keep):
        pass
    return len(view.verbs)


@pytest.mark.parametrize("keep", [1, 100])
@pytest.mark.parametrize("applied", [False, True])
def test_a_driver_that_dies_at_any_act_loses_nothing_that_a_commit_names(keep: int, applied: bool) -> None:
    for act in range(1, acts(keep) + 1, 3 if keep == 100 else 1):
        storage = MemoryStorage()
        view = FaultyStorage(storage)
        view.crash_at(act, applied)
        with suppress(SimulatedCrash):
            for _ in drive(view, keep):
                pass
        view.crash()
        check(storage)
        for _ in drive(storage, keep):
            pass
        check(storage)


def test_what_dead_drivers_have_left_is_swept_and_merges_of_the_living_are_not() -> None:
    storage = MemoryStorage()
    view = FaultyStorage(storage)
    merges = [n for n, (verb, _) in enumerate(trace(), 1) if verb == "put_pieces_if_absent"]
    view.crash_at(merges[4], applied=True)
    with suppress(SimulatedCrash):
        for _ in drive(view, 2):
            pass
    view.crash()
    left = set(storage.list(FOLDER)) - named_files(storage)
    assert left
    for _ in drive(storage, 2):
        pass
    assert not left & set(storage.list(FOLDER))
    check(storage)


def trace() -> list[tuple[str, str]]:
    view = FaultyStorage(MemoryStorage())
    for _ in drive(view, 2):
        pass
    return view.verbs


def named_files(storage: LargeFileStorage) -> set[str]:
    with Checkpoint.open(storage, ManualClock(), run_id="names") as checkpoint:
        return {file.name for batch in checkpoint.batches() for file in checkpoint.commit(batch).state}
