"""DECLARE, SET VARIABLE and DROP TEMPORARY VARIABLE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import AnalysisException, ParseException
from streamcore.plan.refusals import backticked
from streamcore.spi.types import StructField, parse_data_type
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.tables.assignment import DEFAULT
from streamcore.sql.tables.inserting import with_defaults
from streamcore.sql.tables.names import quoted
from streamcore.sql.variables import Variable, is_of_session

if TYPE_CHECKING:
    from streamcore.sql.statements import Statement

Command = Callable[["Statement"], None]


def _declare(cursor: Cursor) -> Command:
    is_replacing = cursor.take("or replace")
    if not any(map(cursor.sees, ("var =", "var default", "variable =", "variable default"))):
        cursor.take_one("variable", "var")
    names = [cursor.name()]
    while cursor.take(","):
        names.append(cursor.name())
    type_text = cursor.until("default", "=")
    default = cursor.rest() if cursor.take_one("default", "=") else None
    if not type_text and default is None:
        raise ParseException(
            "[INVALID_SQL_SYNTAX.VARIABLE_TYPE_OR_DEFAULT_REQUIRED] Invalid SQL syntax: The definition of a "
            "SQL variable requires either a datatype or a DEFAULT clause. For example, use DECLARE name "
            "STRING or DECLARE name = 'SQL' instead of DECLARE name. SQLSTATE: 42000"
        )
    for name in names:
        if not is_of_session(name[:-1]):
            raise AnalysisException(
                f"[UNRESOLVED_VARIABLE] Cannot resolve variable {quoted(name)} on search path "
                "[`system`.`session`]. SQLSTATE: 42883"
            )
    _require_distinct([name[-1] for name in names])
    wanted = parse_data_type(type_text) if type_text else None

    def run(statement: Statement) -> None:
        text = default or "NULL"
        if default is not None and "select" in default.lower().replace("(", " ").split():
            raise AnalysisException(
                "[INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION] Failed to execute DECLARE VARIABLE command "
                f"because the destination column or variable {quoted(['system', 'session', names[0][-1]])} "
                f"has a DEFAULT value {default}, which contains subquery expressions. SQLSTATE: 42623"
            )
        value, data_type = statement.typed_value(text, wanted)
        made = [Variable(name[-1].lower(), data_type, value, text) for name in names]
        statement.session.variables.declare(made, is_replacing=is_replacing)

    return run


def _require_distinct(names: Sequence[str]) -> None:
    for at, name in enumerate(names):
        if name.lower() in [other.lower() for other in names[:at]]:
            whole = quoted(["system", "session", name.lower()])
            raise AnalysisException(
                f"[DUPLICATE_VARIABLE_NAME_INSIDE_DECLARE] Found duplicate variable {whole} in the declare "
                "variable list. Please, remove one of them. SQLSTATE: 42734"
            )


def _set(cursor: Cursor) -> Command:
    if cursor.sees("("):
        names = [item.name() for item in cursor.items()]
        cursor.expect("=")
        query = cursor.inside()
        if not names:
            raise cursor.error("expected the name of a variable")
        return lambda at: assign_row(at, names, query)
    targets = []
    for part in cursor.parts():
        name = part.name()
        part.expect("=")
        targets.append((name, part.rest()))
    return lambda at: _assign(at, targets)


def _assign(statement: Statement, targets: Sequence[tuple[list[str], str]]) -> None:
    """Computes every value with the variables as they were, then sets them all."""
    variables = required(statement, [name for name, _ in targets])
    texts = [
        variable.default if text.lower() == "default" else text
        for variable, (_, text) in zip(variables, targets, strict=True)
    ]
    values = [
        statement.typed_value(text, variable.data_type)[0]
        for variable, text in zip(variables, texts, strict=True)
    ]
    _set_all(statement, variables, values)


def assign_row(statement: Statement, names: Sequence[list[str]], query: str) -> None:
    """Sets variables to the only row of a query, or to null when it has none."""
    variables = required(statement, names)
    fields = [StructField(v.name, v.data_type, metadata={DEFAULT: v.default}) for v in variables]
    frame = statement.frame_of(with_defaults(statement, statement.parsed_query(query), fields))
    if len(frame.columns) != len(variables):
        raise AnalysisException(
            "[ASSIGNMENT_ARITY_MISMATCH] The number of columns or variables assigned or aliased: "
            f"{len(variables)} does not match the number of source expressions: {len(frame.columns)}. "
            "SQLSTATE: 42802"
        )
    numbered = frame.toDF(*(f"_{at}" for at in range(len(variables))))
    columns = [
        numbered[f"_{at}"].cast(variable.data_type).alias(f"_{at}") for at, variable in enumerate(variables)
    ]
    rows = numbered.select(*columns).limit(2).collect()
    if len(rows) > 1:
        raise AnalysisException(
            "[ROW_SUBQUERY_TOO_MANY_ROWS] More than one row returned by a subquery used as a row. SQLSTATE: "
            "21000"
        )
    _set_all(statement, variables, list(rows[0]) if rows else [None] * len(variables))


def required(statement: Statement, names: Sequence[list[str]]) -> list[Variable]:
    """The variables of these names; raises AnalysisException for one that there is not, or twice."""
    found = [statement.session.variables.require(name) for name in names]
    for at, variable in enumerate(found):
        if variable in found[:at]:
            raise AnalysisException(
                f"[DUPLICATE_ASSIGNMENTS] The columns or variables {backticked(variable.name)} appear more "
                "than once as assignment targets. SQLSTATE: 42701"
            )
    return found


def _set_all(statement: Statement, variables: Sequence[Variable], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        statement.session.variables.set(variable, value)


def _drop(cursor: Cursor) -> Command:
    is_lenient = cursor.take("if exists")
    name = cursor.name()
    return lambda at: at.session.variables.drop(name, ignore=is_lenient)


_TEMPORARY: Final = ("temporary", "temp")
READERS: Final = {
    "declare": _declare,
    "set variable": _set,
    "set var": _set,
    **{f"drop {kind} {word}": _drop for kind in _TEMPORARY for word in ("variable", "var")},
}
