"""Every aggregate function over a stream: PySpark's answers batch by batch (see ask_aggregates), or a refusal."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import StreamcoreError
from streamcore.plan.translation.aggregates import aggregate_names
from streamcore.sql import functions as F
from streamcore.testing.stepped_query import SteppedQuery
from tests.oracle.streaming.aggregate_cases import API_CASES, BATCHES, CASES, COLUMNS
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_aggregates import written

FROZEN = json.loads((Path(__file__).parent.parent / "data" / "streaming_aggregates.json").read_text())
ANSWERS: dict[str, Any] = FROZEN["answers"]

Answers = list[list[tuple[Any, list[Any]]]]


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    session.conf.set("spark.sql.shuffle.partitions", "1")
    return session


def calls(names: Sequence[str]) -> list[Any]:
    made = [API_CASES[name](F) if name in API_CASES else F.expr(name) for name in names]
    return [call.alias(f"c{at}") for at, call in enumerate(made)]


def run(session: Session, names: Sequence[str], folder: Path) -> tuple[list[str], Answers]:
    arrivals = Arrivals()
    found: Answers = []

    def keep(df: Any, _: int) -> None:
        rows = [(row[0], [written(value) for value in row[1:]]) for row in df.collect()]
        found.append(sorted(rows, key=repr))

    frame = arrivals.to_df(session).selectExpr(*COLUMNS).groupBy("k").agg(*calls(names))
    writer = frame.writeStream.outputMode("update").foreachBatch(keep)
    query = SteppedQuery(writer.option("checkpointLocation", str(folder)))
    for rows in BATCHES:
        arrivals.arrive(rows)
        query.step()
    query.close()
    return [field.dataType.simpleString() for field in frame.schema.fields[1:]], found
