"""SQL text means what Spark's grammar says: precedence, predicates, operators."""

from __future__ import annotations

import pytest
from sqlglot import exp

from streamcore.plan.canonical import same_value
from streamcore.plan.expressions import parse_expression, parse_statement
from streamcore.plan.naming import expression_text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1 | 2 & 3 ^ 4", "(1 | ((2 & 3) ^ 4))"),
        ("1 << 2 + 3 >> 4", "((1 << (2 + 3)) >> 4)"),
        ("-8 >>> 1", "(-8 >>> 1)"),
        ("'a' || 1 + 2", "(concat(a, 1) + 2)"),
        ("NOT a AND b", "((NOT a) AND b)"),
        ("NOT a = b", "(NOT (a = b))"),
        ("! a", "(NOT a)"),
        ("a !< b", "(a >= b)"),
        ("a !> b", "(a <= b)"),
        ("a = b IS NULL", "((a = b) IS NULL)"),
        ("a IS NOT TRUE", "(NOT (a <=> true))"),
        ("a IS NOT DISTINCT FROM b", "(a <=> b)"),
        ("a IS UNKNOWN", "(a IS NULL)"),
        ("a BETWEEN 1 AND 2 = c", "between(a, 1, (2 = c))"),
        ("a NOT BETWEEN 1 AND 2 AND b", "((NOT between(a, 1, 2)) AND b)"),
        ("+ 3 * 2", "((+ 3) * 2)"),
        ("r'\\n'", "\\n"),
        (
            "sum(a) OVER (ORDER BY b rows 1 preceding)",
            "sum(a) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        ),
    ],
)
def test_operators_bind_as_in_spark(text: str, meaning: str) -> None:
    assert expression_text(parse_expression(text)) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a LIKE ANY (b, c)", "(a LIKE b OR a LIKE c)"),
        ("a NOT LIKE ALL (b, c)", "((NOT a LIKE b) AND (NOT a LIKE c))"),
        ("a NOT ILIKE SOME (b, c)", "((NOT ilike(a, b)) OR (NOT ilike(a, c)))"),
    ],
)
def test_a_quantified_like_tests_each_pattern(text: str, meaning: str) -> None:
    quantified = parse_expression(text)
    assert isinstance(quantified, exp.Paren)
    assert expression_text(quantified.this) == meaning


def test_the_order_of_operands_makes_no_other_key() -> None:
    assert same_value(parse_expression("f(1 + (a + b))"), parse_expression("f(b + a + 1)"))
    assert not same_value(parse_expression("f(a - b)"), parse_expression("f(b - a)"))


def test_all_is_a_name_where_no_clause_has_the_word() -> None:
    assert parse_statement("SELECT all FROM t ORDER BY all").args["order"].expressions[0].name == "all"


def test_a_sample_of_a_query_stands_before_its_alias() -> None:
    found = parse_statement("SELECT * FROM (SELECT 1) TABLESAMPLE (2 ROWS) AS q").args["from_"].this
    assert found.alias == "q"
    assert found.args["sample"].args["size"].name == "2"
