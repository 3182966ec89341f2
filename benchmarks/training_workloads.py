"""Models that learn in a stream: from Arrow batches, next to river, and what their commit costs."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.entry import Entry
from benchmarks.workload import Place, Sample, Workload

_FEATURES = [f"x{number}" for number in range(20)]
_BATCHES = 4
_ROWS_FOR_RIVER = 20_000
_SMALL_BATCHES, _SMALL_BATCH = 60, 100


def trained_in_a_stream(entry: Entry, place: Place) -> Sample:
    """Logistic regression of 20 columns: predicted, learned, committed, rows and predictions put out."""
    rows = clicks(place.scale.events)
    seconds, figures = _trained(entry, rows, place.scratch)
    return Sample(rows.num_rows / seconds, figures["sha256"], {"rows learned": figures["rows"]})


def next_to_river(entry: Entry, place: Place) -> Sample:
    """How many times as many rows a second as river's `learn_one` alone, which is asked for no prediction."""
    rows = clicks(place.scale.events)
    ours = rows.num_rows / _trained(entry, rows, place.scratch)[0]
    theirs = _river_rows_per_second(rows.slice(0, _ROWS_FOR_RIVER))
    return Sample(ours / theirs, None, {"rows/s": ours, "river's rows/s": theirs})


def commit_of_a_model(entry: Entry, place: Place) -> Sample:
    """Milliseconds that a batch of 100 rows takes longer when a model learns from it and is kept."""
    with_model = _small_batches(entry, place.scratch / "with", is_trained=True)
    without = _small_batches(entry, place.scratch / "without", is_trained=False)
    return Sample(with_model - without, None, {"ms with": with_model, "ms without": without})


# ---- the programs --------------------------------------------------------------------------------


def clicks(count: int) -> pa.Table:
    """Rows of 20 normal features, and labels that a line through them tells but for some noise."""
    random = np.random.default_rng(7)
    features = random.normal(size=(len(_FEATURES), count))
    scores = random.normal(size=len(_FEATURES)) @ features + random.normal(size=count)
    return pa.table([*features, (scores > 0).astype(np.float64)], [*_FEATURES, "label"])


def _model() -> Any:
    from streamcore.models import LogisticRegression

    return LogisticRegression(featuresCol=tuple(_FEATURES), stepSize=0.1)


def _stream() -> Any:
    from streamcore.testing.memory_source import MemoryStream

    return MemoryStream(", ".join(f"{name} double" for name in [*_FEATURES, "label"]))


def _trained(entry: Entry, rows: pa.Table, scratch: Path) -> tuple[float, Any]:
    """The seconds of all batches, and what the model says of itself after the last."""
    from streamcore.testing.stepped_query import SteppedQuery

    stream = _stream()
    stream.max_rows_per_batch = -(-rows.num_rows // _BATCHES)
    stream.addData(rows)
    trained = _model().fitStream(stream.toDF(entry.session)).writeStream.format("noop")
    with SteppedQuery(trained.option("checkpointLocation", str(scratch / "checkpoint"))) as query:
        began = time.perf_counter()
        batches = query.run_dry()
        return time.perf_counter() - began, batches[-1].models["model-0"]


def _small_batches(entry: Entry, checkpoint: Path, *, is_trained: bool) -> float:
    """The median milliseconds of a small batch."""
    from streamcore.testing.stepped_query import SteppedQuery

    rows, stream = clicks(_SMALL_BATCH), _stream()
    frame = stream.toDF(entry.session)
    frame = _model().fitStream(frame) if is_trained else frame
    taken = []
    writer = frame.writeStream.format("noop").option("checkpointLocation", str(checkpoint))
    with SteppedQuery(writer) as query:
        for _ in range(_SMALL_BATCHES):
            stream.addData(rows)
            began = time.perf_counter()
            query.step()
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _river_rows_per_second(rows: pa.Table) -> float:
    from river import linear_model, optim

    model = linear_model.LogisticRegression(optimizer=optim.SGD(0.1))
    features = rows.select(_FEATURES).to_pylist()
    labels = [bool(label) for label in rows.column("label").to_pylist()]
    began = time.perf_counter()
    for x, y in zip(features, labels, strict=True):
        model.learn_one(x, y)
    return len(labels) / (time.perf_counter() - began)


WORKLOADS = (
    Workload(
        "online-training",
        "online logistic regression in a stream, 20 columns of Arrow batches",
        "rows/s",
        "session",
        trained_in_a_stream,
        reach_value=2e6,
        engines=("streamcore",),
    ),
    Workload(
        "online-training-next-to-river",
        "online logistic regression in a stream, next to river's learn_one",
        "x",
        "session",
        next_to_river,
        reach_value=25,
        engines=("streamcore",),
    ),
    Workload(
        "model-commit",
        "what learning and keeping a model adds to a batch of 100 rows",
        "ms",
        "session",
        commit_of_a_model,
        reach_value=2,
        engines=("streamcore",),
    ),
)
