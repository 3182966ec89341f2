"""What clusters are learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from streamcore.models.ml.feature.inputs import require
from streamcore.models.ml.matrices import FitRows, fit_rows

if TYPE_CHECKING:
    from streamcore.models.ml.param import Param
    from streamcore.sql.dataframe import DataFrame


class Weighed(Protocol):
    """Has a column of features and may have one of weights."""

    weightCol: Param[str]

    def getFeaturesCol(self) -> str:
        """The column of features."""

    def getWeightCol(self) -> str:
        """The column of weights."""

    def isDefined(self, param: str) -> bool:
        """Whether a parameter has a value."""


def training_rows(owner: Weighed, dataset: DataFrame) -> FitRows:
    """The rows of a dataset and their weights; IllegalArgumentException when there are none."""
    weight = owner.getWeightCol() if owner.isDefined("weightCol") else None
    rows = fit_rows(dataset, owner.getFeaturesCol(), weightCol=weight or None)
    require(rows.X.shape[0] > 0, "There are no rows to find clusters in.")
    require(rows.w is None or bool(rows.w.any()), "The weight of every row is zero.")
    return rows
