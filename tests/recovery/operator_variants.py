"""Queries with one stateful operator each, and one with a chain of them, for drivers to be killed in.

All have the columns of `tests.recovery.places.COLUMNS`, random numbers of the rows (`luck`) and of the
result (`chance`) among them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _marked(rows: Any) -> Any:
    return rows.withWatermark("ts", "10 seconds").selectExpr("*", "rand() AS luck")


def _as_columns(frame: Any, start: str = "ts", finish: str = "ts") -> Any:
    return frame.selectExpr(
        f"{start} AS start", f"{finish} AS finish", "k", "n", "total", "luck", "rand() AS chance"
    )


def distinct(rows: Any) -> Any:
    """Keys that the watermark forgets."""
    found = _marked(rows).dropDuplicates(["ts", "k"])
    return _as_columns(found.selectExpr("*", "v AS n", "v AS total"))


def distinct_for_ever(rows: Any) -> Any:
    found = rows.selectExpr("*", "rand() AS luck", "v % 7 AS rest").dropDuplicates(["k", "rest"])
    return _as_columns(found.selectExpr("*", "v AS n", "v AS total"))


def distinct_within(rows: Any) -> Any:
    found = _marked(rows).dropDuplicatesWithinWatermark(["k"])
    return _as_columns(found.selectExpr("*", "v AS n", "v AS total"))


def sessions(rows: Any) -> Any:
    from streamcore.sql import functions as F

    grouped = _marked(rows).groupBy(F.session_window("ts", "4 seconds").alias("s"), "k")
    counted = grouped.agg(F.count("*").alias("n"), F.sum("v").alias("total"), F.max("luck").alias("luck"))
    return _as_columns(counted, "s.start", "s.end")


def first_rows(rows: Any) -> Any:
    found = rows.selectExpr("*", "rand() AS luck").limit(25)
    return _as_columns(found.selectExpr("*", "v AS n", "v AS total"))


def chain(rows: Any) -> Any:
    """Deduplication, windows over what passes, windows over these."""
    from streamcore.sql import functions as F

    once = _marked(rows).dropDuplicates(["ts", "k"])
    small = once.groupBy(F.window("ts", "5 seconds"), "k").agg(
        F.count("*").alias("n"), F.sum("v").alias("total"), F.max("luck").alias("luck")
    )
    large = small.groupBy(F.window("window", "20 seconds").alias("w"), "k").agg(
        F.sum("n").alias("n"), F.sum("total").alias("total"), F.max("luck").alias("luck")
    )
    return _as_columns(large, "w.start", "w.end")


def collected(rows: Any) -> Any:
    """State that holds a list, in order of arrival."""
    from streamcore.sql import functions as F

    grouped = _marked(rows).groupBy(F.window("ts", "10 seconds").alias("w"), "k")
    found = grouped.agg(F.collect_list("v").alias("items"), F.max("luck").alias("luck"))
    return _as_columns(found.selectExpr("*", "size(items) AS n", "items[0] AS total"), "w.start", "w.end")


def trained(rows: Any) -> Any:
    """A model that learns from all rows, in their order: scaled, measured, watched, by adaptive steps."""
    from streamcore.models import (
        AUC,
        Accuracy,
        LogisticRegression,
        LogLoss,
        PageHinkley,
        Prequential,
        StandardScaler,
    )

    scaler = StandardScaler(inputCol=("v", "luck"))
    learner = LogisticRegression(labelCol="odd", optimizer="adagrad", stepSize=0.5)
    drift = PageHinkley(minInstances=5, threshold=1.0)
    model = Prequential(
        model=scaler | learner, measures=(Accuracy(), LogLoss(), AUC()), drift=drift, onDrift="reset", every=3
    )
    seen = rows.where("v is not null").selectExpr("*", "rand() AS luck", "CAST(v % 2 AS DOUBLE) AS odd")
    return model.fitStream(seen)


def predicted(rows: Any) -> Any:
    """What the model says of each row, and which version says so."""
    return _as_columns(trained(rows).selectExpr("*", "probability[1] AS n", "model_version AS total"))


def trained_behind_state(rows: Any) -> Any:
    """A model that learns from rows without order, before others are counted by what it says."""
    from streamcore.sql import functions as F
    from tests.learners import Level

    once = _marked(rows).dropDuplicates(["ts", "k"]).selectExpr("*", "double(v) AS y", "luck AS x")
    seen = Level(rate=0.1).fitStream(once).groupBy(F.window("ts", "10 seconds").alias("w"), "k")
    counted = seen.agg(
        F.max("prediction").alias("luck"), F.count("*").alias("n"), F.max("model_version").alias("total")
    )
    return _as_columns(counted, "w.start", "w.end")


TRAINING: dict[str, Callable[[Any], Any]] = {
    "predicted": predicted,
    "trained": trained,
    "trained behind state": trained_behind_state,
}

OPERATORS: dict[str, Callable[[Any], Any]] = {
    "distinct": distinct,
    "distinct for ever": distinct_for_ever,
    "distinct within watermark": distinct_within,
    "sessions": sessions,
    "first rows": first_rows,
    "chain": chain,
    "collected": collected,
}
