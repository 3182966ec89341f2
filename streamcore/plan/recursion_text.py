"""The text of a recursion, which counts its levels and rows and fails where they are too many."""

from __future__ import annotations

from streamcore.duck.errors import raise_sql
from streamcore.duck.quoting import identifier, string
from streamcore.plan.attributes import Attribute
from streamcore.plan.recursive_rows import Recursion, RecursiveRows
from streamcore.plan.select_text import Item, Select

_LEVEL, _ROWS = "~level", "~rows"


def recursive_source(plan: Recursion, anchor: Select, step: Select) -> str:
    """What stands in FROM for the rows of `plan`; its columns bear their physical names."""
    name = identifier(plan.key)
    first = _listed(plan.anchor.output)
    further = _listed(plan.step.output)
    shown = ", ".join(f"{_column(at)} AS {identifier(a.physical)}" for at, a in enumerate(plan.columns))
    level, rows = identifier(_LEVEL), identifier(_ROWS)
    names = ", ".join([*(_column(at) for at in range(len(plan.columns))), level, rows])
    before = f"(SELECT max({level}) AS l, max({rows}) AS n FROM {name}) AS b"
    return (
        f"(WITH RECURSIVE {name}({names}) AS ("
        f"SELECT {first}1, {_checked_rows('count(*) OVER ()', plan)} FROM {anchor.as_table('s')} UNION ALL "
        f"SELECT {further}{_next_level(plan)}, {_checked_rows('b.n + count(*) OVER ()', plan)} "
        f"FROM {step.as_table('s')} CROSS JOIN {before}) SELECT {shown or '1 AS nothing'} FROM {name})"
    )


def rows_before(plan: RecursiveRows) -> Select:
    """The rows that the step gave last."""
    items = tuple(Item(_column(at), a.physical) for at, a in enumerate(plan.columns))
    return Select(identifier(plan.key), items=items)


def _column(at: int) -> str:
    return identifier(f"~{at}")


def _listed(columns: tuple[Attribute, ...]) -> str:
    return "".join(f"s.{identifier(column.physical)}, " for column in columns)


def _next_level(plan: Recursion) -> str:
    if plan.most_levels is None:
        return "b.l + 1"
    message = (
        f"Recursion level limit {plan.most_levels} reached but query has not exhausted, try increasing it "
        "like 'WITH RECURSIVE t(col) MAX RECURSION LEVEL 200'. SQLSTATE: 42836"
    )
    failure = raise_sql("RECURSION_LEVEL_LIMIT_EXCEEDED", string(message))
    return f"CASE WHEN b.l >= {plan.most_levels} THEN {failure}::INTEGER ELSE b.l + 1 END"


def _checked_rows(count: str, plan: Recursion) -> str:
    if plan.most_rows is None:
        return count
    message = (
        f"Recursion row limit {plan.most_rows} reached but query has not exhausted, try setting a larger "
        "LIMIT value when querying the CTE relation. SQLSTATE: 42836"
    )
    failure = raise_sql("RECURSION_ROW_LIMIT_EXCEEDED", string(message))
    return f"CASE WHEN {count} > {plan.most_rows} THEN {failure}::BIGINT ELSE {count} END"
