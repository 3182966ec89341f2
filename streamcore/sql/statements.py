"""session.sql: one statement of SQL text, its parameters bound."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.execution.leaves import range_relation
from streamcore.plan.expressions import parse_statement
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.read_arguments import read_arguments
from streamcore.plan.refusals import table_or_view_not_found
from streamcore.plan.sql_text import query_plan
from streamcore.sql.commands import command, no_rows
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.literals import literal_expression
from streamcore.sql.tables import statements as tables
from streamcore.sql.tables.creating import create_table, name_parts
from streamcore.sql.tables.names import quoted
from streamcore.sql.tables.resolving import lookup

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session

_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_DATABASES = ("DATABASE", "SCHEMA")


def run_statement(
    session: Session, text: str, args: Mapping[str, Any] | Sequence[Any] | None, named: Mapping[str, Any]
) -> DataFrame:
    """The result of one statement; commands are carried out now, queries when an action asks."""
    statement = text.strip().rstrip(";").strip()
    frames: dict[str, LogicalPlan] = {}
    if named:
        statement = _formatted(statement, named, frames)
    answer = command(session, statement)
    if answer is not None:
        return answer
    return _Statement(session, frames).run(_bound(parse_statement(statement), args), statement)


class _Statement:
    """One parsed statement in its session; `frames` are DataFrames that the text names by parameters."""

    def __init__(self, session: Session, frames: Mapping[str, LogicalPlan]) -> None:
        self._session = session
        self._frames = frames

    def run(self, node: exp.Expression, text: str) -> DataFrame:
        if read_arguments(type(node)) is None:
            raise _refused(text)
        if isinstance(node, _QUERIES):
            return frame_of(self._plan(node), self._session)
        if isinstance(node, exp.Create) and node.args.get("kind") == "VIEW":
            return self._create_view(node, text)
        act = self._act(node)
        if act is None:
            raise _refused(text)
        act()
        return no_rows(self._session)

    def _act(self, node: exp.Expression) -> Callable[[], None] | None:
        """What a statement about tables or databases does; None for another statement."""
        session, kind = self._session, str(node.args.get("kind")).upper()
        if isinstance(node, exp.Create) and kind == "TABLE":
            return lambda: create_table(session, node, self._frame)
        if isinstance(node, exp.Create) and kind in _DATABASES:
            return lambda: tables.create_database(session, node)
        if isinstance(node, exp.Drop) and kind in ("VIEW", "TABLE"):
            return lambda: self._drop(node, kind)
        if isinstance(node, exp.Drop) and kind in _DATABASES:
            return lambda: tables.drop_database(session, node)
        if isinstance(node, exp.Alter) and kind == "TABLE":
            return lambda: tables.alter(session, node)
        if isinstance(node, exp.Insert):
            return lambda: tables.insert_rows(session, node, self._frame)
        if isinstance(node, exp.TruncateTable):
            return lambda: tables.truncate(session, node)
        if isinstance(node, exp.Use):
            return lambda: tables.use(session, node)
        return None

    def _frame(self, query: exp.Expression) -> DataFrame:
        return frame_of(self._plan(query), self._session)

    def _plan(self, node: exp.Expression) -> LogicalPlan:
        return query_plan(node, self._session.analysis_settings, self._table, _numbers)

    def _table(self, parts: Sequence[str]) -> LogicalPlan | None:
        name = parts[-1]
        if len(parts) == 1 and name in self._frames:
            return self._frames[name]
        found = lookup(self._session, parts)
        if found is not None:
            return found
        if len(parts) == 2 and ("/" in name or "." in name):
            return self._session.read.format(parts[0]).load(name).plan
        return None

    def _create_view(self, node: exp.Create, text: str) -> DataFrame:
        properties = node.args.get("properties")
        kinds = {type(p).__name__ for p in properties.expressions} if properties is not None else set()
        if node.expression is None:
            raise _refused(text)
        if "TemporaryProperty" not in kinds:
            raise UnsupportedOperationException(
                "CREATE VIEW is offered for temporary views only: CREATE [OR REPLACE] TEMPORARY VIEW name "
                "AS SELECT ..."
            )
        target = node.this
        plan = self._plan(node.expression)
        if isinstance(target, exp.Schema):
            names = [_view_column(column) for column in target.expressions]
            plan = frame_of(plan, self._session).toDF(*names).plan
            target = target.this
        views = self._session.global_views if "GlobalProperty" in kinds else self._session.views
        if not (node.args.get("exists") and views.find(target.name) is not None):
            views.create(target.name, plan, replace=bool(node.args.get("replace")))
        return no_rows(self._session)

    def _drop(self, node: exp.Drop, kind: str) -> None:
        if node.args.get("cascade"):
            raise ParseException(f"[PARSE_SYNTAX_ERROR] DROP {kind} takes no CASCADE. SQLSTATE: 42601")
        for table in node.args.get("tables") or [node.this]:
            ignore = bool(node.args.get("exists"))
            if kind == "TABLE":
                tables.drop(self._session, table, ignore=ignore)
            else:
                self._drop_view(name_parts(table), ignore=ignore)

    def _drop_view(self, parts: list[str], *, ignore: bool) -> None:
        session = self._session
        if session.views.lookup(parts) is not None:
            (session.views if len(parts) == 1 else session.global_views).drop(parts[-1])
            return
        table = session.tables.find(parts)
        if table is not None:
            kind = "MANAGED" if table.is_managed else "EXTERNAL"
            raise AnalysisException(
                "[WRONG_COMMAND_FOR_OBJECT_TYPE] The operation DROP VIEW requires a VIEW or METRIC_VIEW. But "
                f"{table.name} is a {kind}. Use DROP TABLE instead. SQLSTATE: 42809"
            )
        if not ignore:
            raise table_or_view_not_found(quoted(parts))


# ---- parameters ----------------------------------------------------------------------------------


def _view_column(column: exp.Expression) -> str:
    if column.args.get("kind") is not None:
        raise ParseException(
            f"[PARSE_SYNTAX_ERROR] The column {column.name} of a view takes its type from the query: write "
            f"CAST(... AS {column.args['kind'].sql(dialect='spark')}) there. SQLSTATE: 42601"
        )
    return column.name


def _bound(node: exp.Expression, args: Mapping[str, Any] | Sequence[Any] | None) -> exp.Expression:
    """The statement with its parameter markers replaced by literals."""
    markers = list(node.find_all(exp.Placeholder))
    if not markers:
        return node
    values = args if args is not None else {}
    positional = [m for m in markers if not m.this]
    order = {id(m): at for at, m in enumerate(positional)}

    def rule(found: exp.Expression) -> exp.Expression:
        if not isinstance(found, exp.Placeholder):
            return found
        key: Any = found.this or order[id(found)]
        try:
            value = values[key]
        except (KeyError, IndexError, TypeError):
            raise AnalysisException(
                f"[UNBOUND_SQL_PARAMETER] Found the unbound parameter: {found.this or '?'}. Please, fix "
                "`args` and "
                "provide a mapping of the parameter to either a SQL literal or collection constructor "
                "functions. "
                "SQLSTATE: 42P02"
            ) from None
        return _literal(value)

    bound: exp.Expression = node.transform(rule, copy=False)
    return bound


def _literal(value: Any) -> exp.Expression:
    from streamcore.sql.column import Column

    return value.expression.copy() if isinstance(value, Column) else literal_expression(value)


def _formatted(text: str, named: Mapping[str, Any], frames: dict[str, LogicalPlan]) -> str:
    """`{name}` replaced: DataFrames by the name of a view of this statement, other values by literals."""
    from streamcore.sql.dataframe import DataFrame

    pieces = []
    for literal_text, field, _, _ in string.Formatter().parse(text):
        pieces.append(literal_text)
        if field is None:
            continue
        if field not in named:
            raise ParseException(
                f"[PARSE_SYNTAX_ERROR] The text names {{{field}}}, which is not among the arguments."
            )
        value = named[field]
        if isinstance(value, DataFrame):
            frames[f"frame_{field}"] = value.plan
            pieces.append(f"`frame_{field}`")
        else:
            pieces.append(_literal(value).sql(dialect="spark"))
    return "".join(pieces)


def _numbers(start: int, end: int, step: int) -> LogicalPlan:
    return range_relation(start, end, step, 1)


def _refused(text: str) -> UnsupportedOperationException:
    words = " ".join(text.split()[:2]).upper()
    return UnsupportedOperationException(
        f"The statement {words} is not offered. SELECT, VALUES, CREATE and DROP of tables, databases and "
        "temporary views, INSERT, TRUNCATE, ALTER TABLE, USE, SHOW, DESCRIBE, EXPLAIN, SET and CACHE TABLE "
        "are."
    )
