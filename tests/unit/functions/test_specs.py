"""Every function that PySpark knows is offered or refused with a reason, and takes as many arguments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamcore.errors import StreamcoreError, UnsupportedOperationException
from streamcore.plan.expressions import parse_expression
from streamcore.plan.function_specs import FunctionSpec, Kind, parameters_of, specs
from streamcore.plan.typing import infer

SPARK: dict[str, list[int | None] | None] = json.loads(
    (Path(__file__).parents[2] / "oracle" / "data" / "sql_functions.json").read_text(encoding="utf-8")
)
# What SQL text writes as operators and clauses, although PySpark lists it among the functions.
GRAMMAR = {"and", "between", "case", "cast", "div", "in", "not", "or", "when"}
# Tables, known to who reads FROM.
TABLES = {
    "collations",
    "python_worker_logs",
    "range",
    "sql_keywords",
}
# Names of ours that SQL text may call, though PySpark has no such function there.
OURS = {"any_match", "map_size", "product", "timestampadd", "timestampdiff"}

MOST = 9
# The numbers of arguments that PySpark takes, or lets pass at first, and we do not.
FEWER = {
    "hour": set(range(2, MOST)), "minute": set(range(2, MOST)), "second": set(range(2, MOST)),
    "lag": {0, 4}, "lead": {0, 4}, "localtimestamp": {1}, "mode": {0}, "now": {1},
    "nth_value": {3}, "try_avg": {2}, "try_sum": {2},
}  # fmt: skip
# The numbers that PySpark takes although its message does not say so, or that only we take.
MORE = {
    "ceil": {1}, "ceiling": {1}, "floor": {1}, "if": {2}, "listagg": {3}, "make_timestamp_ltz": {3, 7},
    "make_timestamp_ntz": {7}, "mode": {1, 2, 3}, "string_agg": {3}, "try_make_interval": {0},
    "try_make_timestamp_ltz": {2, 3, 7}, "try_make_timestamp_ntz": {2, 7},
}  # fmt: skip

STATED = {name: spec for name, spec in specs().items() if not spec.is_internal}
OFFERED = {name: spec for name, spec in STATED.items() if spec.refused is None}


def test_every_function_that_pyspark_lists_is_stated() -> None:
    wanted = {name for name in SPARK if name.isidentifier()}
    assert wanted - set(STATED) == GRAMMAR | TABLES


def test_no_function_is_stated_that_pyspark_does_not_list() -> None:
    assert set(STATED) - set(SPARK) == OURS


@pytest.mark.parametrize("name", sorted(set(STATED) - set(OFFERED)))
def test_a_refused_function_says_why(name: str) -> None:
    with pytest.raises(UnsupportedOperationException, match=f"{name}.. is not offered: ."):
        infer(parse_expression(f"{name}(NULL)"), {})


def refusal(name: str, given: int) -> str:
    """The message of the error that a call with so many arguments raises; empty for none."""
    arguments = ", ".join(["NULL"] * given)
    over = " OVER (ORDER BY 1)" if OFFERED[name].kind is Kind.WINDOW else ""
    try:
        infer(parse_expression(f"{name}({arguments}){over}"), {})
    except StreamcoreError as error:
        return str(error)
    return ""


def is_of_the_number(message: str) -> bool:
    return "WRONG_NUM_ARGS" in message or "REQUIRED_PARAMETER_NOT_FOUND" in message


@pytest.mark.parametrize("first", "abcdefghijklmnopqrstuvwxyz")
def test_calls_have_as_many_arguments_as_in_pyspark(first: str) -> None:
    wrong = []
    for name in sorted(n for n in OFFERED if n.startswith(first) and SPARK.get(n) is not None):
        counts = SPARK[name] or []
        known = [count for count in counts if count is not None]
        allowed = set(known) if None not in counts else set(range(known[0], MOST))
        messages = {given: refusal(name, given) for given in range(MOST)}
        accepted = {given for given, message in messages.items() if given not in allowed and not message}
        denied = {given for given in allowed if is_of_the_number(messages[given])}
        if accepted - MORE.get(name, set()) or denied - FEWER.get(name, set()):
            wrong.append((name, accepted, denied))
    assert wrong == []


def test_the_parameters_of_a_function_are_stated_in_a_line() -> None:
    spec = FunctionSpec("f", parameters=parameters_of("str, len, pad = ' ', more?"))
    assert (spec.least, spec.most) == (2, 4)
    assert spec.defaults(2) == ["' '"]
    assert not spec.takes(1)
    assert spec.text(["a", "2"]) == "f(a, 2)"
    assert FunctionSpec("g", parameters=parameters_of("first, rest...")).most is None
