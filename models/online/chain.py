"""Transformers and a model that learn from the same rows, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from streamcore.errors import IllegalArgumentException
from streamcore.models.online.base import Answer, Arrays, Learner, NumpyModel, Transformer, require, steps
from streamcore.models.online.matrix import Matrix
from streamcore.models.online.rows import Rows
from streamcore.spi.models import Columns, ModelInputs, State

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Chain(NumpyModel):
    """Stages of which each reads what the one before it makes; `scaler | model` makes one.

    In each inner step of the last stage a transformer learns from the rows of the step, and then makes the
    features from which the next one learns: at one row a step this is what row-by-row pipelines do.
    To predict, transformers are used as they are.

    >>> from streamcore.models.online.scaler import StandardScaler
    >>> from streamcore.models.online.linear.regression import LinearRegression
    >>> chain = StandardScaler(inputCol=("x", "z")) | LinearRegression(labelCol="y")
    >>> chain.inputs.to_learn()
    ('x', 'z', 'y')
    """

    name: ClassVar[str] = "Chain"

    stages: tuple[NumpyModel, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.stages) < 2:
            raise IllegalArgumentException("Chain: stages must be two or more")
        for stage in self.stages:
            require(isinstance(stage, NumpyModel), self.name, "stages", stage, "models of streamcore.models")
        for before, after in pairwise(self.stages):
            if not before.transforms:
                raise IllegalArgumentException(
                    f"Chain: {before.name} makes no features; it can only be the last stage"
                )
            if after.reads_batches:
                raise IllegalArgumentException(
                    f"Chain: {after.name} reads the columns of the batch; it can only be the first stage"
                )
            made = tuple(field.name for field in before.output_fields)
            if after.inputs.features != made:
                raise IllegalArgumentException(
                    f"Chain: {after.name} reads {', '.join(after.inputs.features)}, and {before.name} before "
                    f"it makes {', '.join(made)}; name the same column"
                )

    @property
    def last(self) -> NumpyModel:
        """The stage whose output is the chain's."""
        return self.stages[-1]

    @property
    def inputs(self) -> ModelInputs:
        last = self.last.inputs
        return ModelInputs(self.stages[0].inputs.features, last.label, last.weight)

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        return self.last.output_fields

    @property
    def inner_step(self) -> int:
        return self.last.inner_step

    @property
    def gives_probability(self) -> bool:
        return self.last.gives_probability

    @property
    def predicts_classes(self) -> bool:
        return self.last.predicts_classes

    @property
    def split_invariant(self) -> bool:
        """Where rows are learnt one by one, or the transformers learn nothing."""
        stateless = not any(stage.initial_state() for stage in self.stages[:-1])
        return self.last.split_invariant and (self.inner_step == 1 or stateless)

    def check(self, schema: pa.Schema, learns: bool) -> None:
        self.stages[0].check_features(schema)
        self.check_roles(schema, learns)

    def initial_state(self) -> State:
        return _joined([stage.initial_state() for stage in self.stages])

    def learner(self, state: State) -> Learner:
        states = [self.stage_state(state, place) for place in range(len(self.stages))]
        return _Chained([stage.learner(own) for stage, own in zip(self.stages, states, strict=True)], self)

    def stage_state(self, state: State, place: int) -> State:
        """The state of one stage."""
        prefix = f"{place}."
        return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}

    def features(self, batch: pa.Table) -> Matrix:
        return self.stages[0].features(batch)

    def columns(self, learner: Learner, X: Matrix) -> Columns:
        assert isinstance(learner, _Chained)
        return self.last.columns(learner.last, learner.transformed(X))

    def answer(self, learner: Learner, X: Matrix) -> Answer:
        assert isinstance(learner, _Chained)
        return self.last.answer(learner.last, learner.transformed(X))

    def as_columns(self, answer: Answer) -> Columns:
        return self.last.as_columns(answer)

    def metrics(self, state: State) -> dict[str, Any]:
        return self.last.metrics(self.stage_state(state, len(self.stages) - 1))

    def check_forgets(self) -> None:
        """All stages must: a scaler that adapts under weights that do not would make them wrong."""
        for stage in self.stages:
            if stage.initial_state():
                stage.check_forgets()

    def forget(self, state: State, kept: float) -> State:
        self.check_forgets()
        states = [self.stage_state(state, place) for place in range(len(self.stages))]
        forgotten = [
            stage.forget(own, kept) if own else own for stage, own in zip(self.stages, states, strict=True)
        ]
        return _joined(forgotten)


class _Chained(Learner):
    def __init__(self, learners: list[Learner], chain: Chain) -> None:
        self._transformers = [learner for learner in learners[:-1] if isinstance(learner, Transformer)]
        self._step = chain.inner_step
        self.last = learners[-1]

    def learn(self, rows: Rows) -> None:
        for begin, end in steps(len(rows), self._step):
            step = rows.between(begin, end)
            for transformer in self._transformers:
                transformer.learn(step)
                step = Rows(transformer.transform(step.X), step.y, step.w)
            self.last.learn(step)

    def transformed(self, X: Matrix) -> Matrix:
        """What the last stage reads."""
        for transformer in self._transformers:
            X = transformer.transform(X)
        return X

    def state(self) -> Arrays:
        return _joined([learner.state() for learner in (*self._transformers, self.last)])


def _joined(states: list[Any]) -> Arrays:
    return {f"{place}.{key}": value for place, state in enumerate(states) for key, value in state.items()}
