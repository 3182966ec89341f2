"""Many classes by a classifier of two: each class against the rest."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.classification.base import Classifier, _ClassifierParams
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.matrices import dense_of, named, vectors_of
from streamcore.models.ml.param import Param, ParamMap, Params, keyword_only
from streamcore.models.ml.param.setters import SetsWeightCol
from streamcore.models.ml.param.shared import HasParallelism
from streamcore.models.ml.predicting import require_columns, weight_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_numeric
from streamcore.models.ml.util import DefaultParamsReader, MLWritable, named_values
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_ONE = "mc2b$"


class _OneVsRestParams(_ClassifierParams, SetsWeightCol):
    """The parameters of one class against the rest."""

    classifier: Param[Any] = Param(Params._dummy(), "classifier", "the classifier of two classes.")

    def getClassifier(self) -> Classifier[Any]:
        """The value of `classifier`."""
        return self.getOrDefault(self.classifier)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setRawPredictionCol(self, value: str) -> Self:
        """Set `rawPredictionCol`."""
        return self._set(rawPredictionCol=value)

    def _json_params(self) -> dict[str, Any]:
        return named_values({p: v for p, v in self._paramMap.items() if p.name != "classifier"})

    def _save_classifier(self, folder: Path) -> None:
        if self.isDefined(self.classifier):
            _written(self.getClassifier(), folder / "classifier")

    def _load_classifier(self, folder: Path) -> Self:
        if (folder / "classifier").is_dir():
            self._set(classifier=DefaultParamsReader.loadParamsInstance(str(folder / "classifier"), None))
        return self


class OneVsRest(_OneVsRestParams, HasParallelism, Estimator["OneVsRestModel"], Saved):
    """Learns a model of two classes for each class, which tells it from all others.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.classification import DecisionTreeClassifier
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(float(label), Vectors.dense([label])) for label in range(3)]
    >>> frame = Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    >>> model = OneVsRest(classifier=DecisionTreeClassifier()).fit(frame)
    >>> [row.prediction for row in model.transform(frame).collect()], len(model.models)
    ([0.0, 1.0, 2.0], 3)
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        rawPredictionCol: str = "rawPrediction",
        classifier: Classifier[Any] | None = None,
        weightCol: str | None = None,
        parallelism: int = 1,
    ) -> None:
        super().__init__()
        self._setDefault(parallelism=1)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        rawPredictionCol: str = "rawPrediction",
        classifier: Classifier[Any] | None = None,
        weightCol: str | None = None,
        parallelism: int = 1,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setClassifier(self, value: Classifier[Any]) -> Self:
        """Set `classifier`."""
        return self._set(classifier=value)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setParallelism(self, value: int) -> Self:
        """Set `parallelism`: how many models are learnt at once."""
        return self._set(parallelism=value)

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy, with a copy of its classifier."""
        that = Params.copy(self, extra)
        return that.setClassifier(self.getClassifier().copy(extra)) if self.isSet(self.classifier) else that

    def _fit(self, dataset: DataFrame) -> OneVsRestModel:
        require_columns(self, dataset, self.getRawPredictionCol())
        require_numeric(dataset.schema, self.getLabelCol())
        weight = self._usable_weight()
        columns = [self.getLabelCol(), self.getFeaturesCol(), *([weight] if weight else [])]
        rows = dataset.select(*(named(dataset, name) for name in columns))
        classes, classifier = self._classes(rows), self.getClassifier()

        def fit_one(number: int) -> Any:
            name = f"{_ONE}{number}"
            label = (named(rows, self.getLabelCol()) == float(number)).cast("double").alias(name)
            told: dict[Any, Any] = {
                classifier.labelCol: name,
                classifier.featuresCol: self.getFeaturesCol(),
                classifier.predictionCol: self.getPredictionCol(),
            }
            if weight:
                told[classifier.getParam("weightCol")] = weight
            return classifier.fit(rows.select("*", label), told)

        with ThreadPoolExecutor(min(self.getParallelism(), classes)) as pool:
            models = list(pool.map(fit_one, range(classes)))
        return self._copyValues(OneVsRestModel(models))

    def _usable_weight(self) -> str | None:
        weight = weight_of(self)
        if weight and not self.getClassifier().hasParam("weightCol"):
            warnings.warn(
                f"weightCol is ignored, as it is not supported by {self.getClassifier()} now.", stacklevel=4
            )
            return None
        return weight

    def _classes(self, rows: DataFrame) -> int:
        from streamcore.sql import functions as F

        highest = rows.agg(F.max(named(rows, self.getLabelCol()).cast("double")).alias("highest")).first()
        if highest is None or highest["highest"] is None:
            raise IllegalArgumentException("requirement failed: there is no row to learn from")
        return int(highest["highest"]) + 1

    def _save_parts(self, folder: Path) -> None:
        self._save_classifier(folder)

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        return cls()._load_classifier(folder)


class OneVsRestModel(_OneVsRestParams, Model, Saved):
    """A model of two classes for each class; the class that most speaks for is predicted."""

    def __init__(self, models: list[Any]) -> None:
        super().__init__()
        self.models = models

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy, of copies of its models."""
        that = Params.copy(self, extra)
        that.models = [model.copy(extra) for model in self.models]
        return that

    def _transform(self, dataset: DataFrame) -> DataFrame:
        wanted = {"raw": self.getRawPredictionCol(), "prediction": self.getPredictionCol()}
        require_columns(self, dataset, self.getRawPredictionCol())
        names = [f"{_ONE}{self.uid}${number}" for number in range(len(self.models))]
        scored = dataset
        for name, model in zip(names, self.models, strict=True):
            scored = _alone(model, name, self.getFeaturesCol()).transform(scored)
        kinds: dict[str, Any] = {"raw": VectorUDT(), "prediction": DoubleType()}
        fields = [StructField(name, kinds[kind]) for kind, name in wanted.items() if name]
        told = computed(
            scored, names, fields, _Strongest(tuple(kind for kind, name in wanted.items() if name))
        )
        return told.drop(*names)

    def _extra_metadata(self) -> dict[str, Any]:
        return {"labelMetadata": "{}", "numClasses": len(self.models)}

    def _save_parts(self, folder: Path) -> None:
        self._save_classifier(folder)
        for number, model in enumerate(self.models):
            _written(model, folder / f"model_{number}")

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        models = [
            DefaultParamsReader.loadParamsInstance(str(folder / f"model_{number}"), None)
            for number in range(int(metadata["numClasses"]))
        ]
        return cls(models)._load_classifier(folder)


