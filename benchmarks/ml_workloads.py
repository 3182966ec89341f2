"""Estimators of the ml API on cached rows: one fit, features assembled before."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.entry import Entry
from benchmarks.workload import Place, Sample, Workload

_FEATURES = 20
_NAMES = [f"x{place}" for place in range(_FEATURES)]
_CLUSTERS = 10


def logistic_regression(entry: Entry, place: Place) -> Sample:
    """Binary logistic regression to its end (100 iterations at most, a little ridge)."""
    classification = _ml(entry, "classification")
    estimator = classification.LogisticRegression(maxIter=100, regParam=1e-3)
    seconds, model = _fitted(entry, place, estimator)
    answer = [round(float(value), 3) for value in model.coefficients.toArray()]
    return Sample(_rows(place) / seconds, answer, {"seconds": seconds})


def k_means(entry: Entry, place: Place) -> Sample:
    """Ten clusters that lie apart: the answer is where they lie."""
    clustering = _ml(entry, "clustering")
    estimator = clustering.KMeans(k=_CLUSTERS, seed=1, maxIter=20)
    seconds, model = _fitted(entry, place, estimator)
    return Sample(_rows(place) / seconds, None, {"seconds": seconds, "cost": model.summary.trainingCost})


def _ml(entry: Entry, module: str) -> Any:
    assert entry.session  # PySpark's estimators are made where a context runs
    package = "pyspark.ml" if entry.name == "pyspark" else "streamcore.models.ml"
    return import_module(f"{package}.{module}")


def _rows(place: Place) -> int:
    return place.scale.events // 2


def _fitted(entry: Entry, place: Place, estimator: Any) -> tuple[float, Any]:
    """The seconds of one fit on cached rows, and the model."""
    frame = entry.session.read.parquet(str(_table(place.scratch, _rows(place))))
    assembler = _ml(entry, "feature").VectorAssembler(inputCols=_NAMES, outputCol="features")
    cached = assembler.transform(frame).select("features", "label").cache()
    assert cached.count() == _rows(place)
    began = time.perf_counter()
    model = estimator.fit(cached)
    seconds = time.perf_counter() - began
    cached.unpersist()
    return seconds, model


def _table(folder: Path, rows: int) -> Path:
    """Rows around ten centres, and a label that a line through them nearly tells."""
    draw = np.random.default_rng(7)
    centres = draw.normal(scale=3.0, size=(_CLUSTERS, _FEATURES))
    features = centres[draw.integers(_CLUSTERS, size=rows)] + draw.normal(size=(rows, _FEATURES))
    scores = features @ draw.normal(scale=0.3, size=_FEATURES)
    labels = (draw.random(rows) < 1.0 / (1.0 + np.exp(-scores))).astype(np.float64)
    columns = {name: np.ascontiguousarray(features[:, at]) for at, name in enumerate(_NAMES)}
    path = folder / "rows.parquet"
    pq.write_table(pa.table({**columns, "label": labels}), path, row_group_size=rows // 8)
    return path


WORKLOADS = (
    Workload(
        "ml-logistic-regression",
        "LogisticRegression.fit, 1M x 20 cached rows",
        "rows/s",
        "session",
        logistic_regression,
        reach=3.0,
    ),
    Workload(
        "ml-kmeans",
        "KMeans.fit, 1M x 20 cached rows",
        "rows/s",
        "session",
        k_means,
        reach=3.0,
    ),
)
