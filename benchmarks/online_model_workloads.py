"""Online models by themselves: how fast one learns from Arrow batches, and against river's row by row."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import pyarrow as pa

from benchmarks.entry import Entry
from benchmarks.workload import Place, Sample, Workload
from streamcore import models
from streamcore.spi.models import BatchId, OnlineModel, State

_FEATURES = 20
_BATCH = 100_000
_NAMES = tuple(f"x{place}" for place in range(_FEATURES))
_RIVERS_ROWS = 20_000


@cache
def _batches(rows: int) -> list[pa.Table]:
    """Rows of two classes with features in columns, in batches."""
    draw = np.random.default_rng(1)
    features = draw.normal(size=(rows, _FEATURES))
    scores = features @ draw.normal(size=_FEATURES)
    labels = (draw.random(rows) < 1.0 / (1.0 + np.exp(-scores))).astype(np.float64)
    columns = {name: np.ascontiguousarray(features[:, place]) for place, name in enumerate(_NAMES)}
    table = pa.table({**columns, "label": labels})
    return [table.slice(begin, _BATCH) for begin in range(0, rows, _BATCH)]


def _model() -> models.LogisticRegression:
    return models.LogisticRegression(featuresCol=_NAMES, stepSize=0.1)


def _rows_per_second(model: OnlineModel, batches: list[pa.Table]) -> tuple[float, State]:
    state = model.initial_state()
    began = time.perf_counter()
    for number, batch in enumerate(batches):
        state = model.update(state, batch, BatchId("benchmark", number))
    return sum(map(len, batches)) / (time.perf_counter() - began), state


def update(_entry: Entry, place: Place) -> Sample:
    """Logistic regression of 20 columns, a step every hundred rows: the update alone."""
    batches, model = _batches(place.scale.events // 2), _model()
    speed, state = _rows_per_second(model, batches)
    evaluated = models.Prequential(model=model, measures=(models.LogLoss(),))
    started = {**evaluated.initial_state(), **{f"model.{name}": array for name, array in state.items()}}
    after = evaluated.update(started, batches[-1], BatchId("benchmark", len(batches)))
    return Sample(speed, None, {"log loss": evaluated.metrics(after)["logLoss"]})


def against_river(_entry: Entry, place: Place) -> Sample:
    """The same update by how many times it is faster than river's `learn_one`, in the same run."""
    from river import linear_model, optim

    batches = _batches(place.scale.events // 2)
    ours, _ = _rows_per_second(_model(), batches)
    rows = batches[0].slice(0, _RIVERS_ROWS).to_pylist()
    labelled = [({name: row[name] for name in _NAMES}, bool(row["label"])) for row in rows]
    theirs = linear_model.LogisticRegression(optim.SGD(0.1))
    began = time.perf_counter()
    for features, label in labelled:
        theirs.learn_one(features, label)
    rivers = len(labelled) / (time.perf_counter() - began)
    return Sample(ours / rivers, None, {"rows/s": ours, "river's rows/s": rivers})


_OURS = ("streamcore",)
WORKLOADS = (
    Workload(
        "online-update",
        "logistic regression, 20 features, update alone",
        "rows/s",
        "process",
        update,
        reach_value=4_000_000,
        engines=_OURS,
    ),
    Workload(
        "online-against-river",
        "the same against river's learn_one",
        "x",
        "process",
        against_river,
        reach_value=25,
        engines=_OURS,
    ),
)
