"""Whatever the parser sets on a node is read or refused."""

from __future__ import annotations

import pytest
from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan import translate
from streamcore.plan.call_nodes import CALL_NODES
from streamcore.plan.expressions import parse_expression, parse_statement
from streamcore.plan.read_arguments import READ, read_arguments, refuse_unread
from streamcore.plan.translation import core

# Nodes that rules of the plan make; no parser does.
_OURS = (
    "JsonText", "ParsedJson", "ReadJson", "HighLimb", "LowLimb", "SumOfLimbs", "AverageOfLimbs", "Folded",
    "MergedMoments", "Tally", "Frequency", "PercentileOfTally", "ModeOfTally", "RegisterCode", "Registers",
    "DistinctEstimate", "SubqueryValue",
)  # fmt: skip


def is_refused(node: exp.Expr) -> bool:
    try:
        refuse_unread([node], "some text")
    except AnalysisException:
        return True
    return False


def test_every_class_that_is_translated_says_what_is_read_of_it() -> None:
    assert translate.to_duckdb is not None
    taken = {*core._NODES, *CALL_NODES}
    assert {c.__name__ for c in taken if c not in READ and c.__name__ not in _OURS} == set()


def test_what_is_said_to_be_read_are_arguments_of_the_class() -> None:
    unknown = {(c.__name__, name) for c, names in READ.items() for name in names if name not in c.arg_types}
    assert unknown == set()


def test_every_argument_of_every_class_is_read_or_refused() -> None:
    accepted = []
    for class_ in READ:
        known = read_arguments(class_) or frozenset()
        for name in set(class_.arg_types) - known:
            node = class_()
            node.set(name, exp.Null() if name != "expressions" else [exp.Null()])
            if not is_refused(node):
                accepted.append((class_.__name__, name))
    assert accepted == []


def test_comments_on_the_columns_of_a_view_change_no_row() -> None:
    parse_statement("CREATE TEMPORARY VIEW v (a COMMENT 'x') COMMENT 'y' AS SELECT 1")
    with pytest.raises(AnalysisException, match="NotNullColumnConstraint is not offered"):
        parse_statement("CREATE TEMPORARY VIEW v (a NOT NULL) AS SELECT 1")


def test_a_node_that_no_handler_takes_is_refused() -> None:
    unknown = exp.Select(expressions=[exp.Any(this=exp.column("a"))])
    with pytest.raises(AnalysisException, match=r"\[UNSUPPORTED_FEATURE\] Any is not offered"):
        refuse_unread([unknown], "SELECT ANY a")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("SELECT a FROM t DISTRIBUTE BY b", "DISTRIBUTE BY of Select"),
        ("SELECT a FROM t CLUSTER BY b", "CLUSTER BY of Select"),
        ("SELECT a FROM t VERSION AS OF 1", "VERSION of Table"),
        ("SELECT a FROM t TABLESAMPLE (BUCKET 1 OUT OF 4)", "BUCKET NUMERATOR of TableSample"),
        ("SELECT * REPLACE (1 AS a) FROM t", "REPLACE of Star"),
        ("SELECT sum(a) OVER (ORDER BY a ROWS 1 PRECEDING EXCLUDE TIES) FROM t", "EXCLUDE of WindowSpec"),
        ("SELECT a FROM s UNION BY NAME SELECT a FROM t", "BY NAME of Union"),
        ("SELECT CAST(a AS INT FORMAT 'x') FROM t", "FORMAT of TryCast"),
        ("CREATE TEMPORARY VIEW v TBLPROPERTIES ('a' = 'b') AS SELECT 1", "Property"),
    ],
)
def test_a_clause_that_nothing_reads_is_refused_by_name_and_position(text: str, what: str) -> None:
    with pytest.raises(AnalysisException) as refusal:
        parse_statement(text)
    message = str(refusal.value)
    assert message.startswith(f"[UNSUPPORTED_FEATURE] {what} is not offered")
    assert text in message


@pytest.mark.parametrize(
    "text",
    ["sum()", "avg()", "count()", "first()", "corr(a)", "sum(a, b)", "max(a, b)", "lag()", "explode()"],
)
def test_a_call_with_a_wrong_number_of_arguments_is_pysparks_error(text: str) -> None:
    with pytest.raises(AnalysisException, match=r"\[WRONG_NUM_ARGS"):
        parse_expression(text)
