"""What estimators, transformers and models are."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from streamcore.execution.rows import arrow_array, python_values
from streamcore.models.ml.param import ParamMap, Params
from streamcore.models.ml.param.params import shown
from streamcore.models.ml.param.shared import (
    HasFeaturesCol,
    HasInputCol,
    HasLabelCol,
    HasOutputCol,
    HasPredictionCol,
)
from streamcore.spi.computed import Computed
from streamcore.spi.types import DataType, StructField, StructType

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame

__all__ = [
    "Estimator",
    "Model",
    "PredictionModel",
    "Predictor",
    "Transformer",
    "UnaryTransformer",
]

T = TypeVar("T")
M = TypeVar("M", bound="Transformer")


class _FitMultipleIterator(Generic[M]):
    """Gives one model per index, to any number of threads."""

    def __init__(self, fitSingleModel: Callable[[int], M], numModels: int) -> None:
        self.fitSingleModel = fitSingleModel
        self.numModel = numModels
        self.counter = 0
        self.lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[int, M]]:
        return self

    def __next__(self) -> tuple[int, M]:
        with self.lock:
            index = self.counter
            if index >= self.numModel:
                raise StopIteration("No models remaining.")
            self.counter += 1
        return index, self.fitSingleModel(index)


class Estimator(Params, ABC, Generic[M]):
    """Something that learns a model from a DataFrame."""

    @abstractmethod
    def _fit(self, dataset: DataFrame) -> M:
        """The model of a dataset, by the parameters as they are."""

    @overload
    def fit(self, dataset: DataFrame, params: ParamMap | None = ...) -> M: ...

    @overload
    def fit(self, dataset: DataFrame, params: list[ParamMap] | tuple[ParamMap, ...]) -> list[M]: ...

    def fit(
        self, dataset: DataFrame, params: ParamMap | list[ParamMap] | tuple[ParamMap, ...] | None = None
    ) -> M | list[M]:
        """The model of a dataset; with a list of parameter maps, a model for each of them.

        Neither the estimator nor the dataset changes.
        """
        if isinstance(params, list | tuple):
            fitted = dict(self.fitMultiple(dataset, params))
            return [fitted[index] for index in range(len(params))]
        if params is not None and not isinstance(params, dict):
            raise TypeError(
                f"Params must be either a param map or a list/tuple of param maps, but got {type(params)}."
            )
        estimator = self.copy(params) if params else self
        estimator._require_valid()
        return estimator._fit(dataset)

    def fitMultiple(self, dataset: DataFrame, paramMaps: Sequence[ParamMap]) -> Iterator[tuple[int, M]]:
        """Pairs of an index and the model by `paramMaps[index]`; threads may share the iterator."""
        estimator = self.copy()

        def fit_one(index: int) -> M:
            return estimator.fit(dataset, paramMaps[index])

        return _FitMultipleIterator(fit_one, len(paramMaps))


class Transformer(Params, ABC):
    """Something that makes one DataFrame of another."""

    @abstractmethod
    def _transform(self, dataset: DataFrame) -> DataFrame:
        """The dataset as it becomes by the parameters as they are."""

    def transform(self, dataset: DataFrame, params: ParamMap | None = None) -> DataFrame:
        """The dataset as it becomes; `params` count before the parameters of the transformer."""
        if params is not None and not isinstance(params, dict):
            raise TypeError(f"Params must be a param map but got {type(params)}.")
        transformer = self.copy(params) if params else self
        transformer._require_valid()
        return transformer._transform(dataset)


class Model(Transformer, ABC):
    """A transformer that an estimator has learned, whose uid it has in most cases."""

    def __repr__(self) -> str:
        name = type(self).__name__
        if self.uid.startswith(name):
            return self.uid
        return ", ".join(
            [f"{name}: uid={self.uid}", *(f"{key}={shown(value)}" for key, value in self._told().items())]
        )

    def _told(self) -> Mapping[str, Any]:
        """What `repr` tells of it beside its uid, as Spark's models do."""
        return {}


class UnaryTransformer(HasInputCol, HasOutputCol, Transformer):
    """A transformer that makes one column of another, value by value."""

    def setInputCol(self, value: str) -> Self:
        """Set `inputCol`."""
        return self._set(inputCol=value)

    def setOutputCol(self, value: str) -> Self:
        """Set `outputCol`."""
        return self._set(outputCol=value)

    @abstractmethod
    def createTransformFunc(self) -> Callable[..., Any]:
        """The function of a value, by the parameters as they are."""

    @abstractmethod
    def outputDataType(self) -> DataType:
        """The type of what the function returns."""

    @abstractmethod
    def validateInputType(self, inputType: DataType) -> None:
        """Raise an error for a type that the function does not take."""

    def transformSchema(self, schema: StructType) -> StructType:
        """The schema of the result; an error when the input does not fit, or the output exists."""
        self.validateInputType(schema[self.getInputCol()].dataType)
        if self.getOutputCol() in schema.names:
            raise ValueError(f"Output column {self.getOutputCol()} already exists.")
        output = StructField(self.getOutputCol(), self.outputDataType(), nullable=False)
        return StructType([*schema.fields, output])

    def _transform(self, dataset: DataFrame) -> DataFrame:
        from streamcore.models.ml.columns import computed

        self.transformSchema(dataset.schema)
        name, kind = self.getInputCol(), self.outputDataType()
        function = MappedColumn(self.createTransformFunc(), dataset.schema[name].dataType, kind)
        return computed(dataset, [name], [StructField(self.getOutputCol(), kind)], function)


@dataclass(frozen=True)
class MappedColumn:
    """A column of what a Python function makes of each value of another; a null is None to it."""

    function: Callable[[Any], Any]
    input: DataType
    output: DataType

    def __call__(self, rows: pa.Table) -> Computed:
        """The column, of the only one of `rows`."""
        values = map(self.function, python_values(rows.column(0), self.input))
        return Computed([arrow_array(list(values), self.output)])


class _PredictorParams(HasLabelCol, HasFeaturesCol, HasPredictionCol):
    """The columns of predictors and of their models."""


class Predictor(Estimator[M], _PredictorParams, ABC):
    """An estimator whose models predict a label from features."""

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)


class PredictionModel(Model, _PredictorParams, ABC, Generic[T]):
    """A model that predicts a label from features."""

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    @property
    @abstractmethod
    def numFeatures(self) -> int:
        """How many features it was trained on; -1 when that is not known."""

    @abstractmethod
    def predict(self, value: T) -> float:
        """The label predicted from the features of one row."""
