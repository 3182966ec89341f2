"""Frequent sequences of itemsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.fpm.sequences import frequent_sequences
from streamcore.models.ml.matrices import named
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import greater
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import ArrayType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class PrefixSpan(Params):
    """Finds the sequences of itemsets that many rows contain; rows without a sequence do not count.

    >>> from streamcore import Session
    >>> rows = [([["a"], ["b"]],), ([["a", "b"], ["b"]],)]
    >>> visits = Session.builder.getOrCreate().createDataFrame(rows, ["sequence"])
    >>> PrefixSpan(minSupport=1.0).findFrequentSequentialPatterns(visits).sort("sequence").collect()
    [Row(sequence=[['a']], freq=2), Row(sequence=[['a'], ['b']], freq=2), Row(sequence=[['b']], freq=2)]
    """

    minSupport: Param[float] = Param(
        Params._dummy(),
        "minSupport",
        "the share of rows that must contain a sequence, from 0 to 1.",
        TypeConverters.toFloat,
    )
    maxPatternLength: Param[int] = Param(
        Params._dummy(),
        "maxPatternLength",
        "the most items that a sequence may have.",
        TypeConverters.toInt,
        greater(0),
    )
    maxLocalProjDBSize: Param[int] = Param(
        Params._dummy(),
        "maxLocalProjDBSize",
        "from which size on Spark spreads a search; here all of it is local.",
        TypeConverters.toInt,
        greater(0),
    )
    sequenceCol: Param[str] = Param(
        Params._dummy(),
        "sequenceCol",
        "the column with the lists of lists of items.",
        TypeConverters.toString,
    )

    @keyword_only
    def __init__(
        self,
        *,
        minSupport: float = 0.1,
        maxPatternLength: int = 10,
        maxLocalProjDBSize: int = 32000000,
        sequenceCol: str = "sequence",
    ) -> None:
        super().__init__()
        self._setDefault(
            minSupport=0.1, maxPatternLength=10, maxLocalProjDBSize=32000000, sequenceCol="sequence"
        )
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        minSupport: float = 0.1,
        maxPatternLength: int = 10,
        maxLocalProjDBSize: int = 32000000,
        sequenceCol: str = "sequence",
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setMinSupport(self, value: float) -> Self:
        """Set `minSupport`."""
        return self._set(minSupport=value)

    def getMinSupport(self) -> float:
        """The value of `minSupport`, or its default."""
        return self.getOrDefault(self.minSupport)

    def setMaxPatternLength(self, value: int) -> Self:
        """Set `maxPatternLength`."""
        return self._set(maxPatternLength=value)

    def getMaxPatternLength(self) -> int:
        """The value of `maxPatternLength`, or its default."""
        return self.getOrDefault(self.maxPatternLength)

    def setMaxLocalProjDBSize(self, value: int) -> Self:
        """Set `maxLocalProjDBSize`."""
        return self._set(maxLocalProjDBSize=value)

    def getMaxLocalProjDBSize(self) -> int:
        """The value of `maxLocalProjDBSize`, or its default."""
        return self.getOrDefault(self.maxLocalProjDBSize)

    def setSequenceCol(self, value: str) -> Self:
        """Set `sequenceCol`."""
        return self._set(sequenceCol=value)

    def getSequenceCol(self) -> str:
        """The value of `sequenceCol`, or its default."""
        return self.getOrDefault(self.sequenceCol)

    def findFrequentSequentialPatterns(self, dataset: DataFrame) -> DataFrame:
        """A row (sequence, freq) for each frequent sequence."""
        self._require_valid()
        support = self.getMinSupport()
        if not 0 <= support <= 1:
            raise IllegalArgumentException(
                f"requirement failed: The minimum support value must be in [0, 1], but got {support}."
            )
        name = self.getSequenceCol()
        kind = field_of(dataset.schema, name).dataType
        if not (isinstance(kind, ArrayType) and isinstance(kind.elementType, ArrayType)):
            raise IllegalArgumentException(
                "requirement failed: The input column must be ArrayType and the array element type must also "
                f"be ArrayType, but got {kind.simpleString()}."
            )
        column = dataset.select(named(dataset, name)).toArrow().column(0).drop_null()
        patterns = frequent_sequences(column.to_pylist(), support, self.getMaxPatternLength())
        fields = [
            pa.field("sequence", column.type, nullable=False),
            pa.field("freq", pa.int64(), nullable=False),
        ]
        found = [[p.sequence for p in patterns], [p.freq for p in patterns]]
        arrays = [pa.array(values, field.type) for values, field in zip(found, fields, strict=True)]
        return dataset.session.createDataFrame(pa.table(arrays, schema=pa.schema(fields)))
