"""What all selectors share: a model that knows which features it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from streamcore.models.ml.attributes import NOMINAL, Attribute, AttributeGroup, group_of
from streamcore.models.ml.base import Model
from streamcore.models.ml.columns import computed
from streamcore.models.ml.feature.in_and_out import vector_field
from streamcore.models.ml.feature.vector_slicer import Slice
from streamcore.models.ml.param.shared import HasFeaturesCol, HasOutputCol
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new, require_vector

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class SelectedFeatures(HasFeaturesCol, HasOutputCol):
    """Takes vectors of a column, and makes a column of some of their features."""

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setOutputCol(self, value: str) -> Self:
        """Set `outputCol`."""
        return self._set(outputCol=value)

    def _require_columns(self, dataset: DataFrame) -> None:
        require_vector(dataset.schema, self.getFeaturesCol())
        require_new(dataset.schema, [self.getOutputCol()])


class SelectorModel(Model, SelectedFeatures, Saved):
    """A model that takes the features it has selected, in the order of the vector."""

    _are_categories = False
    """Whether features of which nothing is known are categories."""

    def __init__(self, selectedFeatures: Sequence[int]) -> None:
        super().__init__()
        self._selected = list(selectedFeatures)

    @property
    def selectedFeatures(self) -> list[int]:
        """The features that are taken; the best first, where the selector ranks them."""
        return self._selected

    def _told(self) -> dict[str, Any]:
        return {"numSelectedFeatures": len(self._selected)}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        self._require_columns(dataset)
        column, indices = self.getFeaturesCol(), sorted(self._selected)
        known = group_of(field_of(dataset.schema, column))
        if known is not None and known.attributes is not None:
            group = known.only(indices)
        else:
            unknown = Attribute(NOMINAL) if self._are_categories else Attribute()
            group = AttributeGroup(len(indices), (unknown,) * len(indices))
        output = vector_field(self.getOutputCol(), group)
        return computed(dataset, [column], [output], Slice(column, tuple(indices)))

    def _data(self) -> pa.Table:
        return pa.table({"selectedFeatures": pa.array([self._selected], pa.list_(pa.int32()))})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(data.column("selectedFeatures")[0].as_py())
