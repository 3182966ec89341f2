"""A decision tree that tells numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import keyword_only
from streamcore.models.ml.param.shared import HasVarianceCol
from streamcore.models.ml.persistence import read_table
from streamcore.models.ml.predicting import require_columns, row_of, trained, with_prediction
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.tree.fitting import fit_trees
from streamcore.models.ml.tree.learning import rows_of, settings_of
from streamcore.models.ml.tree.models import _DecisionTreeModel, impurity_of
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.params import _DecisionTreeParams, _SetsTree, _TreeRegressorParams
from streamcore.models.ml.tree.saving import tree_of
from streamcore.models.ml.tree.scoring import Spread, Sum, with_number

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _DecisionTreeRegressorParams(_DecisionTreeParams, _TreeRegressorParams, HasVarianceCol):
    """The parameters of a tree of numbers."""

    def setVarianceCol(self, value: str) -> Self:
        """Set `varianceCol`."""
        return self._set(varianceCol=value)


class DecisionTreeRegressor(
    _SetsTree, _DecisionTreeRegressorParams, Regressor["DecisionTreeRegressionModel"], Saved
):
    """Learns a decision tree that tells numbers; the tree is the one that Spark learns from these rows.

    Features are continuous, or categorical where the metadata of their column say so.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(3.0, Vectors.dense(1.0)), (1.0, Vectors.dense(0.0))]
    >>> model = DecisionTreeRegressor().fit(
    ...     Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    ... )
    >>> model.predict(Vectors.dense(0.2)), model.depth, model.numNodes
    (1.0, 1, 3)
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
        maxMemoryInMB: int = 256,
        cacheNodeIds: bool = False,
        checkpointInterval: int = 10,
        impurity: str = "variance",
        seed: int | None = None,
        varianceCol: str | None = None,
        weightCol: str | None = None,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxDepth: int = 5,
        maxBins: int = 32,
        minInstancesPerNode: int = 1,
        minInfoGain: float = 0.0,
        maxMemoryInMB: int = 256,
        cacheNodeIds: bool = False,
        checkpointInterval: int = 10,
        impurity: str = "variance",
        seed: int | None = None,
        varianceCol: str | None = None,
        weightCol: str | None = None,
        leafCol: str = "",
        minWeightFractionPerNode: float = 0.0,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> DecisionTreeRegressionModel:
        require_columns(self, dataset, self.getLeafCol(), _variance(self))
        rows = rows_of(self, dataset)
        (tree,) = fit_trees(rows, settings_of(self), 1)
        return trained(self, DecisionTreeRegressionModel(tree, rows.features.shape[1]))


class DecisionTreeRegressionModel(
    _DecisionTreeModel, _DecisionTreeRegressorParams, RegressionModel[Vector], Saved
):
    """A decision tree that tells numbers."""

    def __init__(self, tree: Tree, numFeatures: int) -> None:
        super().__init__()
        self._tree = tree
        self._features = numFeatures

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: uid={self.uid}, depth={self.depth}, numNodes={self.numNodes}, "
            f"numFeatures={self.numFeatures}"
        )

    @property
    def featureImportances(self) -> Vector:
        """How much the splits by each feature lessen the impurity; the sum is 1."""
        return self._importances()

    def predict(self, value: Vector) -> float:
        """The number told from the features of one row."""
        return float(self._score()(row_of(value, self._features))[0])

    def _score(self) -> Sum:
        return Sum((self._tree,), (1.0,))

    def _transform(self, dataset: DataFrame) -> DataFrame:
        predicted = with_prediction(self, dataset, self._score())
        if _variance(self):
            predicted = with_number(self, predicted, _variance(self), Spread(self._tree))
        return self._with_leaves(predicted)

    def _extra_metadata(self) -> dict[str, Any]:
        return {"numFeatures": self.numFeatures}

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        return cls(tree_of(read_table(folder), impurity_of(metadata)), int(metadata["numFeatures"]))


def _variance(params: HasVarianceCol) -> str:
    return (params.getVarianceCol() or "") if params.isDefined(params.varianceCol) else ""
