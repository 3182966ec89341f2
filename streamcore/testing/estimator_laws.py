"""The laws that every estimator, transformer and evaluator of the ml API must keep, ready to run over yours.

Give a `StageCase` for each of yours and inherit `StageContract` in a test module; pytest then finds one test
per law:

    class TestMyEstimator(StageContract):
        @pytest.fixture(scope="class")
        def case(self, session):
            return StageCase(MyEstimator(), session.createDataFrame(...))

A law about what yours does not have (an evaluator transforms nothing) is reported as skipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from streamcore.models.ml.base import Estimator, Model, Transformer
from streamcore.models.ml.evaluation import Evaluator
from streamcore.models.ml.linalg import Matrix, SparseVector, Vector
from streamcore.models.ml.param import Params
from streamcore.models.ml.util import MLReadable, MLWritable
from streamcore.testing.applicability import not_applicable
from streamcore.testing.memory_source import MemoryStream

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

_RELATIVE: Final = 1e-9
"""By how much numbers may differ that other sums of the same rows gave."""
_ABSOLUTE: Final = 1e-12


class StageCase:
    """An estimator, transformer or evaluator, and a small dataset for it.

    Parameters
    ----------
    stage
        With parameters that make its answers depend on the rows.
    dataset
        A batch of a few rows; its first column tells them apart.
    why_not_in_streams
        Why its transformation cannot be of a stream; None where it can.
    """

    def __init__(self, stage: Params, dataset: DataFrame, why_not_in_streams: str | None = None) -> None:
        self.stage = stage
        self.dataset = dataset
        self.why_not_in_streams = why_not_in_streams

    @cached_property
    def model(self) -> Model:
        """The model of the dataset."""
        model: Model = self.estimator.fit(self.dataset)
        return model

    @property
    def estimator(self) -> Estimator[Any]:
        """The stage, where it is an estimator."""
        if not isinstance(self.stage, Estimator):
            not_applicable(f"{type(self.stage).__name__} fits nothing")
        return self.stage

    @property
    def transformer(self) -> Transformer:
        """What transforms: the stage, or the model of it."""
        if isinstance(self.stage, Transformer):
            return self.stage
        return self.model

    @cached_property
    def answer(self) -> Any:
        """What it makes of the dataset."""
        return answer_of(self.stage if isinstance(self.stage, Evaluator) else self.transformer, self.dataset)


class StageContract:
    """One test per law; inherit it and give the fixture `case`."""

    def test_fitting_again_gives_the_same_answers_and_changes_nothing(self, case: StageCase) -> None:
        params, rows, answer = values_of(case.estimator), rows_of(case.dataset), case.answer
        again = case.estimator.fit(case.dataset)
        assert values_of(case.estimator) == params
        assert_same(rows_of(case.dataset), rows, exactly=True)
        assert_same(answer_of(again, case.dataset), answer, exactly=True)

    def test_a_copy_answers_alike_and_is_changed_alone(self, case: StageCase) -> None:
        for original in _parts(case):
            params = values_of(original)
            copied = original.copy()
            assert (copied.uid, values_of(copied)) == (original.uid, params)
            if not isinstance(original, Estimator) and _answers(original):
                assert_same(answer_of(copied, case.dataset), case.answer, exactly=True)
            for param in list(copied._paramMap):  # noqa: SLF001 - PySpark's name
                copied.clear(param)
            assert values_of(original) == params

    def test_every_parameter_takes_its_own_value(self, case: StageCase) -> None:
        for original in _parts(case):
            for param, value in original.extractParamMap().items():
                copied, name = original.copy(), param.name[0].upper() + param.name[1:]
                if value is not None and hasattr(copied, f"set{name}"):
                    assert getattr(copied, f"set{name}")(value) is copied, f"set{name} returns something else"
                    assert_same(copied.getOrDefault(param.name), value)
                assert param.name in original.explainParams()

    def test_what_is_saved_comes_back(self, case: StageCase, tmp_path: Path) -> None:
        parts = [part for part in _parts(case) if isinstance(part, MLWritable)]
        if not parts:
            not_applicable(f"{type(case.stage).__name__} is not saved, in PySpark either")
        for at, part in enumerate(parts):
            part.save(str(tmp_path / str(at)))
            assert isinstance(part, MLReadable)
            again = type(part).load(str(tmp_path / str(at)))
            assert (type(again), again.uid) == (type(part), part.uid)
            assert_same(values_of(again), values_of(part))
            if _answers(again):
                assert_same(answer_of(again, case.dataset), case.answer, exactly=True)

    def test_parts_are_transformed_as_the_whole(self, case: StageCase) -> None:
        whole = _transformed(case)
        table, session = case.dataset.toArrow(), case.dataset.sparkSession
        middle = table.num_rows // 2
        found: list[Any] = []
        for rows in (table.slice(0, middle), table.slice(middle)):
            part = session.createDataFrame(rows, case.dataset.schema)
            found += case.transformer.transform(part).collect()
        assert_same(_ordered(found), whole)

    def test_a_stream_is_transformed_as_a_batch_is(self, case: StageCase) -> None:
        if case.why_not_in_streams is not None:
            not_applicable(case.why_not_in_streams)
        whole = _transformed(case)
        session, name = case.dataset.sparkSession, f"laws_{uuid4().hex}"
        count = case.dataset.count()
        source = MemoryStream(case.dataset.schema, max_rows_per_batch=max(1, count - count // 3))
        source.addData(case.dataset.toArrow())
        stream = case.transformer.transform(source.toDF(session))
        query = stream.writeStream.format("memory").queryName(name).trigger(availableNow=True).start()
        query.awaitTermination()
        assert_same(_ordered(session.table(name).collect()), whole)
        session.catalog.dropTempView(name)


def _parts(case: StageCase) -> Iterator[Params]:
    yield case.stage
    if isinstance(case.stage, Estimator):
        yield case.model


def _answers(stage: Params) -> bool:
    return isinstance(stage, Evaluator | Transformer)


def _transformed(case: StageCase) -> Any:
    if isinstance(case.stage, Evaluator) or not isinstance(case.stage, Estimator | Transformer):
        not_applicable(f"{type(case.stage).__name__} transforms nothing")
    return case.answer


def answer_of(stage: Any, dataset: DataFrame) -> Any:
    """The metric of an evaluator; of what transforms the rows, in the order of their first column."""
    if isinstance(stage, Evaluator):
        return stage.evaluate(dataset)
    return rows_of(stage.transform(dataset))


def rows_of(dataset: DataFrame) -> list[Any]:
    """The rows of a dataset in the order of their first column."""
    return _ordered(dataset.collect())


def _ordered(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row[0])


def values_of(stage: Params) -> dict[str, Any]:
    """The values and defaults of parameters, by name; what is an estimator itself, by its uid."""
    maps = stage.extractParamMap()
    return {param.name: _named(value) for param, value in maps.items()}


def _named(value: Any) -> Any:
    if isinstance(value, Params):
        return value.uid
    if isinstance(value, Mapping):
        return {str(key): _named(item) for key, item in value.items()}
    return [_named(item) for item in value] if isinstance(value, list) else value


def assert_same(found: Any, wanted: Any, *, exactly: bool = False, where: str = "it") -> None:
    """That two answers are equal: a NaN equals a NaN, and numbers may differ by rounding unless `exactly`."""
    if isinstance(wanted, Vector | Matrix):
        assert type(found) is type(wanted), where
        if isinstance(wanted, SparseVector) and isinstance(found, SparseVector):
            assert found.indices.tolist() == wanted.indices.tolist(), where
        assert_same(found.values.tolist(), wanted.values.tolist(), exactly=exactly, where=where)  # type: ignore[union-attr]
    elif isinstance(wanted, float) and isinstance(found, float | int):
        assert _same_number(found, wanted, exactly), f"{where}: {found!r} is not {wanted!r}"
    elif isinstance(wanted, Mapping):
        assert found.keys() == wanted.keys(), where
        for key, item in wanted.items():
            assert_same(found[key], item, exactly=exactly, where=f"{where}[{key!r}]")
    elif isinstance(wanted, Sequence) and not isinstance(wanted, str | bytes):
        assert len(found) == len(wanted), where
        for at, (mine, theirs) in enumerate(zip(found, wanted, strict=True)):
            assert_same(mine, theirs, exactly=exactly, where=f"{where}[{at}]")
    else:
        assert found == wanted, f"{where}: {found!r} is not {wanted!r}"


def _same_number(found: float, wanted: float, exactly: bool) -> bool:
    if math.isnan(wanted) or exactly:
        return found == wanted or (math.isnan(found) and math.isnan(wanted))
    return math.isclose(found, wanted, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
