"""session.sql: one statement of SQL text, its parameters bound."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.execution.leaves import local_relation, range_relation
from streamcore.execution.rows import table_from_rows
from streamcore.plan.expressions import parse_statement
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.read_arguments import read_arguments
from streamcore.plan.sql_text import query_plan
from streamcore.spi.types import BooleanType, StringType, StructField, StructType
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session

_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)


def run_statement(
    session: Session, text: str, args: Mapping[str, Any] | Sequence[Any] | None, named: Mapping[str, Any]
) -> DataFrame:
    """The result of one statement; commands are carried out now, queries when an action asks."""
    statement = text.strip().rstrip(";").strip()
    frames: dict[str, LogicalPlan] = {}
    if named:
        statement = _formatted(statement, named, frames)
    for pattern, command in _COMMANDS:
        found = re.fullmatch(pattern, statement, re.IGNORECASE | re.DOTALL)
        if found is not None:
            return command(session, *found.groups())
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
        if isinstance(node, exp.Create):
            return self._create_view(node, text)
        if isinstance(node, exp.Drop):
            return self._drop_view(node, text)
        raise _refused(text)

    def _plan(self, node: exp.Expression) -> LogicalPlan:
        return query_plan(node, self._session.analysis_settings, self._table, _numbers)

    def _table(self, parts: Sequence[str]) -> LogicalPlan | None:
        from streamcore.plan.logical import Alias

        name = parts[-1]
        if len(parts) == 1 and name in self._frames:
            return self._frames[name]
        view = self._session.views.lookup(".".join(parts[-2:]) if len(parts) > 1 else name)
        if view is not None:
            return Alias(view, name)
        if len(parts) == 2 and ("/" in name or "." in name):
            return self._session.read.format(parts[0]).load(name).plan
        return None

    def _create_view(self, node: exp.Create, text: str) -> DataFrame:
        properties = node.args.get("properties")
        kinds = {type(p).__name__ for p in properties.expressions} if properties is not None else set()
        if node.args.get("kind") != "VIEW" or node.expression is None:
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
        return _nothing(self._session)

    def _drop_view(self, node: exp.Drop, text: str) -> DataFrame:
        if node.args.get("kind") not in ("VIEW", "TABLE"):
            raise _refused(text)
        for table in node.args.get("tables") or [node.this]:
            is_global = table.args.get("db") is not None and table.args["db"].name == "global_temp"
            views = self._session.global_views if is_global else self._session.views
            if not views.drop(table.name) and not node.args.get("exists"):
                raise AnalysisException(
                    f"[TABLE_OR_VIEW_NOT_FOUND] The table or view `{table.name}` cannot be found. SQLSTATE: "
                    "42P01"
                )
        return _nothing(self._session)


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


# ---- commands ------------------------------------------------------------------------------------


def _show_tables(session: Session, _: str, pattern: str | None) -> DataFrame:
    rows = [
        (".".join(t.namespace or []), t.name, t.isTemporary)
        for t in session.catalog.listTables(pattern=pattern.strip("'\"") if pattern else None)
    ]
    schema = StructType(
        [
            StructField("namespace", StringType(), nullable=False),
            StructField("tableName", StringType(), nullable=False),
            StructField("isTemporary", BooleanType(), nullable=False),
        ]
    )
    return _local(session, rows, schema)


def _describe(session: Session, name: str) -> DataFrame:
    if re.match(r"(select|with|values|\()\b", name, re.IGNORECASE):
        columns = session.sql(name).plan.output
    else:
        columns = session.table(name.strip("`")).plan.output
    rows = [(a.name, a.data_type.simpleString(), None) for a in columns]
    schema = StructType(
        [
            StructField("col_name", StringType(), nullable=False),
            StructField("data_type", StringType(), nullable=False),
            StructField("comment", StringType()),
        ]
    )
    return _local(session, rows, schema)


def _show_columns(session: Session, name: str) -> DataFrame:
    rows = [(a.name,) for a in session.table(name.strip("`")).plan.output]
    return _local(session, rows, StructType([StructField("col_name", StringType(), nullable=False)]))


def _table(session: Session, name: str) -> DataFrame:
    return session.table(name)


def _explain(session: Session, mode: str | None, query: str) -> DataFrame:
    from streamcore.sql.explaining import explain_text

    text = explain_text(session.sql(query), (mode or "simple").strip().lower())
    return _local(session, [(text,)], StructType([StructField("plan", StringType(), nullable=False)]))


def _set(session: Session, key: str, value: str) -> DataFrame:
    session.conf.set(key.strip(), value.strip())
    schema = StructType(
        [StructField("key", StringType(), nullable=False), StructField("value", StringType(), nullable=False)]
    )
    return _local(session, [(key.strip(), value.strip())], schema)


def _cache(session: Session, name: str) -> DataFrame:
    session.catalog.cacheTable(name)
    return _nothing(session)


def _uncache(session: Session, name: str) -> DataFrame:
    session.catalog.uncacheTable(name)
    return _nothing(session)


_NAME = r"([\w.`]+)"
_COMMANDS: tuple[tuple[str, Callable[..., DataFrame]], ...] = (
    (r"show\s+(tables|views)(?:\s+(?:in|from)\s+\w+)?(?:\s+(?:like\s+)?('[^']*'))?", _show_tables),
    (rf"show\s+columns\s+(?:in|from)\s+{_NAME}", _show_columns),
    (r"(?:describe|desc)\s+(?:table\s+|query\s+)?(?:extended\s+)?(.+)", _describe),
    (r"explain\s+(?:(extended|formatted|codegen|cost)\s+)?(.+)", _explain),
    (rf"table\s+{_NAME}", _table),
    (r"set\s+([\w.]+)\s*=\s*(.+)", _set),
    (rf"cache\s+(?:lazy\s+)?table\s+{_NAME}", _cache),
    (rf"uncache\s+table\s+(?:if\s+exists\s+)?{_NAME}", _uncache),
)


def _local(session: Session, rows: list[tuple[Any, ...]], schema: StructType) -> DataFrame:
    return frame_of(local_relation(table_from_rows(rows, schema), schema), session)


def _nothing(session: Session) -> DataFrame:
    return _local(session, [], StructType([]))


def _numbers(start: int, end: int, step: int) -> LogicalPlan:
    return range_relation(start, end, step, 1)


def _refused(text: str) -> UnsupportedOperationException:
    words = " ".join(text.split()[:2]).upper()
    return UnsupportedOperationException(
        f"The statement {words} is not offered. SELECT, VALUES, CREATE [OR REPLACE] TEMPORARY VIEW, DROP "
        "VIEW, SHOW "
        "TABLES, SHOW COLUMNS, DESCRIBE, EXPLAIN, SET and CACHE TABLE are; write data with df.write or "
        "df.writeStream."
    )
