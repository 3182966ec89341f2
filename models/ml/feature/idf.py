"""Counts of words, weighed by how few rows have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.inputs import VECTOR
from streamcore.models.ml.feature.kinds import Matrix, mapped, scaled, vectors_in
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.linalg import DenseVector
from streamcore.models.ml.matrices import parts_of, vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_vector
from streamcore.spi.types import StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

Weights = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Weighed:
    """Vectors times a weight for each place; a sparse one stays sparse."""

    column: str
    weights: Weights

    def __call__(self, rows: pa.Table) -> Computed:
        """The weighed vector of each row."""
        return Computed([mapped(rows.column(0), self.column, self._of)])

    def _of(self, matrix: Matrix) -> Matrix:
        return scaled(matrix, self.weights)


def frequencies(rows: Matrix) -> Counts:
    """For each place in how many rows it is above zero."""
    return np.asarray((rows > 0).sum(axis=0), np.int64).reshape(-1)


def inverse(frequency: Counts, rows: int, least: int) -> tuple[Weights, Counts]:
    """The weights log((rows + 1) / (frequency + 1)), and the frequencies; zero below `least` rows."""
    counts = np.where(frequency >= least, frequency, 0)
    return np.where(frequency >= least, np.log((rows + 1.0) / (frequency + 1.0)), 0.0), counts


class _IDFParams(OneColumn):
    """The parameters of IDF and of its model."""

    minDocFreq: Param[int] = Param(
        Params._dummy(), "minDocFreq", "in how many rows a word is at least; the weight of others is zero",
        TypeConverters.toInt, at_least(0),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(minDocFreq=0)

    def getMinDocFreq(self) -> int:
        """In how many rows a word is at least."""
        return self.getOrDefault(self.minDocFreq)


class IDF(Estimator["IDFModel"], _IDFParams, Saved):
    """Learns the inverse document frequency of each place of a vector.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(Vectors.dense([1.0, 2.0]),), (Vectors.dense([0.0, 1.0]),)]
    >>> counts = Session.builder.getOrCreate().createDataFrame(rows, ["counts"])
    >>> IDF(inputCol="counts", outputCol="weighed").fit(counts).idf
    DenseVector([0.4055, 0.0])
    """

    @keyword_only
    def __init__(
        self, *, minDocFreq: int = 0, inputCol: str | None = None, outputCol: str | None = None
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self, *, minDocFreq: int = 0, inputCol: str | None = None, outputCol: str | None = None
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setMinDocFreq(self, value: int) -> Self:
        """Set `minDocFreq`."""
        return self._set(minDocFreq=value)

    def _fit(self, dataset: DataFrame) -> IDFModel:
        rows = vectors_in(dataset, self.getInputCol())
        count = rows.shape[0]
        if not count:
            raise IllegalArgumentException("Haven't seen any document yet.")
        return fitted(self, IDFModel(*inverse(frequencies(rows), count, self.getMinDocFreq()), count))


class IDFModel(Model, _IDFParams, Saved):
    """Weighs vectors by the inverse document frequency of their places."""

    def __init__(self, idf: Weights | None = None, docFreq: Counts | None = None, numDocs: int = 0) -> None:
        super().__init__()
        self._idf = np.empty(0) if idf is None else idf
        self._counts = np.empty(0, np.int64) if docFreq is None else docFreq
        self._rows = numDocs

    def __repr__(self) -> str:
        return f"IDFModel: uid={self.uid}, numDocs={self._rows}, numFeatures={len(self._idf)}"

    @property
    def idf(self) -> DenseVector:
        """The weight of each place."""
        return DenseVector(self._idf)

    @property
    def docFreq(self) -> list[int]:
        """In how many rows each place was above zero."""
        return [int(count) for count in self._counts]

    @property
    def numDocs(self) -> int:
        """How many rows there were."""
        return self._rows

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vector(dataset.schema, self.getInputCol())
        metadata = {"ml_attr": {"num_attrs": len(self._idf)}}
        output = StructField(self.getOutputCol(), VECTOR, metadata=metadata)
        function = Weighed(self.getInputCol(), self._idf)
        return computed(dataset, [self.getInputCol()], [output], function)

    def _data(self) -> pa.Table:
        return pa.table(
            {
                "idf": vectors_of(self._idf[np.newaxis]),
                "docFreq": pa.array([self.docFreq], pa.list_(pa.int64())),
                "numDocs": pa.array([self._rows], pa.int64()),
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        weights = parts_of(data.column("idf")).values
        return cls(weights, np.array(data.column("docFreq")[0].as_py()), data.column("numDocs")[0].as_py())
