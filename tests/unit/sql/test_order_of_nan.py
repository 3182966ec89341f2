"""NaN is the largest number and equal to itself, whatever reads the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.sql import functions as F

NAN = float("nan")
# As PySpark 4.3 answers over the same rows: ids of the rows that stay.
CONDITIONS = {
    "{f} > 100": [2],
    "{f} >= 100": [2],
    "NOT {f} <= 100": [2],
    "100 < {f}": [2],
    "{f} < double('NaN')": [1, 3],
    "{f} = double('NaN')": [2],
    "{f} IN (double('NaN'), 7D)": [2],
    "{f} <> 1": [2, 3],
    "{f} <=> double('NaN')": [2],
    "{f} BETWEEN 0.5 AND double('NaN')": [1, 2],
}


@pytest.fixture(params=["memory", "parquet"])
def rows(request: pytest.FixtureRequest, session: Session, tmp_path: Path) -> Any:
    values = [(1, 1.0, (1.0,), 1.0), (2, NAN, (NAN,), NAN), (3, -0.0, (-0.0,), -0.0), (4, None, None, None)]
    frame = session.createDataFrame(values, "id int, f double, s struct<f: double>, g float")
    if request.param == "memory":
        return frame
    frame.coalesce(1).write.parquet(str(tmp_path / "rows"))
    return session.read.parquet(str(tmp_path / "rows"))


@pytest.mark.parametrize("column", ["f", "s.f", "g"])
def test_conditions_put_nan_last(rows: Any, column: str) -> None:
    found = {c: [r.id for r in rows.where(c.format(f=column)).orderBy("id").collect()] for c in CONDITIONS}
    assert found == CONDITIONS


def test_extremes_joins_and_signs_of_zero(rows: Any, session: Session) -> None:
    (extremes,) = rows.agg(F.max("f"), F.min("f"), F.max("s.f")).collect()
    assert [str(value) for value in extremes] == ["nan", "-0.0", "nan"]
    keys = session.createDataFrame([(NAN,)], "k double")
    assert [row.id for row in rows.join(keys, F.col("f") == F.col("k")).collect()] == [2]
    assert str(rows.where("id = 3").first().f) == "-0.0"
