"""Any estimator of scikit-learn that has `partial_fit` and `predict`."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.models.online.adapters.attributes import NotArrays, as_state, of_state
from streamcore.models.online.adapters.base import Adapted
from streamcore.models.online.adapters.libraries import class_in, imported
from streamcore.models.online.base import Answer, Arrays, Learner, Predictor, require, steps
from streamcore.models.online.matrix import Matrix, dense
from streamcore.models.online.rows import Rows
from streamcore.models.online.supervised import class_numbers
from streamcore.spi.models import State

if TYPE_CHECKING:
    import pyarrow as pa

_PICKLE = "pickle"

_REMADE = frozenset({"_loss_function_"})
"""What `partial_fit` makes anew from the parameters, and nothing else reads."""


@dataclass(frozen=True, kw_only=True)
class SklearnEstimator(Adapted):
    """An estimator by the path of its class and its parameters; `SklearnEstimator.of` takes them from one.

    `partial_fit` gets `innerStep` rows at once; 0 is the whole batch.  What the estimator has learnt is
    kept as arrays.  An estimator that holds other objects is refused by the name of what it holds, unless
    `allowPickle=True`: then it is pickled, and whoever reads the model must allow that as well, since
    opening a pickle runs code that its writer chose.  `seed` stands for a `random_state` that is not given.

    >>> settings = {"params": (("alpha", 0.01),), "numClasses": 2}
    >>> model = SklearnEstimator(estimator="sklearn.linear_model.SGDClassifier", **settings)
    >>> model.inputs.to_learn()
    ('features', 'label')
    """

    name: ClassVar[str] = "SklearnEstimator"

    estimator: str
    params: tuple[tuple[str, Any], ...] = ()
    innerStep: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.innerStep >= 0, self.name, "innerStep", self.innerStep, "at least 0")

    @classmethod
    def of(cls, estimator: Any, **settings: Any) -> Self:
        """The model of an estimator that has learnt nothing: its class, and what is not a default."""
        class_ = type(estimator)
        defaults = class_().get_params(deep=False)
        params = estimator.get_params(deep=False)
        given = tuple((name, params[name]) for name in sorted(params) if params[name] is not defaults[name])
        path = f"{class_.__module__}.{class_.__qualname__}"
        made = cls(estimator=path, params=given, **settings)
        made.unlearnt()
        return made

    @property
    def holds_pickle(self) -> bool:
        return self.allowPickle

    @property
    def inner_step(self) -> int:
        return self.innerStep

    @property
    def gives_probability(self) -> bool:
        return self.numClasses is not None and hasattr(self.unlearnt(), "predict_proba")

    def check(self, schema: pa.Schema, learns: bool) -> None:
        self.unlearnt()
        super().check(schema, learns)

    def unlearnt(self) -> Any:
        """The estimator before it has learnt; IllegalArgumentException when there is none that can learn."""
        class_ = class_in("sklearn", self.estimator, extra="ml")
        base = imported("sklearn.base", extra="ml")
        if not (isinstance(class_, type) and issubclass(class_, base.BaseEstimator)):
            raise IllegalArgumentException(f"estimator={self.estimator!r} is no estimator of scikit-learn")
        made = class_(**dict(self.params))
        for method, lacking in (("partial_fit", "learn batch by batch"), ("predict", "predict rows")):
            if not hasattr(made, method):
                raise IllegalArgumentException(f"{self.estimator} has no {method}: it cannot {lacking}")
        if "random_state" in made.get_params(deep=False) and made.random_state is None:
            made.set_params(random_state=self.seed)
        if base.is_classifier(made) and self.numClasses is None:
            raise IllegalArgumentException(f"{self.estimator} predicts classes: say how many as numClasses")
        return made

    def initial_state(self) -> State:
        return {}

    def learner(self, state: State) -> Learner:
        return _Partial(self, state)


class _Partial(Predictor):
    def __init__(self, model: SklearnEstimator, state: State) -> None:
        self._model, self._learnt = model, bool(state)
        self._estimator = _restored(model, state)

    def learn(self, rows: Rows) -> None:
        if not len(rows):
            return
        X, given = dense(rows.X), {}
        classes = self._model.numClasses
        if classes is not None:
            assert rows.y is not None
            class_numbers(self._model.name, rows.y, classes)
            given["classes"] = np.arange(classes, dtype=np.float64)
        for begin, end in steps(len(X), self._model.innerStep):
            weights = {} if rows.w is None else {"sample_weight": rows.w[begin:end]}
            labels = None if rows.y is None else rows.y[begin:end]
            self._estimator.partial_fit(X[begin:end], labels, **given, **weights)
        self._learnt = True

    def predict(self, X: Matrix) -> Answer:
        values = dense(X)
        if not self._learnt:
            return self._model.unknown(len(values))
        prediction = self._estimator.predict(values).astype(np.float64)
        if not self._model.gives_probability:
            return Answer(prediction)
        return Answer(prediction, np.ascontiguousarray(self._estimator.predict_proba(values)))

    def state(self) -> Arrays:
        if not self._learnt:
            return {}
        if self._model.allowPickle:
            return {_PICKLE: np.frombuffer(pickle.dumps(self._estimator, protocol=5), dtype=np.uint8)}
        try:
            return as_state(_learnt(self._estimator))
        except NotArrays as error:
            raise UnsupportedOperationException(
                f"what {self._model.estimator} has learnt cannot be kept as arrays: {error}. Pass "
                "allowPickle=True to pickle it; readers of the model must then allow pickle too"
            ) from error


def _restored(model: SklearnEstimator, state: State) -> Any:
    if state and model.allowPickle:
        return pickle.load(io.BytesIO(state[_PICKLE].tobytes()))  # noqa: S301 - opted in by writer and reader
    estimator = model.unlearnt()
    for name, value in (of_state(state) if state else {}).items():
        setattr(estimator, name, value)
    return estimator


def _learnt(estimator: Any) -> dict[str, Any]:
    params = estimator.get_params(deep=False)
    kept = vars(estimator).keys() - params.keys() - _REMADE
    return {name: getattr(estimator, name) for name in kept}
