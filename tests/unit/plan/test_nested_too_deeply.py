"""What is nested too deeply is refused by name, and neither ends the process nor takes for ever."""

from __future__ import annotations

import pytest

from streamcore.duck.json_values import structure
from streamcore.errors import ParseException, UnsupportedOperationException
from streamcore.plan.expressions import parse_expression
from streamcore.spi.types import parse_data_type


def test_sql_text_with_ten_thousand_parentheses_is_refused() -> None:
    with pytest.raises(ParseException, match="FAILED_TO_PARSE_TOO_COMPLEX") as caught:
        parse_expression("(" * 10_000 + "1" + ")" * 10_000)
    assert len(str(caught.value)) < 500


def test_a_schema_nested_ten_thousand_times_is_refused() -> None:
    with pytest.raises(ParseException, match="FAILED_TO_PARSE_TOO_COMPLEX"):
        parse_data_type("array<" * 10_000 + "int" + ">" * 10_000)


def test_json_of_arrays_within_arrays_is_refused_before_planning_takes_for_ever() -> None:
    assert structure(parse_data_type("array<" * 12 + "int" + ">" * 12))
    with pytest.raises(UnsupportedOperationException, match="more than 12 times"):
        structure(parse_data_type("struct<a:" + "array<" * 13 + "int" + ">" * 14))
