"""Correlations between features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.feature.inputs import require
from streamcore.models.ml.feature.kinds import dense, vectors_in
from streamcore.models.ml.linalg import DenseMatrix, MatrixUDT
from streamcore.models.ml.needs import needed
from streamcore.models.ml.stat.significance import frame_of_columns
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

Numbers = npt.NDArray[np.float64]


class Correlation:
    """The correlation of every feature with every other."""

    @staticmethod
    def corr(dataset: DataFrame, column: str, method: str = "pearson") -> DataFrame:
        """One row with the matrix of correlations, in a column such as `pearson(features)`.

        Parameters
        ----------
        dataset
            The rows.
        column
            The vectors.
        method
            `pearson`, or `spearman` for that of the ranks. A feature that never changes has NaN.

        >>> from streamcore import Session
        >>> from streamcore.models.ml.linalg import Vectors
        >>> rows = [(Vectors.dense(1.0, 3.0),), (Vectors.dense(2.0, 1.0),), (Vectors.dense(4.0, 0.0),)]
        >>> data = Session.builder.getOrCreate().createDataFrame(rows, ["features"])
        >>> Correlation.corr(data, "features", "spearman").head()[0]
        DenseMatrix(2, 2, [1.0, -1.0, -1.0, 1.0], False)
        """
        if method not in ("pearson", "spearman"):
            raise IllegalArgumentException(
                "Unrecognized method name. Supported correlations: pearson, spearman"
            )
        rows = dense(vectors_in(dataset, column))
        require(
            len(rows) > 1,
            f"RowMatrix.computeCovariance called on matrix with only {len(rows)} rows.  Cannot compute the "
            "covariance of a RowMatrix with <= 1 row.",
        )
        found = pearson(ranks(rows) if method == "spearman" else rows)
        udt, size = MatrixUDT(), len(found)
        stored = udt.serialize(DenseMatrix(size, size, found.ravel(order="F")))
        row = dict(zip(udt.sqlType().names, stored, strict=True))
        array = pa.array([row], to_arrow_type(udt.sqlType()))
        return frame_of_columns(dataset.session, {f"{method}({column})": (array, udt)})


def pearson(rows: Numbers) -> Numbers:
    """The correlations of columns: one with themselves, NaN with one that never changes.

    >>> pearson(np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0]])).round(9).tolist()
    [[1.0, 1.0, nan], [1.0, 1.0, nan], [nan, nan, 1.0]]
    """
    centred = rows - rows.mean(axis=0)
    products = centred.T @ centred
    lengths = np.sqrt(np.diagonal(products))
    flat = np.ptp(rows, axis=0) == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Numbers = np.clip(products / np.outer(lengths, lengths), -1, 1)
    found[flat], found[:, flat] = np.nan, np.nan
    np.fill_diagonal(found, 1.0)
    return found


def ranks(rows: Numbers) -> Numbers:
    """The rank of each value in its column; equal values share the mean of their ranks."""
    stats: Any = needed("scipy.stats", "Correlation by ranks")
    return np.asarray(stats.rankdata(rows, axis=0), np.float64)
