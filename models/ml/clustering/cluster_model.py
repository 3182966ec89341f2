"""Models that say of each row which cluster it is in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Model
from streamcore.models.ml.clustering.distances import Labels, Rows
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.matrices import features_of
from streamcore.models.ml.param.shared import HasFeaturesCol, HasPredictionCol
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_vector
from streamcore.spi.types import IntegerType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class Assignment(ABC):
    """Which cluster rows are in; a value that can be pickled."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many features a row has."""

    @abstractmethod
    def of(self, rows: Rows) -> Labels:
        """The cluster of each row."""


@dataclass(frozen=True)
class Assigned:
    """Vectors as the numbers of their clusters."""

    column: str
    assignment: Assignment

    def __call__(self, rows: pa.Table) -> Computed:
        """The cluster of each row."""
        if not rows.num_rows:
            return Computed([pa.array([], pa.int32())])
        found = features_of(rows, rows.column_names[0])
        require_size(found, self.assignment.size)
        return Computed([pa.array(self.assignment.of(found), pa.int32())])


class ClusterModel(Model, HasFeaturesCol, HasPredictionCol, Saved):
    """A model that says of each row which cluster it is in."""

    @abstractmethod
    def _assignment(self) -> Assignment:
        """Which cluster rows are in, as a value."""

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return self._assignment().size

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def predict(self, value: Vector) -> int:
        """The cluster of one vector."""
        rows = np.array(value.toArray(), np.float64)[np.newaxis]
        assignment = self._assignment()
        require_size(rows, assignment.size)
        return int(assignment.of(rows)[0])

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vector(dataset.schema, self.getFeaturesCol())
        output = StructField(self.getPredictionCol(), IntegerType(), nullable=False)
        function = Assigned(self.getFeaturesCol(), self._assignment())
        return computed(dataset, [self.getFeaturesCol()], [output], function)


def require_size(rows: Rows, size: int) -> None:
    """IllegalArgumentException for rows with another number of features than a model knows."""
    if rows.shape[1] != size:
        raise IllegalArgumentException(
            f"requirement failed: Both vectors should have same length, found v1 is {size} while v2 is "
            f"{rows.shape[1]}"
        )
