"""Any model of river that learns from labels, or without them."""

from __future__ import annotations

import base64
import io
import pickle
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.online.adapters.base import Adapted
from streamcore.models.online.adapters.libraries import imported
from streamcore.models.online.base import Answer, Arrays, Learner, Predictor
from streamcore.models.online.matrix import Floats, Matrix, SparseRows
from streamcore.models.online.rows import Rows
from streamcore.models.online.supervised import class_numbers
from streamcore.spi.models import State

_PICKLE = "pickle"


@dataclass(frozen=True, kw_only=True)
class RiverModel(Adapted):
    """A model of river, which learns row by row; `RiverModel.of(model, allowPickle=True)` makes one.

    What river's models learn are Python objects: they are pickled, before they have learnt anything as a
    setting and then as the state, so `allowPickle=True` must be given, and whoever reads the model must
    allow it as well.  Features are named as their columns, and by their place in a vector.
    """

    name: ClassVar[str] = "RiverModel"

    pickled: str
    shown: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.allowPickle:
            raise IllegalArgumentException(
                "what a model of river learns cannot be kept as arrays: pass allowPickle=True to pickle it; "
                "readers of the model must then allow pickle too"
            )

    @classmethod
    def of(cls, model: Any, **settings: Any) -> Self:
        """A model of river that has learnt nothing; one of classes needs `numClasses`."""
        river = imported("river.base", extra="river")
        if not isinstance(model, river.Base):
            raise IllegalArgumentException(f"{type(model).__name__} is no model of river")
        pickled = base64.b64encode(pickle.dumps(model, protocol=5)).decode()
        return cls(pickled=pickled, shown=repr(model), **settings)

    @property
    def holds_pickle(self) -> bool:
        return True

    @property
    def inner_step(self) -> int:
        return 1

    @property
    def split_invariant(self) -> bool:
        return True

    @property
    def gives_probability(self) -> bool:
        return self.numClasses is not None

    def initial_state(self) -> State:
        return {}

    def learner(self, state: State) -> Learner:
        data = state[_PICKLE].tobytes() if state else base64.b64decode(self.pickled)
        imported("river.base", extra="river")
        return _Rowwise(self, state, pickle.load(io.BytesIO(data)))  # noqa: S301 - opted in by both sides


class _Rowwise(Predictor):
    def __init__(self, model: RiverModel, state: State, learnt: Any) -> None:
        self._model, self._river, self._state = model, learnt, state
        self._changed = False

    def learn(self, rows: Rows) -> None:
        if not len(rows):
            return
        self._changed = True
        features = self._features(rows.X)
        weights = [{}] * len(rows) if rows.w is None else [{"w": weight} for weight in rows.w.tolist()]
        if rows.y is None:
            for row, weight in zip(features, weights, strict=True):
                self._river.learn_one(row, **weight)
            return
        for row, label, weight in zip(features, self._labels(rows.y), weights, strict=True):
            self._river.learn_one(row, label, **weight)

    def predict(self, X: Matrix) -> Answer:
        if self._model.numClasses is None:
            found = [self._river.predict_one(row) for row in self._features(X)]
            return Answer(np.array([np.nan if one is None else one for one in found], dtype=np.float64))
        return self._classes(X, self._model.numClasses)

    def state(self) -> Arrays:
        if not self._changed:
            return dict(self._state)
        return {_PICKLE: np.frombuffer(pickle.dumps(self._river, protocol=5), dtype=np.uint8)}

    def _classes(self, X: Matrix, classes: int) -> Answer:
        probability = np.zeros((X.shape[0], classes))
        prediction = np.full(len(probability), np.nan)
        for place, row in enumerate(self._features(X)):
            found = self._river.predict_proba_one(row)
            for number, part in found.items():
                probability[place, int(number)] = part
            if found:
                prediction[place] = float(self._river.predict_one(row))
        return Answer(prediction, probability)

    def _labels(self, y: Floats) -> list[Any]:
        classes = self._model.numClasses
        if classes is None:
            return list(y.tolist())
        numbers = class_numbers(self._model.name, y, classes).tolist()
        return [bool(number) for number in numbers] if classes == 2 else list(numbers)

    def _features(self, X: Matrix) -> list[dict[str, float]]:
        names = self._model.inputs.features
        if isinstance(X, SparseRows):
            return [_named(X.rows(place, place + 1)) for place in range(X.shape[0])]
        if X.shape[1] != len(names):
            names = tuple(str(place) for place in range(X.shape[1]))
        return [dict(zip(names, row, strict=True)) for row in X.tolist()]


def _named(row: SparseRows) -> dict[str, float]:
    places = (str(place) for place in row.indices.tolist())
    return dict(zip(places, row.data.tolist(), strict=True))
