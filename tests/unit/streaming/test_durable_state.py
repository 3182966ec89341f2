"""State through the files of a checkpoint and back: deltas, merged deltas, snapshots, and damage."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.checkpoint import Checkpoint, Kind
from streamcore.checkpoint.state_files import StateFile, chain_of, extend
from streamcore.errors import CheckpointCorrupted, CheckpointMismatch
from streamcore.storage.memory import MemoryStorage
from streamcore.streaming.state.durable import StatePlace, load_state, write_change
from streamcore.streaming.state.keyed_state import KeyedState, StagedChange, StateLayout
from streamcore.testing.clock import ManualClock
from tests.unit.streaming.test_keyed_state import EXPIRING, SCHEMA, Content, everything, put, rows

OPERATOR = "aggregate-0"


class Durable:
    """One partition's state that is written batch by batch, as the loop does it."""

    def __init__(self, layout: StateLayout = EXPIRING) -> None:
        self.storage = MemoryStorage()
        self.checkpoint = Checkpoint.open(self.storage, ManualClock(), run_id="a run")
        self.state = KeyedState(layout)
        self.files: tuple[StateFile, ...] = ()
        self.version = 0

    @property
    def chain(self) -> tuple[StateFile, ...]:
        return chain_of(self.files, OPERATOR, 0)

    def commit(self, change: StagedChange) -> StateFile | None:
        place = StatePlace(OPERATOR, 0, self.version)
        file = write_change(self.checkpoint.state, self.state, change, self.chain, place)
        self.files = extend(self.files, [file] if file else [])
        self.state.apply(change)
        self.version += 1
        return file

    def remove(self, *keys: int) -> StateFile | None:
        return self.commit(StagedChange(SCHEMA.empty_table(), [], list(keys), self.state.lookup(keys)))

    def loaded(self, layout: StateLayout = EXPIRING) -> KeyedState:
        return load_state(self.checkpoint.state, self.chain, layout)


def test_state_is_read_back_as_it_was_written() -> None:
    durable = Durable()
    durable.commit(put({1: (10, 5_000_000), None: (0, None)}))
    durable.commit(put({1: (11, 6_000_000), 2: (20, 7_000_000)}))
    found = durable.loaded()
    assert everything(found) == {1: (11, 6_000_000), 2: (20, 7_000_000), None: (0, None)}
    assert found.expired(6_000_000)[0] == [1]


def test_a_removal_is_durable() -> None:
    durable = Durable()
    durable.commit(put({1: (10, 5_000_000), 2: (20, 5_000_000)}))
    durable.remove(1)
    assert everything(durable.loaded()) == {2: (20, 5_000_000)}
    assert durable.loaded().expired(5_000_000)[0] == [2]


def test_a_batch_that_changes_nothing_writes_nothing() -> None:
    durable = Durable()
    durable.commit(put({1: (10, None)}))
    assert durable.commit(put({})) is None
    assert len(durable.chain) == 1


def test_a_batch_costs_what_it_touches_not_what_is_kept() -> None:
    durable = Durable()
    durable.commit(put({n: (n, None) for n in range(10_000)}))
    written = [durable.commit(put({n: (0, None)})) for n in range(100)]
    sizes = [file.size for file in written if file]
    assert sum(sizes) < durable.chain[0].size * 2


def test_deltas_are_merged_and_written_as_a_snapshot_in_the_end() -> None:
    durable = Durable()
    durable.commit(put({n: (n, None) for n in range(2_000)}))
    kinds, longest = set(), 0
    for number in range(1, 400):
        durable.commit(put({number % 50: (number, None)}))
        kinds |= {(f.kind, f.since < f.version) for f in durable.chain}
        longest = max(longest, len(durable.chain))
    assert (Kind.SNAPSHOT, False) in kinds
    assert (Kind.DELTA, True) in kinds
    assert longest < 30
    assert everything(durable.loaded()) == everything(durable.state)


def test_a_key_removed_in_a_merged_delta_does_not_come_back() -> None:
    durable = Durable()
    durable.commit(put({n: (n, 1_000_000 * n) for n in range(500)}))
    for number in range(60):
        durable.commit(put({1_000 + number: (1, 2_000_000)}))
        durable.remove(number)
    assert any(f.kind is Kind.DELTA and f.since < f.version for f in durable.chain)
    assert everything(durable.loaded()) == everything(durable.state)


