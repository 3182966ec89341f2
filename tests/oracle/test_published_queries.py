"""Published query sets over generated data, against DuckDB; both are read from folders that are named.

`STREAMCORE_QUERIES` names a folder of `*.sql` texts, `STREAMCORE_QUERIES_DATA` one with a Parquet file for
each table. Nothing of them is kept here.
"""

from __future__ import annotations

import math
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streamcore.sql.session import Session

_TEXTS, _DATA = os.environ.get("STREAMCORE_QUERIES"), os.environ.get("STREAMCORE_QUERIES_DATA")
_FILES = sorted(Path(_TEXTS).glob("*.sql")) if _TEXTS else []


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture(scope="module")
def engine(session: Session) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"default_null_order": "nulls_first_on_asc_last_on_desc"})
    for file in Path(str(_DATA)).glob("*.parquet"):
        session.read.parquet(str(file)).createOrReplaceTempView(file.stem)
        connection.read_parquet(str(file)).create_view(file.stem)
    return connection


@pytest.mark.skipif(not (_TEXTS and _DATA), reason="no folder of queries and data is named")
@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_a_published_query_gives_the_rows_that_duckdb_gives(
    session: Session, engine: duckdb.DuckDBPyConnection, file: Path
) -> None:
    text = file.read_text().strip().rstrip(";")
    frame = session.sql(text)
    try:
        expected = engine.sql(text.replace("`", '"')).fetchall()
    except duckdb.Error as error:
        pytest.skip(f"planned; its text is not DuckDB's: {str(error).splitlines()[0]}")
    found, wanted = _ordered(map(tuple, frame.collect())), _ordered(expected)
    assert len(found) == len(wanted)
    assert [pair for pair in zip(found, wanted, strict=True) if not _alike(*pair)] == []


def _alike(row: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two rows are the same but for the digits in which averages of decimals differ."""
    return len(row) == len(other) and all(
        math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-5) if {type(a), type(b)} == {float} else a == b
        for a, b in zip(row, other, strict=True)
    )


def _ordered(rows: Any) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, which what is no number decides first; numbers as floats."""
    plain = [tuple(map(_plain, row)) for row in rows]
    return sorted(plain, key=lambda row: (repr([v for v in row if not isinstance(v, float)]), repr(row)))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int | float | Decimal) else value
