"""What the adapters share: labels that may be missing, and answers before anything was learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from streamcore.models.online.base import (
    Answer,
    FeatureColumns,
    NumpyModel,
    columns_named,
    lists,
    nullable,
    require,
)
from streamcore.spi.models import Columns, ModelInputs


@dataclass(frozen=True, kw_only=True)
class Adapted(NumpyModel):
    """The columns of a model from elsewhere; `numClasses` makes it one of classes, with probabilities.

    `labelCol=None` is for models that learn without labels.
    """

    numClasses: int | None = None
    allowPickle: bool = False
    featuresCol: FeatureColumns = "features"
    labelCol: str | None = "label"
    weightCol: str | None = None
    predictionCol: str = "prediction"
    probabilityCol: str = "probability"

    def __post_init__(self) -> None:
        super().__post_init__()
        classes = self.numClasses
        require(classes is None or classes >= 2, self.name, "numClasses", classes, "at least 2, or None")

    @property
    def predicts_classes(self) -> bool:
        return self.numClasses is not None

    @property
    def inputs(self) -> ModelInputs:
        return ModelInputs(columns_named(self.featuresCol), self.labelCol, self.weightCol)

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        prediction = pa.field(self.predictionCol, pa.float64())
        if not self.gives_probability:
            return (prediction,)
        return prediction, pa.field(self.probabilityCol, pa.list_(pa.float64()))

    def as_columns(self, answer: Answer) -> Columns:
        prediction = {self.predictionCol: nullable(answer.prediction)}
        if answer.probability is None:
            return prediction
        unknown = np.isnan(answer.prediction)
        return {**prediction, self.probabilityCol: lists(answer.probability, unknown)}

    def unknown(self, rows: int) -> Answer:
        """The answer before anything was learnt."""
        shape = (rows, self.numClasses or 0)
        return Answer(np.full(rows, np.nan), np.zeros(shape) if self.gives_probability else None)
