"""The laws that every online model must keep, ready to run over yours.

Give a `ModelHarness` for your model and inherit `OnlineModelContract` in a test module; pytest then finds
one test per law:

    class TestMyModel(OnlineModelContract):
        @pytest.fixture
        def harness(self):
            return MyHarness()

A law about what your model does not declare is reported as skipped, with the reason.
"""

from __future__ import annotations

import json
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.spi.models import BatchId, OnlineModel, State, model_of
from streamcore.storage.tensors import decode, encode
from streamcore.testing.applicability import not_applicable

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS: Final = 130
"""No multiple of an inner step, so that the last one is a part of one."""

_RELATIVE: Final = 1e-9
"""How much the order of floating-point sums may change what was learnt."""


class ModelHarness(ABC):
    """One model, and rows that it can learn from."""

    @abstractmethod
    def model(self) -> OnlineModel:
        """The model, with settings that make its answers depend on what it learns."""

    @abstractmethod
    def rows(self, count: int, seed: int) -> pa.Table:
        """So many rows with the columns that the model reads; others for another seed."""


class OnlineModelContract:
    """One test per law; inherit it and give the fixture `harness`."""

    def test_a_description_makes_an_equal_model(self, harness: ModelHarness) -> None:
        model = harness.model()
        described = json.loads(json.dumps(model.describe()))
        assert model_of(described, allow_pickle=model.holds_pickle) == model

    def test_a_pickled_copy_is_equal(self, harness: ModelHarness) -> None:
        model = harness.model()
        assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301 - of our own making

    def test_rows_of_its_columns_are_accepted(self, harness: ModelHarness) -> None:
        model = harness.model()
        model.check(harness.rows(1, seed=0).schema, learns=True)

    def test_a_missing_column_is_refused_by_name(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(1, seed=0)
        for name in model.inputs.to_learn():
            without = rows.drop_columns([name]).schema
            assert repr(name) in _refusal(AnalysisException, partial(model.check, without, learns=True))

    def test_update_changes_neither_state_nor_batch(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(_ROWS, seed=1)
        state = _learnt(model, [harness.rows(_ROWS, seed=0)])
        before, kept = encode(state), rows.slice(0)
        for array in state.values():
            array.flags.writeable = False
        model.update(state, rows, BatchId("query", 1))
        model.predict_then_update(state, rows, BatchId("query", 1))
        model.predict(state, rows)
        assert encode(state) == before
        assert rows.equals(kept)

    def test_the_same_batch_gives_the_same_bytes(self, harness: ModelHarness) -> None:
        state = _learnt(harness.model(), [harness.rows(_ROWS, seed=seed) for seed in (0, 1)])
        again = _learnt(harness.model(), [harness.rows(_ROWS, seed=seed) for seed in (0, 1)])
        assert encode(state) == encode(again)

    def test_the_query_that_learns_makes_no_difference(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(_ROWS, seed=0)
        one, other = (model.update(model.initial_state(), rows, BatchId(query, 0)) for query in ("a", "b"))
        assert encode(one) == encode(other)

    def test_a_state_read_back_goes_on_as_before(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(_ROWS, seed=1)
        state = _learnt(model, [harness.rows(_ROWS, seed=0)])
        restored = decode(encode(state))
        at = BatchId("query", 1)
        assert encode(model.update(restored, rows, at)) == encode(model.update(state, rows, at))
        _assert_columns_equal(model.predict(restored, rows), model.predict(state, rows))

    def test_it_learns(self, harness: ModelHarness) -> None:
        model = harness.model()
        assert encode(_learnt(model, [harness.rows(_ROWS, seed=0)])) != encode(model.initial_state())

    def test_an_empty_batch_changes_nothing(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(_ROWS, seed=0)
        for state in (model.initial_state(), _learnt(model, [rows])):
            columns, after = model.predict_then_update(state, rows.slice(0, 0), BatchId("query", 1))
            assert encode(after) == encode(state)
            assert encode(model.update(state, rows.slice(0, 0), BatchId("query", 1))) == encode(state)
            assert all(len(column) == 0 for column in columns.values())

    def test_it_predicts_before_it_has_learnt(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(5, seed=0)
        _assert_fits(model, model.predict(model.initial_state(), rows), 5)

    def test_columns_are_as_declared(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(_ROWS, seed=0)
        state = _learnt(model, [rows])
        _assert_fits(model, model.predict(state, rows), _ROWS)
        _assert_fits(model, model.predict_then_update(state, rows, BatchId("query", 1))[0], _ROWS)

    def test_rows_are_predicted_one_by_one(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(9, seed=2)
        state = _learnt(model, [harness.rows(_ROWS, seed=0)])
        whole = {name: column.to_pylist() for name, column in model.predict(state, rows).items()}
        for place in range(len(rows)):
            alone = model.predict(state, rows.slice(place, 1))
            for name, column in alone.items():
                _assert_near(column.to_pylist()[0], whole[name][place])

    def test_predicting_first_learns_the_same(self, harness: ModelHarness) -> None:
        model, rows, at = harness.model(), harness.rows(_ROWS, seed=1), BatchId("query", 1)
        state = _learnt(model, [harness.rows(_ROWS, seed=0)])
        after = model.predict_then_update(state, rows, at)[1]
        assert encode(after) == encode(model.update(state, rows, at))

    def test_the_split_into_batches_makes_no_difference(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(_ROWS, seed=0)
        if not model.split_invariant:
            not_applicable("the model does not say that batches make no difference")
        for size in (7, 100):
            parts = [rows.slice(begin, size) for begin in range(0, len(rows), size)]
            _assert_states_near(_learnt(model, parts), _learnt(model, [rows]))

    def test_states_of_parts_merge_to_that_of_the_whole(self, harness: ModelHarness) -> None:
        model, rows = harness.model(), harness.rows(_ROWS, seed=0)
        if not model.mergeable:
            not_applicable("the model does not say that states can be merged")
        states = [_learnt(model, [part]) for part in (rows.slice(0, 40), rows.slice(40, 0), rows.slice(40))]
        _assert_states_near(model.merge(states), _learnt(model, [rows]))
        _assert_states_near(model.merge(states[::-1]), _learnt(model, [rows]))
        assert encode(model.merge([])) == encode(model.initial_state())

    def test_what_is_not_declared_to_merge_refuses(self, harness: ModelHarness) -> None:
        model = harness.model()
        if model.mergeable:
            not_applicable("the model says that states can be merged")
        _refusal(UnsupportedOperationException, partial(model.merge, [model.initial_state()]))

    def test_metrics_are_json(self, harness: ModelHarness) -> None:
        model = harness.model()
        for state in (model.initial_state(), _learnt(model, [harness.rows(_ROWS, seed=0)])):
            metrics = dict(model.metrics(state))
            assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def _refusal(kind: type[Exception], call: Callable[[], object]) -> str:
    try:
        call()
    except kind as error:
        return str(error)
    raise AssertionError("nothing was refused")


def _learnt(model: OnlineModel, batches: list[pa.Table]) -> State:
    state = model.initial_state()
    for number, batch in enumerate(batches):
        state = model.update(state, batch, BatchId("query", number))
    return state


def _assert_fits(model: OnlineModel, columns: Any, rows: int) -> None:
    assert [(name, column.type) for name, column in columns.items()] == [
        (field.name, field.type) for field in model.output_fields
    ]
    assert all(len(column) == rows for column in columns.values())


def _assert_columns_equal(left: Any, right: Any) -> None:
    assert {name: column.to_pylist() for name, column in left.items()} == {
        name: column.to_pylist() for name, column in right.items()
    }


def _assert_near(left: Any, right: Any) -> None:
    if left is None or right is None:
        assert left is right
    else:
        np.testing.assert_allclose(np.asarray(left, dtype=float), right, rtol=_RELATIVE, atol=_RELATIVE)


def _assert_states_near(left: State, right: State) -> None:
    assert left.keys() == right.keys()
    for name, array in left.items():
        np.testing.assert_allclose(array, right[name], rtol=_RELATIVE, atol=_RELATIVE, err_msg=name)
