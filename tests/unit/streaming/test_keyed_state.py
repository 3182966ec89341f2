"""Keyed state against the plainest thing that could do its work: a dict."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from streamcore.streaming.state import keyed_state
from streamcore.streaming.state.keyed_state import KeyedState, StagedChange, StateLayout

SCHEMA = pa.schema([("k", pa.int64()), ("v", pa.int64()), ("expiry_us", pa.int64())])
FOREVER = StateLayout(SCHEMA, (0,))
EXPIRING = StateLayout(SCHEMA, (0,), 2)

Content = dict[int | None, tuple[int, int | None]]


def rows(content: Content) -> pa.Table:
    columns = [list(content), [v for v, _ in content.values()], [e for _, e in content.values()]]
    return pa.table(columns, schema=SCHEMA)


def put(content: Content) -> StagedChange:
    return StagedChange(rows(content), list(content))


def removed(state: KeyedState, keys: list[Hashable]) -> StagedChange:
    return StagedChange(SCHEMA.empty_table(), [], keys, state.lookup(keys))


def content(table: pa.Table) -> Content:
    return {row["k"]: (row["v"], row["expiry_us"]) for row in table.to_pylist()}


def everything(state: KeyedState) -> Content:
    return content(state.rows_without(()))


def test_new_state_is_empty() -> None:
    state = KeyedState(EXPIRING)
    assert len(state) == 0
    assert state.lookup([1, 2]).equals(SCHEMA.empty_table())
    assert state.contains([1]) == [False]
    assert state.expired(10**15) == ([], SCHEMA.empty_table())


def test_a_key_has_its_newest_row_only() -> None:
    state = KeyedState(FOREVER)
    state.apply(put({1: (10, None), 2: (20, None)}))
    state.apply(put({1: (11, None)}))
    assert everything(state) == {1: (11, None), 2: (20, None)}
    assert content(state.lookup([1, 3])) == {1: (11, None)}
    assert len(state) == 2


def test_null_is_a_key_like_any_other() -> None:
    state = KeyedState(FOREVER)
    state.apply(put({None: (1, None)}))
    assert content(state.lookup([None])) == {None: (1, None)}


def test_a_removed_key_can_come_back() -> None:
    state = KeyedState(EXPIRING)
    state.apply(put({1: (10, 5_000_000)}))
    state.apply(removed(state, [1]))
    assert len(state) == 0
    state.apply(put({1: (12, 9_000_000)}))
    assert state.expired(5_000_000)[0] == []
    assert content(state.expired(9_000_000)[1]) == {1: (12, 9_000_000)}


def test_a_change_is_not_seen_before_it_is_applied() -> None:
    state = KeyedState(FOREVER)
    state.apply(put({1: (10, None)}))
    put({1: (99, None), 2: (99, None)})
    assert everything(state) == {1: (10, None)}


@pytest.mark.parametrize("watermark", [4_999_999, 5_000_000, 5_000_001, 5_400_000, 5_999_999, 6_000_000])
def test_expiry_is_exact_to_the_microsecond(watermark: int) -> None:
    state = KeyedState(EXPIRING)
    times = [4_999_999, 5_000_000, 5_000_001, 5_400_000, 6_000_000]
    state.apply(put({n: (n, time) for n, time in enumerate(times)}))
    keys, due = state.expired(watermark)
    assert sorted(times[k] for k in keys if isinstance(k, int)) == [t for t in times if t <= watermark]
    assert content(due) == {n: (n, time) for n, time in enumerate(times) if time <= watermark}


def test_a_key_expires_by_its_newest_row() -> None:
    state = KeyedState(EXPIRING)
    state.apply(put({1: (1, 1_000_000)}))
    state.apply(put({1: (2, 8_000_000)}))
    assert state.expired(7_000_000)[0] == []
    state.apply(put({1: (3, 2_000_000)}))
    assert state.expired(7_000_000)[0] == [1]


def test_a_row_without_expiry_stays() -> None:
    state = KeyedState(EXPIRING)
    state.apply(put({1: (1, None)}))
    assert state.expired(10**18)[0] == []


def test_event_times_before_1970_expire_too() -> None:
    state = KeyedState(EXPIRING)
    state.apply(put({1: (1, -1_500_000), 2: (2, -500_000)}))
    assert state.expired(-1_000_000)[0] == [1]


def test_one_group_without_keys() -> None:
    layout = StateLayout(pa.schema([("v", pa.int64())]), ())
    state = KeyedState(layout)
    for value in (1, 2):
        table = pa.table({"v": [value]})
        state.apply(StagedChange(table, layout.keys_of(table)))
    assert state.rows_without(()).to_pylist() == [{"v": 2}]


def test_dead_rows_are_given_back() -> None:
    state = KeyedState(FOREVER)
    for round_ in range(40):
        state.apply(put(dict.fromkeys(range(1000), (round_, None))))
    assert everything(state) == dict.fromkeys(range(1000), (39, None))
    assert state._row_count <= 4 * 1_000 + keyed_state._COMPACT_ABOVE


def test_the_list_of_due_keys_does_not_grow_with_updates_of_one_key() -> None:
    state = KeyedState(EXPIRING)
    for round_ in range(20_000):
        state.apply(put({1: (round_, 10**12)}))
    assert sum(map(len, state._expiring.values())) <= keyed_state._COMPACT_ABOVE + 1


def test_many_small_batches_make_few_segments() -> None:
    state = KeyedState(FOREVER)
    for number in range(3_000):
        state.apply(put({number: (number, None)}))
    assert len(state._segments) < 16
    assert everything(state) == {n: (n, None) for n in range(3_000)}


KEYS = st.none() | st.integers(0, 12)
EXPIRY = st.none() | st.integers(-3_000_000, 6_000_000)


class LikeADict(RuleBasedStateMachine):
    """Any history of changes; compaction is made frequent so that it happens in short histories."""

    @initialize(compact_above=st.sampled_from([0, 8, 4096]))
    def begin(self, compact_above: int) -> None:
        self.state = KeyedState(EXPIRING)
        self.model: Content = {}
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(keyed_state, "_COMPACT_ABOVE", compact_above)

    def teardown(self) -> None:
        self.patch.undo()

    @rule(upserts=st.dictionaries(KEYS, st.tuples(st.integers(0, 99), EXPIRY), max_size=6))
    def put(self, upserts: Content) -> None:
        self.state.apply(put(upserts))
        self.model.update(upserts)

    @rule(watermark=st.integers(-3_000_000, 6_000_000))
    def evict(self, watermark: int) -> None:
        keys, due = self.state.expired(watermark)
        expected = {k: v for k, v in self.model.items() if v[1] is not None and v[1] <= watermark}
        assert content(due) == expected
        assert set(keys) == set(expected)
        assert len(keys) == len(expected)
        self.state.apply(removed(self.state, keys))
        for key in expected:
            del self.model[key]

    @rule(upserts=st.dictionaries(KEYS, st.tuples(st.integers(0, 99), EXPIRY), max_size=4), data=st.data())
    def put_and_remove(self, upserts: Content, data: Any) -> None:
        others = sorted(set(self.model) - set(upserts), key=repr)
        gone: list[Any] = data.draw(st.lists(st.sampled_from(others), unique=True)) if others else []
        self.state.apply(StagedChange(rows(upserts), list(upserts), gone, self.state.lookup(gone)))
        self.model.update(upserts)
        for key in gone:
            del self.model[key]

    @rule(keys=st.lists(KEYS, unique=True, max_size=8))
    def look_up(self, keys: list[int | None]) -> None:
        assert content(self.state.lookup(keys)) == {k: self.model[k] for k in keys if k in self.model}
        assert self.state.contains(keys) == [key in self.model for key in keys]

    @rule(keys=st.sets(KEYS, max_size=8))
    def leave_out(self, keys: set[int | None]) -> None:
        expected = {k: v for k, v in self.model.items() if k not in keys}
        assert content(self.state.rows_without(keys)) == expected

    @invariant()
    def holds_what_the_dict_holds(self) -> None:
        assert len(self.state) == len(self.model)
        assert everything(self.state) == self.model


TestLikeADict = LikeADict.TestCase
TestLikeADict.settings = settings(max_examples=60, stateful_step_count=30)
