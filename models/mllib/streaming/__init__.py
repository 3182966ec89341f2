"""Spark's models of streams by their names, for one batch after the other.

There are no DStreams here: `trainOn` and `predictOn` take the rows of one batch, an RDD or a batch
DataFrame with the columns `features` and `label`, and are called from `foreachBatch`.  Like Spark's, such a
model lives in the driver and learns again what a restarted query repeats.  `specification()` is the same
model for `streamcore.models.streams.fit_stream`, which trains it inside the query exactly once.
"""

from __future__ import annotations

from streamcore.models.mllib.streaming.kmeans import StreamingKMeans, StreamingKMeansModel
from streamcore.models.mllib.streaming.regression import (
    StreamingLinearAlgorithm,
    StreamingLinearRegressionWithSGD,
    StreamingLogisticRegressionWithSGD,
)

__all__ = [
    "StreamingKMeans",
    "StreamingKMeansModel",
    "StreamingLinearAlgorithm",
    "StreamingLinearRegressionWithSGD",
    "StreamingLogisticRegressionWithSGD",
]
