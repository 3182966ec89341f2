"""Tests of columns: of independence, and of a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import UnsupportedOperationException
from streamcore.models.ml.feature.inputs import VECTOR, require
from streamcore.models.ml.feature.scores import chi_square
from streamcore.models.ml.matrices import fit_rows, named, vectors_of
from streamcore.models.ml.needs import needed
from streamcore.models.ml.schemas import require_numeric
from streamcore.spi.types import ArrayType, DoubleType, IntegerType, StructField, StructType

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session


class ChiSquareTest:
    """Pearson's test of whether features and a label are independent, for each feature by itself."""

    @staticmethod
    def test(dataset: DataFrame, featuresCol: str, labelCol: str, flatten: bool = False) -> DataFrame:
        """The results: p-values, degrees of freedom and statistics.

        Parameters
        ----------
        dataset
            Rows of categories, as numbers.
        featuresCol
            The vectors of features.
        labelCol
            The label.
        flatten
            Whether there is a row for each feature, and not one row with vectors.

        >>> from streamcore import Session
        >>> from streamcore.models.ml.linalg import Vectors
        >>> rows = [(0.0, Vectors.dense(1.0)), (0.0, Vectors.dense(1.0)), (1.0, Vectors.dense(2.0))]
        >>> data = Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
        >>> ChiSquareTest.test(data, "features", "label").head().statistics
        DenseVector([3.0])
        """
        rows = fit_rows(dataset, featuresCol, labelCol)
        assert rows.y is not None
        found = chi_square(rows.X, rows.y)
        degrees = found.degreesOfFreedom.astype(np.int32)
        if flatten:
            columns: dict[str, Any] = {
                "featureIndex": (pa.array(range(len(degrees)), pa.int32()), IntegerType()),
                "pValue": (pa.array(found.pValues), DoubleType()),
                "degreesOfFreedom": (pa.array(degrees), IntegerType()),
                "statistic": (pa.array(found.statistics), DoubleType()),
            }
        else:
            freedom = pa.array([degrees.tolist()], pa.list_(pa.int32()))
            columns = {
                "pValues": (vectors_of(found.pValues[np.newaxis]), VECTOR),
                "degreesOfFreedom": (freedom, ArrayType(IntegerType(), containsNull=False)),
                "statistics": (vectors_of(found.statistics[np.newaxis]), VECTOR),
            }
        return frame_of_columns(dataset.session, columns)


class KolmogorovSmirnovTest:
    """The two-sided test of whether a sample is from a distribution."""

    @staticmethod
    def test(dataset: DataFrame, sampleCol: str, distName: str, *params: float) -> DataFrame:
        """The p-value and the statistic.

        Parameters
        ----------
        dataset
            The sample.
        sampleCol
            Its column of numbers.
        distName
            The distribution: `norm`, the only one.
        params
            Its mean and standard deviation; 0 and 1 without them.

        >>> from streamcore import Session
        >>> data = Session.builder.getOrCreate().createDataFrame([(-1.0,), (0.0,), (1.0,)], ["sample"])
        >>> found = KolmogorovSmirnovTest.test(data, "sample", "norm", 0.0, 1.0).head()
        >>> round(found.pValue, 3), round(found.statistic, 3)
        (1.0, 0.175)
        """
        require_numeric(dataset.schema, sampleCol)
        if distName != "norm":
            raise UnsupportedOperationException(
                f"{distName} not yet supported through convenience method. Current options are:['norm']."
            )
        require(len(params) != 1, "Normal distribution requires mean and standard deviation as parameters")
        mean, deviation = [float(param) for param in params[:2]] or [0.0, 1.0]
        column = dataset.select(named(dataset, sampleCol).cast("double")).toArrow().column(0)
        require(not column.null_count, f"The column {sampleCol} has a null.")
        sample = column.to_numpy()
        require(len(sample) > 0, "There are no rows to test.")
        statistic, probability = _kolmogorov_smirnov(np.sort(sample), mean, deviation)
        columns = {
            "pValue": (pa.array([probability], pa.float64()), DoubleType()),
            "statistic": (pa.array([statistic], pa.float64()), DoubleType()),
        }
        return frame_of_columns(dataset.session, columns)


def frame_of_columns(session: Session, columns: Mapping[str, Any]) -> DataFrame:
    """A DataFrame of columns, each an Arrow array with its type."""
    table = pa.table({name: array for name, (array, _) in columns.items()})
    schema = StructType([StructField(name, kind, nullable=False) for name, (_, kind) in columns.items()])
    return session.createDataFrame(table, schema)


def _kolmogorov_smirnov(ordered: Any, mean: float, deviation: float) -> tuple[float, float]:
    stats: Any = needed("scipy.stats", "KolmogorovSmirnovTest")
    count = len(ordered)
    expected = stats.norm.cdf(ordered, mean, deviation)
    below, above = np.arange(count) / count, np.arange(1, count + 1) / count
    statistic = float(max((above - expected).max(), (expected - below).max()))
    return statistic, float(stats.kstwo.sf(statistic, count))
