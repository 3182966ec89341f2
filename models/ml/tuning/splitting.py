"""Datasets for training and validation: read once, kept in memory, and cut by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.jvm.spark_draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from streamcore.spi.types import StructType
    from streamcore.sql.dataframe import DataFrame


class HeldDataset:
    """The rows of a dataset, read once, so that all parts are of the same rows."""

    def __init__(self, dataset: DataFrame) -> None:
        self._session = dataset.sparkSession
        self._schema: StructType = dataset.schema
        self.table: pa.Table = dataset.toArrow()

    def drawn(self, seed: int) -> NDArray[np.float64]:
        """For each row a number between 0 and 1: what Spark's `rand(seed)` says of rows in one partition."""
        return uniforms(seed, self.table.num_rows)

    def where(self, chosen: NDArray[np.bool_]) -> DataFrame:
        """The rows that are chosen."""
        import pyarrow as pa

        rows = self.table.filter(pa.array(chosen))
        return self._session.createDataFrame(rows, self._schema)