def _alone(model: Any, name: str, features: str) -> Any:
    """The model with one output column: its raw prediction, under this name."""
    told: dict[Any, Any] = {
        model.featuresCol: features,
        model.rawPredictionCol: name,
        model.predictionCol: "",
    }
    for other in ("probabilityCol", "leafCol"):
        if model.hasParam(other):
            told[model.getParam(other)] = ""
    return model.copy(told)


def _written(part: Any, folder: Path) -> None:
    if not isinstance(part, MLWritable):
        raise ValueError(f"OneVsRest write will fail because it contains {part.uid} which is not writable.")  # noqa: TRY004 - as PySpark
    part.write().save(str(folder))


@dataclass(frozen=True)
class _Strongest:
    """What speaks for each class, and the first of those that most speaks for."""

    wanted: tuple[str, ...]

    def __call__(self, rows: pa.Table) -> Computed:
        columns = [dense_of(rows, name).reshape(rows.num_rows, -1) for name in rows.column_names]
        raw = np.column_stack([column[:, 1] if rows.num_rows else np.empty(0) for column in columns])
        made = {
            "raw": lambda: vectors_of(raw),
            "prediction": lambda: pa.array(np.argmax(raw, axis=1).astype(np.float64)),
        }
        return Computed([made[kind]() for kind in self.wanted])
