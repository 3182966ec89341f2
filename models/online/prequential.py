"""Test, then train: a model with running measures of its predictions, and what is done when they go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from streamcore.errors import IllegalArgumentException
from streamcore.models.online.base import (
    Answer,
    Arrays,
    Learner,
    NumpyModel,
    as_arrays,
    finite,
    require,
    require_choice,
    steps,
)
from streamcore.models.online.drift.base import DriftDetector
from streamcore.models.online.matrix import Floats
from streamcore.models.online.metrics.base import Measure
from streamcore.models.online.rows import Rows
from streamcore.spi.models import BatchId, Columns, ModelInputs, OnlineModel, State

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Prequential(OnlineModel):
    """Every row is predicted before it is learnt, and the prediction is compared with the label.

    `every` rows are predicted and then learnt; None is the whole batch, so that all its predictions are of
    one version of the model.  At 1 the predictions within a batch are those of models in between: that is
    how row-by-row evaluations count.  Rows without a label are predicted, and neither compared nor learnt.

    `drift` watches the errors: 1 for a wrong class and 0 for the right one, or the absolute error of a
    number.  At a change, `onDrift` does nothing ("none"), begins a new model ("reset"), or lets what was
    learnt count as the part `kept` of what it was ("decay"); what comes then learns from the row of the
    change on.
    """

    name: ClassVar[str] = "Prequential"

    model: NumpyModel
    measures: tuple[Measure, ...] = ()
    drift: DriftDetector | None = None
    onDrift: str = "none"
    kept: float | None = None
    every: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice(self.name, "onDrift", self.onDrift, ("none", "reset", "decay"))
        require(self.every is None or self.every >= 1, self.name, "every", self.every, "at least 1")
        if self.onDrift != "none" and self.drift is None:
            raise IllegalArgumentException(
                f"{self.name}: onDrift={self.onDrift!r} needs a detector as `drift`"
            )
        self._check_parts()
        self._check_measures()
        self._check_decay()

    @property
    def inputs(self) -> ModelInputs:
        return self.model.inputs

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        return self.model.output_fields

    @property
    def split_invariant(self) -> bool:
        """When rows are predicted one by one."""
        return self.every == 1 and self.model.split_invariant

    def check(self, schema: pa.Schema, learns: bool) -> None:
        self.model.check(schema, learns)

    def initial_state(self) -> State:
        parts = {"model": self.model.initial_state(), **self.measured()}
        if self.drift is not None:
            changes: State = {"changes": np.zeros((), dtype=np.int64), "last": np.full((), -1)}
            parts |= {"drift": self.drift.initial_state(), "policy": changes}
        counts: State = {"rows": np.zeros((), dtype=np.int64)}
        return _joined(parts | {"evaluated": counts})

    def predict(self, state: State, batch: pa.Table) -> Columns:
        return self.model.predict(part_of(state, "model"), batch)

    def update(self, state: State, batch: pa.Table, at: BatchId) -> State:
        return self.predict_then_update(state, batch, at)[1]

    def predict_then_update(self, state: State, batch: pa.Table, at: BatchId) -> tuple[Columns, State]:
        if not len(batch):
            return self.predict(state, batch), state
        course = _Course(self, state)
        rows = self.model.rows(batch)
        answers = [course.take(rows.between(*step)) for step in steps(len(rows), self.every or 0)]
        return self.model.as_columns(_one(answers)), course.state()

    def metrics(self, state: State) -> dict[str, Any]:
        figures: dict[str, Any] = {"evaluated": int(state["evaluated.rows"])}
        for place, measure in enumerate(self.measures):
            figures[measure.key] = measure.value(part_of(state, f"measure{place}"))
        if self.drift is not None:
            last = int(state["policy.last"])
            figures["drift"] = {
                "changes": int(state["policy.changes"]),
                "lastAtRow": None if last < 0 else last,
            }
        return figures | self.model.metrics(part_of(state, "model"))

    def measured(self) -> dict[str, State]:
        """The measures before any row, under the names of their parts of the state."""
        return {f"measure{place}": measure.initial_state() for place, measure in enumerate(self.measures)}

    def _check_parts(self) -> None:
        is_model, is_detector = isinstance(self.model, NumpyModel), isinstance(self.drift, DriftDetector)
        require(is_model, self.name, "model", self.model, "a model of streamcore.models")
        require(self.drift is None or is_detector, self.name, "drift", self.drift, "a detector, or None")
        for measure in self.measures:
            require(isinstance(measure, Measure), self.name, "measures", measure, "measures")

    def _check_measures(self) -> None:
        if self.model.inputs.label is None:
            raise IllegalArgumentException(f"{self.name}: {self.model.name} learns without labels")
        for measure in self.measures:
            if measure.needs_probability and not self.model.gives_probability:
                raise IllegalArgumentException(
                    f"{self.name}: {measure.name} is of probabilities, and {self.model.name} predicts none"
                )
        keys = [measure.key for measure in self.measures]
        require(len(set(keys)) == len(keys), self.name, "measures", keys, "different ones")

    def _check_decay(self) -> None:
        if self.onDrift == "decay":
            self.model.check_forgets()
            fits = self.kept is not None and 0 <= self.kept < 1
            require(fits, self.name, "kept", self.kept, "in [0, 1) with onDrift='decay'")
        else:
            require(self.kept is None, self.name, "kept", self.kept, "None unless onDrift='decay'")


class _Course:
    """A batch on its way through a model: predictions, measures, changes, and then what is learnt."""

    def __init__(self, whole: Prequential, state: State) -> None:
        self._whole, self._model = whole, whole.model
        self._learner: Learner = whole.model.learner(part_of(state, "model"))
        self._measures: list[State] = [part_of(state, name) for name in whole.measured()]
        self._drift, self._policy = part_of(state, "drift"), dict(part_of(state, "policy"))
        self._evaluated = int(state["evaluated.rows"])

    def take(self, rows: Rows) -> Answer:
        """Predicts the rows, and then learns from those that have a label."""
        answer = self._model.answer(self._learner, rows.X)
        assert rows.y is not None
        known = ~(np.isnan(rows.y) | np.isnan(answer.prediction))
        labels, answers = rows.y[known], _where(answer, known)
        self._measures = [
            measure.update(state, labels, answers)
            for measure, state in zip(self._whole.measures, self._measures, strict=True)
        ]
        change = self._change(labels, answers)
        if change is not None:
            rows = self._adapted(rows, int(np.flatnonzero(known)[change]))
        self._evaluated += len(labels)
        self._learner.learn(rows.labelled())
        return answer

    def state(self) -> State:
        """Of the model, the measures and the detector after all rows taken."""
        model = finite(self._model.name, dict(self._learner.state()))
        measures = {f"measure{place}": state for place, state in enumerate(self._measures)}
        counts: State = {"rows": np.array(self._evaluated)}
        parts = {
            "model": model,
            **measures,
            "drift": self._drift,
            "policy": self._policy,
            "evaluated": counts,
        }
        return _joined(parts)

    def _change(self, labels: Floats, answer: Answer) -> int | None:
        """Which of the compared rows is the last at which there is a change."""
        detector = self._whole.drift
        if detector is None:
            return None
        classes = self._model.predicts_classes
        wrong = labels != answer.prediction if classes else labels - answer.prediction
        self._drift, decisions = detector.update(self._drift, np.abs(wrong.astype(np.float64)))
        places = np.flatnonzero(decisions)
        if not len(places):
            return None
        last = int(places[-1])
        self._policy["changes"] = self._policy["changes"] + len(places)
        self._policy["last"] = np.array(self._evaluated + last)
        return last

    def _adapted(self, rows: Rows, change: int) -> Rows:
        """The rows that the model is to learn after the change at one of them, by the policy."""
        if self._whole.onDrift == "none":
            return rows
        if self._whole.onDrift == "reset":
            self._learner = self._model.learner(self._model.initial_state())
        else:
            assert self._whole.kept is not None
            self._learner = self._model.learner(self._model.forget(self._learner.state(), self._whole.kept))
        return rows.between(change, len(rows))


def part_of(state: State, part: str) -> State:
    """The arrays of one part, under their own names."""
    prefix = f"{part}."
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


def _joined(parts: dict[str, State]) -> Arrays:
    named = {f"{part}.{key}": value for part, state in parts.items() for key, value in state.items()}
    return as_arrays(named)


def _where(answer: Answer, known: npt.NDArray[np.bool_]) -> Answer:
    if known.all():
        return answer
    return Answer(answer.prediction[known], None if answer.probability is None else answer.probability[known])


def _one(answers: list[Answer]) -> Answer:
    if len(answers) == 1:
        return answers[0]
    probabilities = [answer.probability for answer in answers if answer.probability is not None]
    together = np.concatenate(probabilities) if probabilities else None
    return Answer(np.concatenate([answer.prediction for answer in answers]), together)
