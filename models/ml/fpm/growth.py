"""Frequent itemsets and association rules as an estimator, and its model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import computed
from streamcore.models.ml.fpm.baskets import Itemsets, Predicted, baskets_of, itemsets_of, rules_table
from streamcore.models.ml.fpm.rules import Consequents, Rule, association_rules
from streamcore.models.ml.matrices import named
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasPredictionCol
from streamcore.models.ml.param.validators import at_least, within
from streamcore.models.ml.persistence import read_table
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import ArrayType, StructField

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.spi.types import DataType
    from streamcore.sql.dataframe import DataFrame


class _FPGrowthParams(HasPredictionCol):
    """What counts as frequent, and as a rule. All rows are searched in one place, in one go."""

    itemsCol: Param[str] = Param(
        Params._dummy(),
        "itemsCol",
        "the column with the lists of items.",
        TypeConverters.toString,
    )
    minSupport: Param[float] = Param(
        Params._dummy(),
        "minSupport",
        "the share of rows that must contain an itemset, from 0 to 1.",
        TypeConverters.toFloat,
        within(0, 1),
    )
    numPartitions: Param[int] = Param(
        Params._dummy(),
        "numPartitions",
        "into how many parts Spark divides the search; here there is one.",
        TypeConverters.toInt,
        at_least(1),
    )
    minConfidence: Param[float] = Param(
        Params._dummy(),
        "minConfidence",
        "the share of rows with an antecedent that must have the consequent, from 0 to 1.",
        TypeConverters.toFloat,
        within(0, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(minSupport=0.3, minConfidence=0.8, itemsCol="items", predictionCol="prediction")

    def getItemsCol(self) -> str:
        """The value of `itemsCol`, or its default."""
        return self.getOrDefault(self.itemsCol)

    def getMinSupport(self) -> float:
        """The value of `minSupport`, or its default."""
        return self.getOrDefault(self.minSupport)

    def getNumPartitions(self) -> int:
        """The value of `numPartitions`, or its default."""
        return self.getOrDefault(self.numPartitions)

    def getMinConfidence(self) -> float:
        """The value of `minConfidence`, or its default."""
        return self.getOrDefault(self.minConfidence)

    def setItemsCol(self, value: str) -> Self:
        """Set `itemsCol`."""
        return self._set(itemsCol=value)

    def setMinConfidence(self, value: float) -> Self:
        """Set `minConfidence`."""
        return self._set(minConfidence=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)


class FPGrowth(_FPGrowthParams, Estimator["FPGrowthModel"], Saved):
    """Finds the sets of items that occur together in many rows, and what follows from them.

    >>> from streamcore import Session
    >>> rows = [(["bread", "butter"],), (["bread", "butter", "jam"],), (["bread"],)]
    >>> baskets = Session.builder.getOrCreate().createDataFrame(rows, ["items"])
    >>> model = FPGrowth(minSupport=0.6, minConfidence=0.9).fit(baskets)
    >>> model.freqItemsets.collect()
    [Row(items=['bread'], freq=3), Row(items=['butter'], freq=2), Row(items=['butter', 'bread'], freq=2)]
    >>> model.associationRules.select("antecedent", "consequent", "confidence").collect()
    [Row(antecedent=['butter'], consequent=['bread'], confidence=1.0)]
    """

    @keyword_only
    def __init__(
        self,
        *,
        minSupport: float = 0.3,
        minConfidence: float = 0.8,
        itemsCol: str = "items",
        predictionCol: str = "prediction",
        numPartitions: int | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        minSupport: float = 0.3,
        minConfidence: float = 0.8,
        itemsCol: str = "items",
        predictionCol: str = "prediction",
        numPartitions: int | None = None,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setMinSupport(self, value: float) -> Self:
        """Set `minSupport`."""
        return self._set(minSupport=value)

    def setNumPartitions(self, value: int) -> Self:
        """Set `numPartitions`."""
        return self._set(numPartitions=value)

    def _fit(self, dataset: DataFrame) -> FPGrowthModel:
        _list_type(dataset, self.getItemsCol())
        table = dataset.select(named(dataset, self.getItemsCol())).toArrow()
        baskets = baskets_of(table.column(0))
        model = FPGrowthModel(itemsets_of(baskets, self.getMinSupport()))
        return self._copyValues(model._resetUid(self.uid))


class FPGrowthModel(Model, _FPGrowthParams, Saved):
    """Frequent itemsets, the rules that follow from them, and what these say of further rows."""

    def __init__(self, itemsets: Itemsets) -> None:
        super().__init__()
        self._itemsets = itemsets

    def __repr__(self) -> str:
        return f"FPGrowthModel: uid={self.uid}, numTrainingRecords={self._itemsets.rows}"

    @property
    def freqItemsets(self) -> DataFrame:
        """A row (items, freq) for each frequent itemset."""
        return _frame(self._itemsets.table)

    @property
    def associationRules(self) -> DataFrame:
        """A row (antecedent, consequent, confidence, lift, support) for each rule of `minConfidence`."""
        return _frame(rules_table(self._rules(), self._itemsets.kind))

    def _rules(self) -> list[Rule]:
        return association_rules(self._itemsets.pairs(), self._itemsets.rows, self.getMinConfidence())

    def _transform(self, dataset: DataFrame) -> DataFrame:
        """The consequents of all rules that apply to a row, but for items that it has."""
        kind = _list_type(dataset, self.getItemsCol())
        if self.getPredictionCol() in dataset.columns:
            raise IllegalArgumentException(
                f"requirement failed: Column {self.getPredictionCol()} already exists."
            )
        output = StructField(self.getPredictionCol(), ArrayType(kind), nullable=True)
        predicted = Predicted(Consequents(tuple(self._rules())))
        return computed(dataset, [self.getItemsCol()], [output], predicted)

    def _data(self) -> pa.Table:
        return self._itemsets.table

    def _extra_metadata(self) -> dict[str, Any]:
        return {"numTrainingRecords": self._itemsets.rows}

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        return cls(Itemsets(read_table(folder), int(metadata.get("numTrainingRecords", 0))))


def _list_type(dataset: DataFrame, name: str) -> DataType:
    kind = field_of(dataset.schema, name).dataType
    if not isinstance(kind, ArrayType):
        raise IllegalArgumentException(
            f"requirement failed: The input column must be array, but got {kind.simpleString()}."
        )
    return kind.elementType


def _frame(table: pa.Table) -> DataFrame:
    from streamcore.sql.session import Session

    return Session.active().createDataFrame(table)
