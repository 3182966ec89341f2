"""Arguments by name: `mask(s, lowerChar => 'q')`, with PySpark's errors."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException
from streamcore.plan.expressions import parse_expression


@pytest.mark.parametrize(
    ("named", "positional"),
    [
        ("mask(str => s)", "mask(s)"),
        ("mask(s, lowerChar => 'q')", "mask(s, 'X', 'q')"),
        ("mask(digitChar => '0', STR => s, upperChar => 'U')", "mask(s, 'U', 'x', '0')"),
        ("upper(mask(s, otherChar => NULL))", "upper(mask(s, 'X', 'x', 'n', NULL))"),
        ("explode(collection => xs)", "explode(xs)"),
        ("inline_outer(input => xs)", "inline_outer(xs)"),
    ],
)
def test_named_arguments_stand_where_their_parameters_do(named: str, positional: str) -> None:
    assert parse_expression(named) == parse_expression(positional)


def test_a_name_that_no_function_of_ours_has_is_left_to_who_made_the_function() -> None:
    call = parse_expression("my_function(a => 1)")
    assert call.expressions[0].this.name == "a"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mask(lowerChar => 'q')", "REQUIRED_PARAMETER_NOT_FOUND.*`str` is required.*at index 0 or by name"),
        ("mask(s, str => 'b')", "BOTH_POSITIONAL_AND_NAMED.*`str`"),
        ("mask(s, lowerChar => 'q', lowerChar => 'r')", "DOUBLE_NAMED_ARGUMENT_REFERENCE.*`lowerChar`"),
        ("mask(lowerChar => 'q', s)", "UNEXPECTED_POSITIONAL_ARGUMENT.*assigned to `lowerChar`"),
        ("mask(s, lowerChr => 'q')", r"UNRECOGNIZED_PARAMETER_NAME.*`lowerChr`.*\[`lowerChar` "),
        ("mask(s, '1', '2', '3', '4', '5', str => s)", r"WRONG_NUM_ARGS.*\[1, 2, 3, 4, 5\]"),
        ("upper(str => 'a')", "NAMED_PARAMETERS_NOT_SUPPORTED.*`upper`"),
        ("sum(expr => 1)", "NAMED_PARAMETERS_NOT_SUPPORTED.*`sum`"),
        ("explode(zzz => xs)", r"UNRECOGNIZED_PARAMETER_NAME.*\[`collection`\]"),
    ],
)
def test_a_name_that_does_not_fit_is_refused_as_in_pyspark(text: str, message: str) -> None:
    with pytest.raises(AnalysisException, match=message):
        parse_expression(text)
