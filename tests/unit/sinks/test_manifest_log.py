from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.errors import CheckpointFenced, CommitFailed, CommitStateUnknown
from streamcore.sinks.files.manifest_log import ManifestLog
from streamcore.sinks.files.merging import spans_to_merge
from streamcore.spi.file_manifest import DataFile, read_manifest
from streamcore.storage.errors import StorageError
from streamcore.storage.memory import MemoryStorage
from streamcore.testing.faulty_storage import FaultyStorage, SimulatedCrash

_INTERVAL = 3


def _log(storage: MemoryStorage | FaultyStorage) -> ManifestLog:
    log = ManifestLog(storage, "/out")
    log.claim("q", {"format": "parquet"})
    return log


def _add(log: ManifestLog, batch_id: int) -> None:
    log.add(batch_id, f"record {batch_id}", (DataFile(f"file-{batch_id}", 1, 1, batch_id),))


def _visible(storage: MemoryStorage) -> list[str]:
    manifest = read_manifest(storage)
    return [] if manifest is None else [file.path for file in manifest.files]


def _prefix(length: int) -> list[str]:
    return [f"file-{n}" for n in range(length)]


def _crash_at_every_verb(
    prepare: Callable[[ManifestLog], None], act: Callable[[ManifestLog], None]
) -> list[MemoryStorage]:
    """The storages that are left when the driver dies before or after each verb of `act`."""
    left = []
    for verb, applied in ((n // 2, bool(n % 2)) for n in itertools.count(2)):
        storage = MemoryStorage()
        prepare(_log(storage))
        view = FaultyStorage(storage)
        log = _log(view)
        view.crash_at(len(view.verbs) + verb, applied=applied)
        try:
            act(log)
        except SimulatedCrash:
            left.append(storage)
            continue
        return left
    raise AssertionError("unreachable")


def _ten_batches(log: ManifestLog) -> None:
    for batch_id in range(10):
        _add(log, batch_id)
        log.merge(_INTERVAL)


def test_a_crash_while_a_batch_is_added_leaves_it_visible_or_not() -> None:
    for storage in _crash_at_every_verb(_ten_batches, lambda log: _add(log, 10)):
        assert _visible(storage) in (_prefix(10), _prefix(11))
        restarted = _log(storage)
        last = restarted.last()
        assert last is not None
        for batch_id in range(last.last + 1, 14):
            _add(restarted, batch_id)
        assert _visible(storage) == _prefix(14)


def test_a_crash_while_segments_are_merged_changes_nothing_visible() -> None:
    def add_unmerged(log: ManifestLog) -> None:
        for batch_id in range(7):
            _add(log, batch_id)

    left = _crash_at_every_verb(add_unmerged, lambda log: log.merge(_INTERVAL))
    assert len(left) > 10
    for storage in left:
        assert _visible(storage) == _prefix(7)
        restarted = _log(storage)
        _add(restarted, 7)
        restarted.merge(_INTERVAL)
        last = restarted.last()
        assert last is not None
        assert (last.last, last.body) == (7, "record 7")
        assert _visible(storage) == _prefix(8)


@pytest.mark.parametrize("target", [None, 0, 4, 8, 9])
def test_a_crash_during_a_rewind_leaves_a_whole_prefix_and_the_rewind_can_be_repeated(
    target: int | None,
) -> None:
    kept = 0 if target is None else target + 1

    def rewind(log: ManifestLog) -> None:
        log.rewind(target, f"record {target}", now_ms=5)

    for storage in _crash_at_every_verb(_ten_batches, rewind):
        seen = _visible(storage)
        assert seen == _prefix(len(seen))
        assert kept <= len(seen) <= 10
        restarted = _log(storage)
        rewind(restarted)
        assert _visible(storage) == _prefix(kept)
        last = restarted.last()
        assert (last and last.body) == (None if target is None else f"record {target}")
        for batch_id in range(kept, 12):
            _add(restarted, batch_id)
            restarted.merge(_INTERVAL)
        assert _visible(storage) == _prefix(12)


def test_a_batch_whose_segment_was_not_written_has_failed() -> None:
    storage = MemoryStorage()
    view = FaultyStorage(storage)
    log = _log(view)
    log.last()
    view.fail_at(len(view.verbs) + 1, StorageError("no space is left"))
    with pytest.raises(CommitFailed, match="no space is left"):
        _add(log, 0)
    _add(log, 0)
    assert _visible(storage) == _prefix(1)


def test_a_batch_whose_segment_was_written_with_an_error_is_in_an_unknown_state() -> None:
    view = FaultyStorage(MemoryStorage())
    log = _log(view)
    log.last()
    view.fail_at(len(view.verbs) + 1, StorageError("the folder could not be synced"), applied=True)
    with pytest.raises(CommitStateUnknown, match="could not be synced"):
        _add(log, 0)


def test_a_late_run_is_fenced_even_when_its_segment_was_merged_and_removed() -> None:
    storage = MemoryStorage()
    late = _log(storage)
    assert late.last() is None
    _ten_batches(_log(storage))
    with pytest.raises(CheckpointFenced, match="batch 0"):
        late.add(0, "late", (DataFile("late", 1, 1, 0),))
    assert _visible(storage) == _prefix(10)


@given(count=st.integers(1, 400), interval=st.integers(2, 12))
def test_merging_keeps_few_segments_and_touches_each_batch_seldom(count: int, interval: int) -> None:
    spans: list[tuple[int, int]] = []
    touched = 0
    for batch_id in range(count):
        spans.append((batch_id, batch_id))
        if chosen := spans_to_merge(spans, interval):
            assert chosen == spans[-len(chosen) :]
            spans[-len(chosen) :] = [(chosen[0][0], chosen[-1][1])]
            touched += chosen[-1][1] - chosen[0][0] + 1
    levels = 1
    while interval**levels <= count:
        levels += 1
    assert len(spans) <= levels * interval
    assert touched <= count * levels
    assert [n for first, last in spans for n in range(first, last + 1)] == list(range(count))
