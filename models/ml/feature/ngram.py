"""Arrays of words as runs of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.inputs import STRINGS, holds_strings, require
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.terms import Lists, lists, offsets_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Runs:
    """Every run of `n` words, joined by spaces; a null among them is written `null`."""

    column: str
    n: int

    def __call__(self, rows: pa.Table) -> Computed:
        """The runs of each row; none where there are fewer words."""
        words = lists(rows.column(0), self.column, "NGram")
        values = pc.fill_null(words.values, "null")
        begins = np.arange(len(values)) + self.n <= words.offsets[1:][words.rows]
        starts = np.flatnonzero(begins)
        parts = [values.take(pa.array(starts + later)) for later in range(self.n)]
        joined = pc.binary_join_element_wise(*parts, " ") if len(parts) > 1 else parts[0]
        lengths = np.maximum(words.lengths - self.n + 1, 0)
        return Computed([Lists(offsets_of(lengths), joined).to_arrow()])


class NGram(OneColumn, Transformer, Saved):
    """Makes arrays of `n` words in a row of arrays of words.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([(["a", "b", "c"],)], "words array<string>")
    >>> NGram(n=2, inputCol="words", outputCol="pairs").transform(rows).head().pairs
    ['a b', 'b c']
    """

    n: Param[int] = Param(
        Params._dummy(), "n", "how many words make one (>= 1)", TypeConverters.toInt, at_least(1)
    )

    @keyword_only
    def __init__(self, *, n: int = 2, inputCol: str | None = None, outputCol: str | None = None) -> None:
        super().__init__()
        self._setDefault(n=2)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(self, *, n: int = 2, inputCol: str | None = None, outputCol: str | None = None) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setN(self, value: int) -> Self:
        """Set `n`."""
        return self._set(n=value)

    def getN(self) -> int:
        """How many words make one."""
        return self.getOrDefault(self.n)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        kind = field_of(dataset.schema, self.getInputCol()).dataType
        require(holds_strings(kind), f"Input type must be array<string> but got {kind.simpleString()}")
        output = StructField(self.getOutputCol(), STRINGS)
        return computed(dataset, [self.getInputCol()], [output], Runs(self.getInputCol(), self.getN()))
