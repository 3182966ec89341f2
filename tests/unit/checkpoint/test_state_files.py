from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.checkpoint.state_files import (
    Kind,
    StateFile,
    WriteDelta,
    WriteSnapshot,
    chain_of,
    extend,
    next_write,
    stores_from_json,
    stores_to_json,
)


def delta(version: int, since: int | None = None, size: int = 10, partition: int = 0) -> StateFile:
    first = version if since is None else since
    return StateFile("count", partition, first, version, "1.1", Kind.DELTA, 1, size, 7)


def snapshot(version: int, size: int = 100) -> StateFile:
    return replace(delta(version, size=size), kind=Kind.SNAPSHOT)


def test_a_delta_joins_the_end_of_its_chain() -> None:
    assert extend([delta(0)], [delta(1)]) == (delta(0), delta(1))


def test_a_snapshot_takes_the_place_of_its_whole_chain() -> None:
    assert extend([snapshot(0), delta(1), delta(2)], [snapshot(3)]) == (snapshot(3),)


def test_a_merged_delta_takes_the_place_of_those_it_covers() -> None:
    files = [snapshot(0), delta(1), delta(4), delta(5)]
    assert extend(files, [delta(6, since=4)]) == (snapshot(0), delta(1), delta(6, since=4))


def test_the_chains_of_other_partitions_stay_as_they_are() -> None:
    files = extend([delta(0), delta(0, partition=1)], [snapshot(1)])
    assert files == (snapshot(1), delta(0, partition=1))
    assert chain_of(files, "count", 1) == (delta(0, partition=1),)


def test_every_store_of_an_operator_has_chains_of_its_own() -> None:
    timers = replace(delta(0), store="timers")
    files = extend([delta(0), timers], [snapshot(1)])
    assert files == (snapshot(1), timers)
    assert chain_of(files, "count", 0, "timers") == (timers,)
    assert timers.path == "state/count/timers/0/0-1.1.delta"


def test_an_older_file_cannot_follow_a_younger_one() -> None:
    with pytest.raises(ValueError, match="not newer"):
        extend([delta(3)], [delta(3)])


def test_few_deltas_are_left_alone() -> None:
    assert next_write([snapshot(0), delta(1)], version=2, size=10) == WriteDelta(since=2)


def test_a_snapshot_is_due_when_the_deltas_have_outgrown_the_last_one() -> None:
    chain = [snapshot(0, size=80), *(delta(n) for n in range(1, 9))]
    assert next_write(chain, version=9, size=10) == WriteSnapshot()


def test_deltas_that_are_small_beside_the_snapshot_are_merged_with_their_like() -> None:
    chain = [snapshot(0, size=10_000), delta(5, since=1, size=500), *(delta(n) for n in range(6, 13))]
    assert next_write(chain, version=13, size=10) == WriteDelta(since=6, merged=tuple(chain[2:]))


Value = int | None
batches = st.lists(
    st.dictionaries(st.integers(0, 9), st.one_of(st.none(), st.integers(0, 99)), max_size=6), max_size=40
)


@given(batches, st.integers(1, 5))
def test_a_chain_always_adds_up_to_the_state(touched: list[dict[int, Value]], most_deltas: int) -> None:
    """Keys are set, or removed by None; file contents are kept beside the files as dicts."""
    contents: dict[StateFile, dict[int, Value]] = {}
    files: tuple[StateFile, ...] = ()
    truth: dict[int, Value] = {}
    for version, changes in enumerate(touched):
        truth |= changes
        if not changes:
            continue
        chain = chain_of(files, "count", 0)
        choice = next_write(chain, version, size=len(changes), most_deltas=most_deltas)
        written = (
            added_up([*(choice.merged if isinstance(choice, WriteDelta) else chain)], contents) | changes
        )
        if isinstance(choice, WriteSnapshot):
            written = {key: value for key, value in written.items() if value is not None}
            file = snapshot(version, size=len(written))
        else:
            file = delta(version, choice.since, size=len(written))
        contents[file] = written
        files = extend(files, [file])
        assert present(added_up(list(files), contents)) == present(truth)


def added_up(chain: list[StateFile], contents: dict[StateFile, dict[int, Value]]) -> dict[int, Value]:
    total: dict[int, Value] = {}
    for file in chain:
        total |= contents[file]
    return total


def present(state: dict[int, Value]) -> dict[int, Value]:
    return {key: value for key, value in state.items() if value is not None}


@pytest.mark.parametrize("batch", [10, 1000])
def test_bytes_written_per_changed_byte_do_not_grow_with_the_state(batch: int) -> None:
    """Ten times the state, the same batches: about the same work."""
    work = [total_written(state=state, batch=batch, batches=400) for state in (100_000, 1_000_000)]
    assert work[1] < 1.5 * work[0]


def total_written(state: int, batch: int, batches: int) -> int:
    files: tuple[StateFile, ...] = (snapshot(0, size=state),)
    written = 0
    for version in range(1, batches + 1):
        choice = next_write(files, version, batch)
        if isinstance(choice, WriteSnapshot):
            file = snapshot(version, size=state)
        else:
            file = delta(version, choice.since, size=batch + sum(merged.size for merged in choice.merged))
        written += file.size
        files = extend(files, [file])
        assert len(files) < 30
    return written


def test_the_json_of_the_files_reads_back() -> None:
    files = (snapshot(3), delta(5, since=4), delta(2, partition=10), replace(delta(1), store="timers"))
    assert stores_from_json("count", stores_to_json(files)) == files


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"default": []},
        {"default": {"0": [["5.delta", 1, 1, 1, "0"]]}},
        {"default": {"0": [["5-1.1.delta", 1, 1]]}},
        {"default": {"0": [["5-1.1.delta", "1", 1, 1, "0"]]}},
        {"default": {"zero": [["5-1.1.delta", 1, 1, 1, "0"]]}},
    ],
)
def test_what_is_no_list_of_state_files_is_refused(broken: object) -> None:
    with pytest.raises(ValueError):
        stores_from_json("count", broken)
