"""EXECUTE IMMEDIATE: a statement whose text is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import AnalysisException, ParseException
from streamcore.plan.refusals import backticked
from streamcore.sql.column import Column
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.parameters import has_named_parameters
from streamcore.sql.commands.variables import assign_row
from streamcore.sql.variables import constant

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.statements import Statement

_ALIAS: Final = "as"


def _execute(cursor: Cursor) -> Callable[[Statement], DataFrame | None]:
    text = cursor.until("into", "using")
    names: list[list[str]] = []
    if cursor.take("into"):
        names = [part.name() for part in _listed(cursor, "using")]
    given = [_argument(part) for part in _listed(cursor)] if cursor.take("using") else []

    def run(statement: Statement) -> DataFrame | None:
        query = _text(statement, text)
        inner = statement.with_arguments(_arguments(statement, given, query))
        if not names:
            return inner.run(query)
        if inner.is_command(query) and inner.read(query) is not None:
            raise AnalysisException(
                "[INVALID_STATEMENT_FOR_EXECUTE_INTO] The INTO clause of EXECUTE IMMEDIATE is only valid for "
                f"queries but the given statement is not a query: {query}. SQLSTATE: 07501"
            )
        assign_row(inner, names, query)
        return None

    return run


def _listed(cursor: Cursor, *ends: str) -> list[Cursor]:
    """What commas part up to one of the words, with or without brackets around."""
    if cursor.sees("("):
        return cursor.items()
    return cursor.upto(*ends).parts()


def _argument(cursor: Cursor) -> tuple[str | None, str]:
    value = cursor.until(_ALIAS)
    name = cursor.identifier() if cursor.take(_ALIAS) else None
    cursor.end()
    return name, value


def _arguments(
    statement: Statement, given: Sequence[tuple[str | None, str]], query: str
) -> dict[str, Column] | list[Column]:
    """The values by position for a text with `?`, else by name: an alias, or that of the variable."""
    values = [_constant(statement, value) for _, value in given]
    if not has_named_parameters(query):
        return values
    names = [name or value.strip("`") for name, value in given]
    unnamed = [f'"{value}"' for name, value in given if name is None and not value.strip("`").isidentifier()]
    if unnamed:
        raise AnalysisException(
            "[ALL_PARAMETERS_MUST_BE_NAMED] Using name parameterized queries requires all parameters to be "
            f"named. Parameters missing names: {', '.join(unnamed)}. SQLSTATE: 07001"
        )
    for name in names:
        if names.count(name) > 1:
            raise ParseException(
                "[EXEC_IMMEDIATE_DUPLICATE_ARGUMENT_ALIASES] The USING clause of this EXECUTE IMMEDIATE "
                f"command contained multiple arguments with same alias ({backticked(name)}), which is "
                "invalid; please update the command to specify unique aliases and then try it again. "
                "SQLSTATE: 42701"
            )
    return dict(zip(names, values, strict=True))


def _constant(statement: Statement, text: str) -> Any:
    value, data_type = statement.typed_value(text, None)
    return Column(constant(value, data_type))


def _text(statement: Statement, expression: str) -> str:
    found, data_type = statement.typed_value(expression, None)
    if found is None:
        raise AnalysisException(
            "[NULL_QUERY_STRING_EXECUTE_IMMEDIATE] Execute immediate requires a non-null variable as the "
            f"query string, but the provided variable `{expression}` is null. SQLSTATE: 22004"
        )
    if not isinstance(found, str):
        raise AnalysisException(
            "[INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE] Expression type must be string type but got "
            f'"{data_type.simpleString().upper()}". SQLSTATE: 42K09'
        )
    return found


READERS: Final = {"execute immediate": _execute}
