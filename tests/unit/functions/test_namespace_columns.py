"""Column where it is no expression of a query: its text, its refusals, its protocols."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.sql import functions as F
from streamcore.sql.window import Window

A: Any = F.col("a")
WHEN: Any = F.when
TOTAL: Any = F.sum("a")


class Team(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (A == None, "(a = NULL)"),  # noqa: E711 - it builds an expression
        (F.col("a") == A, "(a = a)"),
        (~(A > 1), "(NOT (a > 1))"),
        (A != "x", "(NOT (a = x))"),
        (-A + 1, "(negative(a) + 1)"),
        (A[0], "a[0]"),
        (A[1:3], "substr(a, 1, 3)"),
        (A.b.c, "a['b']['c']"),
        (A.isin(1, 2), "(a IN (1, 2))"),
        (A.cast("int"), "CAST(a AS INT)"),
        (A.alias("x"), "a AS x"),
        (A.withField("x", F.lit(1)), "update_fields(a, WithField(1))"),
        (F.lit(Team.RED), "red"),
        (TOTAL.over(Window.orderBy("b").rowsBetween(-1, 0)),
         "sum(a) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN -1 FOLLOWING AND CURRENT ROW)"),
    ],
)  # fmt: skip
def test_a_column_reads_as_in_pyspark(column: Any, text: str) -> None:
    assert repr(column) == f"Column<'{text}'>"


@pytest.mark.parametrize(
    ("mistake", "condition"),
    [
        (lambda: bool(A > 1), "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
        (lambda: (A > 1) and (A < 3), "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
        (lambda: "x" in A, "CANNOT_APPLY_IN_FOR_COLUMN"),
        (lambda: A.substr(1, F.lit(2)), "NOT_SAME_TYPE"),
        (lambda: A.withField("x", 1), "NOT_COLUMN"),
        (lambda: A.transform(lambda _: 1), "HIGHER_ORDER_FUNCTION_SHOULD_RETURN_COLUMN"),
        (lambda: WHEN(True, 1), "NOT_COLUMN"),
        (lambda: F.lit(object()), "UNSUPPORTED_LITERAL"),
    ],
)
def test_a_mistake_is_refused_with_pysparks_condition(mistake: Callable[[], Any], condition: str) -> None:
    with pytest.raises(AnalysisException, match=rf"\[{condition}\]"):
        mistake()


def test_a_slice_has_no_step() -> None:
    with pytest.raises(StreamcoreError, match="no step"):
        A[1:3:2]


def test_when_only_continues_a_case() -> None:
    with pytest.raises(StreamcoreError, match="when"):
        A.when(A > 1, 2)
    with pytest.raises(StreamcoreError, match="otherwise"):
        F.when(A > 1, 2).otherwise(3).otherwise(4)


def test_a_column_cannot_be_walked_or_hashed() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        iter(A)
    with pytest.raises(TypeError, match="unhashable"):
        hash(A)


def test_columns_of_one_frame_compare_with_each_other() -> None:
    shared = A + 1
    assert repr((shared == A) & (shared < 3)) == "Column<'(((a + 1) = a) AND ((a + 1) < 3))'>"
