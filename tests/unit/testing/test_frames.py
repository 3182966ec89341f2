"""assertDataFrameEqual and assertSchemaEqual: what counts as equal, and how a difference is shown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from streamcore.errors import ArgumentTypeError, CheckFailed
from streamcore.spi.row import Row
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session
from streamcore.sql.types import StructType
from streamcore.testing.frames import assertDataFrameEqual, assertSchemaEqual


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").appName("frames").create() as made:
        yield made


@pytest.fixture
def letters(session: Session) -> DataFrame:
    return session.createDataFrame([(1, "a"), (2, "b"), (3, "c")], "n int, s string")


def test_rows_are_equal_in_any_order_unless_it_counts(session: Session, letters: DataFrame) -> None:
    turned = session.createDataFrame([(3, "c"), (2, "b"), (1, "a")], "n int, s string")
    assertDataFrameEqual(letters, turned)
    with pytest.raises(CheckFailed, match=r"66\.66667 %"):
        assertDataFrameEqual(letters, turned, checkRowOrder=True)


def test_rows_that_differ_are_shown_beside_each_other(session: Session, letters: DataFrame) -> None:
    other = session.createDataFrame([(1, "a"), (2, "x"), (3, "c")], "n int, s string")
    with pytest.raises(CheckFailed) as caught:
        assertDataFrameEqual(letters, other, showOnlyDiff=True, includeDiffRows=True)
    assert str(caught.value) == (
        "[DIFFERENT_ROWS] Results do not match: ( 33.33333 % )\n*** actual ***\n! Row(n=2, s='b')\n\n\n"
        "*** expected ***\n! Row(n=2, s='x')"
    )
    assert caught.value.data == [(Row(n=2, s="b"), Row(n=2, s="x"))]


def test_a_row_that_one_side_lacks_stands_alone(session: Session, letters: DataFrame) -> None:
    with pytest.raises(CheckFailed, match="- Row\\(n=2, s='b'\\)\n- Row\\(n=3, s='c'\\)"):
        assertDataFrameEqual(letters, session.createDataFrame([(1, "a")], "n int, s string"))
    with pytest.raises(CheckFailed, match="\\+ Row\\(n=0\\)"):
        assertDataFrameEqual([], [Row(n=0)])


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        (1.0, 1.000001, True),
        (1.0, 1.1, False),
        (float("nan"), float("nan"), True),
        (Decimal("1.0"), Decimal("1.000001"), True),
        ([1.0, {"a": 2.0}], [1.0000001, {"a": 2.0}], True),
        (Row(a=1), Row(a=2), False),
    ],
)
def test_fractions_may_lie_a_little_apart(one: Any, other: Any, is_equal: bool) -> None:
    if is_equal:
        assertDataFrameEqual([Row(v=one)], [Row(v=other)])
    else:
        with pytest.raises(CheckFailed, match="DIFFERENT_ROWS"):
            assertDataFrameEqual([Row(v=one)], [Row(v=other)])


def test_what_of_the_columns_does_not_count_may_be_said(session: Session, letters: DataFrame) -> None:
    assertDataFrameEqual(letters, letters.select("s", "n"), ignoreColumnOrder=True)
    assertDataFrameEqual(letters, letters.toDF("x", "y"), ignoreColumnName=True)
    numbers = session.createDataFrame([(1,)], "n int")
    assertDataFrameEqual(numbers, session.createDataFrame([("1",)], "n string"), ignoreColumnType=True)
    with pytest.raises(CheckFailed, match="DIFFERENT_SCHEMA"):
        assertDataFrameEqual(letters, letters.select("s", "n"))


def test_schemas_are_equal_but_for_what_may_be_null() -> None:
    sure, open_ = StructType().add("a", "int", nullable=False), StructType().add("a", "int")
    assertSchemaEqual(sure, open_)
    with pytest.raises(CheckFailed) as caught:
        assertSchemaEqual(sure, open_, ignoreNullable=False)
    head = "[DIFFERENT_SCHEMA] Schemas do not match.\n--- actual\n+++ expected\n- StructType([StructField('a'"
    assert str(caught.value).startswith(head)
    with pytest.raises(ArgumentTypeError, match="should be struct type, got int"):
        assertSchemaEqual(1, open_)  # type: ignore[arg-type]


def test_pandas_is_compared_and_anything_else_refused(letters: DataFrame) -> None:
    assertDataFrameEqual(letters, pd.DataFrame({"n": [1, 2, 3], "s": ["a", "b", "c"]}))
    with pytest.raises(CheckFailed, match="for `expected` but got type None"):
        assertDataFrameEqual(letters, None)
    assertDataFrameEqual(None, None)
