from __future__ import annotations

import pytest
from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import reference, referenced_ids
from streamcore.plan.expressions import parse_expression
from streamcore.plan.resolution import Names
from tests.unit.plan.plans import relation

T = relation(
    "a int, `A B` string, s struct<x: int, `Y`: struct<z: string>>, m map<string, int>",
    900_001,
    qualifier="t",
)
NAMES = Names(T.columns)


def resolved(text: str, names: Names = NAMES) -> exp.Expression:
    return names.resolve(parse_expression(text))


@pytest.mark.parametrize("text", ["a", "A", "t.a", "T.A", "`a`", "`t`.`a`"])
def test_a_name_is_found_in_any_case_with_and_without_its_qualifier(text: str) -> None:
    assert referenced_ids(resolved(text)) == {900_001}


def test_names_are_told_apart_by_case_when_the_session_says_so() -> None:
    with pytest.raises(AnalysisException, match=r"UNRESOLVED_COLUMN"):
        resolved("A", Names(T.columns, case_sensitive=True))


def test_backticks_reach_a_name_with_blanks() -> None:
    assert referenced_ids(resolved("`a b`")) == {900_002}


def test_dots_reach_into_structs_and_keep_the_spelling_of_the_schema() -> None:
    found = resolved("s.y.Z")
    assert isinstance(found, exp.Dot)
    assert found.expression.name == "z"
    assert found.this.expression.name == "Y"
    assert referenced_ids(found) == {900_003}


def test_a_dot_after_a_map_reads_the_entry_of_that_key() -> None:
    assert isinstance(resolved("m.some_key"), exp.Bracket)


def test_an_unknown_name_lists_the_nearest_ones() -> None:
    with pytest.raises(AnalysisException) as error:
        resolved("b")
    assert "[UNRESOLVED_COLUMN.WITH_SUGGESTION]" in str(error.value)
    assert "with name `b` cannot be resolved. Did you mean one of the following? [`a`" in str(error.value)


def test_an_unknown_field_names_the_fields_there_are() -> None:
    with pytest.raises(AnalysisException, match=r"\[FIELD_NOT_FOUND\] No such struct field `w` in `x`, `Y`"):
        resolved("s.w")


def test_a_field_of_a_number_is_refused() -> None:
    with pytest.raises(AnalysisException, match="INVALID_EXTRACT_BASE_FIELD_TYPE"):
        resolved("a.x")


def test_a_name_that_two_columns_have_is_ambiguous_unless_it_is_qualified() -> None:
    other = relation("a int", 900_101, qualifier="u")
    both = Names((*T.columns, *other.columns))
    with pytest.raises(AnalysisException, match=r"AMBIGUOUS_REFERENCE.*\[`t`\.`a`, `u`\.`a`\]"):
        resolved("a", both)
    assert referenced_ids(resolved("u.a", both)) == {900_101}


def test_a_column_of_another_dataframe_is_refused() -> None:
    other = relation("a int", 900_201)
    with pytest.raises(AnalysisException, match=r'MISSING_ATTRIBUTES.*"a" missing from "a", "A B"'):
        NAMES.resolve(reference(other.columns[0]))


def test_the_parameters_of_a_lambda_are_no_columns() -> None:
    found = resolved("transform(array(a), v -> v + a)")
    assert referenced_ids(found) == {900_001}
