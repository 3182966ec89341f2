"""The discrete cosine transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import Matrix, dense, mapped
from streamcore.models.ml.feature.normalizer import same_size
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.needs import needed
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Transform:
    """Vectors transformed by DCT-II, scaled to be unitary, or back."""

    column: str
    inverse: bool

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([mapped(rows.column(0), self.column, self._of)])

    def _of(self, matrix: Matrix) -> Matrix:
        fft = needed("scipy.fft", "DCT")
        entries = dense(matrix)
        if not entries.size:
            return entries
        return (fft.idct if self.inverse else fft.dct)(entries, type=2, norm="ortho", axis=1)


class DCT(Transformer, OneColumn, Saved):
    """The discrete cosine transform of vectors (DCT-II, scaled to be unitary), or its inverse.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> df = Session.builder.getOrCreate().createDataFrame([(Vectors.dense([5.0, 8.0, 6.0]),)], ["v"])
    >>> DCT(inputCol="v", outputCol="transformed").transform(df).head().transformed
    DenseVector([10.9697, -0.7071, -2.0412])
    """

    inverse: Param[bool] = Param(
        Params._dummy(), "inverse", "whether to transform back.", TypeConverters.toBoolean
    )

    @keyword_only
    def __init__(
        self, *, inverse: bool = False, inputCol: str | None = None, outputCol: str | None = None
    ) -> None:
        super().__init__()
        self._setDefault(inverse=False)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self, *, inverse: bool = False, inputCol: str | None = None, outputCol: str | None = None
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setInverse(self, value: bool) -> Self:
        """Set `inverse`."""
        return self._set(inverse=value)

    def getInverse(self) -> bool:
        """The value of `inverse`, or its default."""
        return self.getOrDefault(self.inverse)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        column = self.getInputCol()
        output = vector_field(self.getOutputCol(), same_size(dataset, column))
        return computed(dataset, [column], [output], Transform(column, self.getInverse()))
