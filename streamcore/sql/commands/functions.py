"""CREATE and DROP FUNCTION."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.plan.refusals import backticked
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.tables.function_metadata import Parameter, SqlFunction
from streamcore.sql.tables.names import TableName
from streamcore.sql.tables.view_plans import captured
from streamcore.sql.views import GLOBAL
from streamcore.version import __version__

if TYPE_CHECKING:
    from streamcore.sql.session import Session
    from streamcore.sql.statements import Statement

Command = Callable[["Statement"], None]

_QUERY: Final = ("select", "with", "values", "from", "table")
_BEHIND_TYPE: Final = (
    "default",
    "comment",
    "not null",
    "generated",
    "constraint",
    "unique",
    "check",
    "primary",
)
_CLAUSES: Final = (
    "language sql", "deterministic", "not deterministic", "comment", "contains sql", "reads sql data",
    "sql security invoker", "sql security definer", "return",
)  # fmt: skip


def _creates(*, is_replacing: bool, is_temporary: bool) -> Callable[[Cursor], Command]:
    def read(cursor: Cursor) -> Command:
        is_lenient = cursor.take("if not exists")
        if is_lenient and (is_replacing or is_temporary):
            word = "REPLACE" if is_replacing else "TEMPORARY"
            raise ParseException(
                f"[INVALID_SQL_SYNTAX.CREATE_ROUTINE_WITH_IF_NOT_EXISTS_AND_{word}] Invalid SQL syntax: "
                f"CREATE FUNCTION with both IF NOT EXISTS and {word} is not allowed. SQLSTATE: 42000"
            )
        name = cursor.name()
        if not cursor.sees("("):
            raise UnsupportedOperationException(
                f"CREATE FUNCTION {'.'.join(name)} AS a class is not offered: there is no JVM. Write it in "
                "SQL (CREATE FUNCTION f(a INT) RETURNS INT RETURN ...), or register a Python function with "
                "session.udf.register"
            )
        make = _defined(cursor, name, is_temporary=is_temporary)

        def run(statement: Statement) -> None:
            functions = statement.session.function_catalog
            functions.create(make(statement.session), is_replacing=is_replacing, ignore=is_lenient)

        return run

    return read


def _defined(cursor: Cursor, name: list[str], *, is_temporary: bool) -> Callable[[Session], SqlFunction]:
    """Reads the rest of a definition."""
    parameters = [_parameter(item) for item in cursor.items()]
    _require_sensible(name, parameters)
    returns, columns = _returns(cursor)
    comment, is_deterministic = None, None
    while (clause := cursor.expect(*_CLAUSES)) != "return":
        if clause == "comment":
            comment = cursor.string()
        elif clause.endswith("deterministic"):
            is_deterministic = clause == "deterministic"
        elif clause == "sql security definer":
            raise cursor.error("SQL SECURITY DEFINER is not offered: there are no users")
    is_query = any(map(cursor.sees, _QUERY))
    body = cursor.rest()
    if returns is None and not is_query and not body.startswith("("):
        raise AnalysisException(
            "[USER_DEFINED_FUNCTIONS.SQL_TABLE_UDF_BODY_MUST_BE_A_QUERY] User defined function is invalid: "
            f"SQL table function {'.'.join(name)} body must be a query. SQLSTATE: 42601"
        )

    def make(session: Session) -> SqlFunction:
        temporary = _temporary_views(session) if is_temporary else ()
        whole = TableName("", name[-1].lower()) if is_temporary else session.tables.new_name(name)
        return SqlFunction(
            name=whole,
            parameters=tuple(parameters),
            returns=returns,
            columns=tuple(columns),
            body=body,
            is_query=is_query,
            database=session.tables.current,
            settings=captured(session.conf.get),
            comment=comment,
            is_deterministic=is_deterministic,
            created_ms=time.time_ns() // 1_000_000,
            created_by=f"streamcore {__version__}",
            temporary=temporary,
        )

    return make


def _returns(cursor: Cursor) -> tuple[str | None, list[Parameter]]:
    """The type that a function gives, "" where the body tells; or None, and the columns of a table."""
    if not cursor.take("returns table"):
        return (cursor.until(*_CLAUSES) if cursor.take("returns") else ""), []
    columns = [_column(item) for item in cursor.items()] if cursor.sees("(") else None
    if columns == []:
        raise cursor.error("expected a column")
    _require_distinct(columns or [], "DUPLICATE_ROUTINE_RETURNS_COLUMNS", "RETURNS")
    return None, columns or []


def _temporary_views(session: Session) -> tuple[str, ...]:
    local = [name.lower() for name in session.views.names()]
    return (*local, *(f"{GLOBAL}.{name.lower()}" for name in session.global_views.names()))


def _parameter(cursor: Cursor) -> Parameter:
    found = _column(cursor, may_have_default=True)
    cursor.end()
    return found


def _column(cursor: Cursor, *, may_have_default: bool = False) -> Parameter:
    name, type_text = cursor.identifier(), cursor.until(*_BEHIND_TYPE)
    default = comment = None
    while not cursor.is_done:
        if cursor.take("not null"):
            raise AnalysisException(
                "[USER_DEFINED_FUNCTIONS.NOT_NULL_ON_FUNCTION_PARAMETERS] User defined function is invalid: "
                "Cannot specify NOT NULL on function parameters. SQLSTATE: 42601"
            )
        what = cursor.expect(*(("default", "comment") if may_have_default else ("comment",)))
        if what == "default":
            default = cursor.until("comment", "not null")
        else:
            comment = cursor.string()
    if not type_text:
        raise cursor.error(f"{name} needs a type")
    return Parameter(name, type_text, default, comment)


def _require_sensible(name: Sequence[str], parameters: Sequence[Parameter]) -> None:
    _require_distinct(parameters, "DUPLICATE_ROUTINE_PARAMETER_NAMES", "parameter list")
    for before, after in pairwise(parameters):
        if before.default is not None and after.default is None:
            raise AnalysisException(
                "[USER_DEFINED_FUNCTIONS.NOT_A_VALID_DEFAULT_PARAMETER_POSITION] User defined function is "
                f"invalid: In routine {backticked(name[-1])} parameter {backticked(before.name)} with "
                f"DEFAULT must not be followed by parameter {backticked(after.name)} without DEFAULT. "
                "SQLSTATE: 42601"
            )


def _require_distinct(columns: Sequence[Parameter], condition: str, where: str) -> None:
    names = [column.name.lower() for column in columns]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise AnalysisException(
            f"[{condition}] Found duplicate name(s) in the {where} of the user-defined routine: "
            f"{backticked(twice[0])}. SQLSTATE: {'42734' if 'PARAMETER' in condition else '42711'}"
        )


def _drops(*, is_temporary: bool) -> Callable[[Cursor], Command]:
    def read(cursor: Cursor) -> Command:
        is_lenient = cursor.take("if exists")
        name = cursor.name()
        return lambda at: at.session.function_catalog.drop(name, is_temporary=is_temporary, ignore=is_lenient)

    return read


READERS: Final = {
    **{
        f"create{replacing}{kind} function": _creates(is_replacing=bool(replacing), is_temporary=bool(kind))
        for replacing in ("", " or replace")
        for kind in ("", " temp", " temporary")
    },
    **{f"drop{kind} function": _drops(is_temporary=bool(kind)) for kind in ("", " temp", " temporary")},
}
