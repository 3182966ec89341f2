"""What does not follow the grammar is told as PySpark tells it."""

from __future__ import annotations

import pytest

from streamcore.errors import ParseException
from streamcore.plan.expressions import parse_expression, parse_statement


@pytest.mark.parametrize(
    ("text", "near", "line", "column"),
    [
        ("select 1 +", "end of input", 1, 10),
        ("select a b c from t", "'c'", 1, 11),
        ("select a,\n  b c d\nfrom t", "'d'", 2, 6),
        ("selec 1", "'selec'", 1, 0),
        ("foo", "'foo'", 1, 0),
        ("select (1", "end of input", 1, 9),
        ("select 'abc", "'''", 1, 7),
        ("select a like from t", "'from'", 1, 14),
        ("select a from t group by", "end of input", 1, 24),
        ("select a from t order by", "end of input", 1, 24),
    ],
)
def test_a_syntax_error_names_the_word_and_its_place(text: str, near: str, line: int, column: int) -> None:
    with pytest.raises(ParseException) as error:
        parse_statement(text)
    assert error.value.getCondition() == "PARSE_SYNTAX_ERROR"
    expected = f"Syntax error at or near {near}. SQLSTATE: 42601 (line {line}, pos {column})"
    assert expected in str(error.value)
    shown = text.split("\n")
    pointer = "-" * column + "^^^"
    assert "\n".join(["== SQL ==", *shown[:line], pointer, *shown[line:]]) in str(error.value)


def test_the_place_in_an_expression_is_that_of_what_was_written() -> None:
    with pytest.raises(ParseException, match=r"\(line 1, pos 3\)"):
        parse_expression("a +")


def test_a_comment_without_an_end_is_named() -> None:
    with pytest.raises(ParseException, match=r"\[UNCLOSED_BRACKETED_COMMENT\]"):
        parse_statement("select 1 /* why")
