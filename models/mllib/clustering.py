"""Clustering of the batches of a stream, under PySpark's name."""

from __future__ import annotations

from streamcore.models.mllib.streaming.kmeans import StreamingKMeans, StreamingKMeansModel

__all__ = ["StreamingKMeans", "StreamingKMeansModel"]
