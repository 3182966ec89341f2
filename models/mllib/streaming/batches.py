"""The rows of one batch, as Spark's models of streams are given them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.errors import ArgumentTypeError
from streamcore.spi.models import BatchId

Floats: TypeAlias = npt.NDArray[np.float64]

DRIVER = BatchId("driver", 0)
"""These models draw no random numbers by the batch."""


def array_of(vector: Any) -> Floats:
    """A vector of Spark, or numbers, as an array."""
    values = vector.toArray() if hasattr(vector, "toArray") else vector
    return np.asarray(values, dtype=np.float64)


def rdd_of(batch: Any) -> Any:
    """The batch; ArgumentTypeError unless it is an RDD."""
    if not hasattr(batch, "mapValues"):
        raise ArgumentTypeError(
            f"the rows of one batch come as an RDD, not as {type(batch).__name__}; there are no DStreams: "
            "call this from foreachBatch, or train inside the query with fit_stream"
        )
    return batch


def table_of(batch: Any, labelled: bool) -> pa.Table:
    """The rows of one batch, with the columns `features` and, where asked for, `label`."""
    if hasattr(batch, "toArrow"):
        table: pa.Table = batch.toArrow()
        return table
    rows = rdd_of(batch).collect()
    points = [row.features if labelled else row for row in rows]
    columns: dict[str, Any] = {
        "features": pa.array([array_of(point) for point in points], pa.list_(pa.float64()))
    }
    if labelled:
        columns["label"] = pa.array([float(row.label) for row in rows], pa.float64())
    return pa.table(columns)


def predicted(one: Any, x: Any) -> Any:
    """What `one` says of a vector, or of each vector of an RDD."""
    return x.map(lambda vector: one(array_of(vector))) if hasattr(x, "mapValues") else one(array_of(x))
