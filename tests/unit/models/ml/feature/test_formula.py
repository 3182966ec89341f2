"""What is admitted of a formula, and which terms it stands for."""

from __future__ import annotations

import pytest

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.feature.formula import parsed

COLUMNS = ["y", "a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("y ~ a + b", ["a", "b"]),
        ("y ~ .", ["a", "b", "c"]),
        ("y ~ . - b", ["a", "c"]),
        ("y ~ a:b", ["a:b"]),
        ("y ~ a + a:b + b:a", ["a", "a:b"]),
        ("y ~ a*b", ["a", "b", "a:b"]),
        ("y ~ a + b*c", ["a", "b", "c", "b:c"]),
        ("y ~ (a + b)^2", ["a", "b", "a:b"]),
        ("y ~ (a + b + c)^3", ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("y ~ . ^ 2", ["a", "b", "c", "a:b", "a:c", "b:c"]),
        ("y ~ .:a", ["a", "b:a", "c:a"]),
        ("y ~ (a + 1):b", ["a:b"]),
        ("y ~ a*b - a:b", ["a", "b"]),
        ("y ~ 1", []),
        ("~ a", ["a"]),
    ],
)
def test_a_formula_stands_for_its_terms(text, terms):
    assert [":".join(term) for term in parsed(text).terms(COLUMNS)] == terms


@pytest.mark.parametrize(
    ("text", "has_one"),
    [
        ("y ~ a", True),
        ("y ~ a - 1", False),
        ("y ~ a + 0", False),
        ("y ~ 0 + a + 1", True),
        ("y ~ a - 0", True),
    ],
)
def test_the_last_word_on_the_intercept_counts(text, has_one):
    assert parsed(text).hasIntercept is has_one


def test_a_high_power_ends_with_the_terms_that_there_are():
    assert len(parsed("y ~ (a + b + c)^999999999").terms(COLUMNS)) == 7


def test_a_high_power_of_everything_is_refused():
    with pytest.raises(IllegalArgumentException, match="at most 4 times"):
        parsed("y ~ .^999999999")


@pytest.mark.parametrize(
    "text",
    [
        "y ~ log(a)",
        "y ~ __import__('os').system('true')",
        "y ~ {a + 1}",
        "y ~ I(a**2)",
        "y ~ `a b`",
        "y ~ 'a'",
        "y ~ a / b",
        "y ~ a | b",
        "y ~ a %in% b",
        "y ~ 2",
        "y ~ -a",
        "y ~ a^b",
        "y ~ a^0",
        "y ~ a ~ b",
        "y + z ~ a",
        "y ~",
        "y",
        "",
    ],
)
def test_what_is_more_than_names_and_operators_is_refused(text):
    with pytest.raises(IllegalArgumentException, match="Could not parse formula"):
        parsed(text)