def test_partitions_do_not_mix() -> None:
    durable = Durable()
    durable.commit(put({1: (10, None)}))
    other = StatePlace(OPERATOR, 1, 0)
    file = write_change(durable.checkpoint.state, KeyedState(EXPIRING), put({2: (20, None)}), (), other)
    assert file is not None
    files = extend(durable.files, [file])
    found = load_state(durable.checkpoint.state, chain_of(files, OPERATOR, 1), EXPIRING)
    assert everything(found) == {2: (20, None)}


def _damage(storage: MemoryStorage, path: str, how: str) -> None:
    data = storage.get(path)
    if how == "missing":
        storage.delete(path)
    elif how == "truncated":
        storage.replace(path, data[: len(data) // 2])
    else:
        storage.replace(path, data[:50] + bytes([data[50] ^ 1]) + data[51:])


@pytest.mark.parametrize("how", ["missing", "truncated", "edited"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_damaged_file_is_an_error_that_names_it(how: str, place: int) -> None:
    durable = Durable()
    durable.commit(put({1: (10, None)}))
    durable.commit(put({2: (10, None)}))
    damaged = durable.chain[place]
    _damage(durable.storage, damaged.path, how)
    with pytest.raises(CheckpointCorrupted, match=damaged.path):
        durable.loaded()


@pytest.mark.parametrize(
    "fields",
    [
        [("k", pa.string()), ("v", pa.int64()), ("expiry_us", pa.int64())],
        [("k", pa.int64()), ("v", pa.float64()), ("expiry_us", pa.int64())],
        [("k", pa.int64()), ("v", pa.int64())],
        [("k", pa.int64()), ("v", pa.int64()), ("w", pa.int64()), ("expiry_us", pa.int64())],
    ],
)
def test_state_of_another_schema_is_refused_with_both_schemas(fields: list[tuple[str, pa.DataType]]) -> None:
    durable = Durable()
    durable.commit(put({1: (10, None)}))
    with pytest.raises(CheckpointMismatch) as refused:
        durable.loaded(StateLayout(pa.schema(fields), (0,)))
    message = str(refused.value)
    assert "k int64, v int64, expiry_us int64" in message
    assert ", ".join(f"{name} {kind}" for name, kind in fields) in message
    assert "new checkpoint" in message


def test_windows_and_text_keep_their_types() -> None:
    window = pa.struct([("start", pa.timestamp("us", "UTC")), ("end", pa.timestamp("us", "UTC"))])
    schema = pa.schema([("w", window), ("k", pa.string()), ("p", pa.decimal128(20, 2))])
    layout = StateLayout(schema, (0, 1))
    table = pa.Table.from_pylist(
        [{"w": {"start": 0, "end": 10}, "k": "ä", "p": None}, {"w": None, "k": None, "p": None}], schema
    )
    durable = Durable(layout)
    durable.commit(StagedChange(table, layout.keys_of(table)))
    assert durable.loaded(layout).rows_without(()).equals(table)


BATCHES = st.lists(
    st.tuples(
        st.dictionaries(
            st.integers(0, 30), st.tuples(st.integers(0, 9), st.none() | st.integers(0, 10**7)), max_size=8
        ),
        st.sets(st.integers(0, 30), max_size=4),
    ),
    max_size=40,
)


@settings(max_examples=40)
@given(BATCHES)
def test_any_history_is_read_back_at_every_version(batches: list[tuple[Content, set[int]]]) -> None:
    durable = Durable()
    for number, (upserts, wanted) in enumerate(batches):
        gone = [key for key in wanted - set(upserts) if durable.state.contains([key])[0]]
        durable.commit(StagedChange(rows(upserts), list(upserts), list(gone), durable.state.lookup(gone)))
        if number % 7 == 0:
            assert everything(durable.loaded()) == everything(durable.state)
    found = durable.loaded()
    assert everything(found) == everything(durable.state)
    for watermark in (0, 5 * 10**6, 10**7):
        assert set(found.expired(watermark)[0]) == set(durable.state.expired(watermark)[0])
