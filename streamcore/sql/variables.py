"""The variables of a session: names for values that SQL text may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.expressions import call, type_node
from streamcore.spi.types import (
    ArrayType,
    DataType,
    DoubleType,
    MapType,
    NullType,
    StringType,
    StructType,
    TimestampNTZType,
)
from streamcore.sql.literals import literal_expression
from streamcore.sql.tables.names import quoted

_SYSTEM: Final = "system"
_SESSION: Final = "session"


@dataclass(frozen=True)
class Variable:
    """A variable: its value, and the text of its default, which is computed when it is asked for."""

    name: str
    data_type: DataType
    value: Any
    default: str

    @property
    def expression(self) -> exp.Expression:
        """The value as a constant of the variable's type."""
        return constant(self.value, self.data_type)

    @property
    def shown(self) -> str:
        """The variable as part of a column's name."""
        return f"variablereference(system.session.{self.name}={_shown(self.value, self.data_type)})"


class Variables:
    """Variables by name, without case."""

    def __init__(self) -> None:
        self._variables: dict[str, Variable] = {}

    def find(self, parts: Sequence[str]) -> Variable | None:
        """The variable of this name, whose schema is `session` or `system.session`; None without one."""
        known = self._variables.get(parts[-1].lower())
        return known if known is not None and is_of_session(parts[:-1]) else None

    def require(self, parts: Sequence[str]) -> Variable:
        """As `find`; raises AnalysisException when there is none."""
        found = self.find(parts)
        if found is None:
            raise AnalysisException(
                f"[UNRESOLVED_VARIABLE] Cannot resolve variable {quoted(list(parts))} on search path "
                "[`system`.`session`]. SQLSTATE: 42883"
            )
        return found

    def declare(self, variables: Sequence[Variable], *, is_replacing: bool) -> None:
        """Makes variables; raises AnalysisException when a name is taken, and makes none then."""
        for variable in variables:
            if variable.name.lower() in self._variables and not is_replacing:
                raise AnalysisException(
                    f"[VARIABLE_ALREADY_EXISTS] Cannot create the variable {_whole(variable.name)} because "
                    "it already exists. Choose a different name, or drop or replace the existing variable. "
                    "SQLSTATE: 42723"
                )
        self._variables.update({variable.name.lower(): variable for variable in variables})

    def set(self, variable: Variable, value: Any) -> None:
        """Gives a variable a value of its type."""
        self._variables[variable.name.lower()] = replace(variable, value=value)

    def drop(self, parts: Sequence[str], *, ignore: bool) -> None:
        """Forgets a variable; raises AnalysisException when there is none, unless that is to be ignored."""
        if self.find(parts) is not None:
            del self._variables[parts[-1].lower()]
        elif not ignore:
            raise AnalysisException(
                f"[VARIABLE_NOT_FOUND] The variable {_whole(parts[-1])} cannot be found. Verify the spelling "
                "and correctness of the schema and catalog.\nTo tolerate the error on drop use DROP VARIABLE "
                "IF EXISTS. SQLSTATE: 42883"
            )


def is_of_session(schema: Sequence[str]) -> bool:
    """Whether a schema's name is that of what a session has."""
    return [part.lower() for part in schema] in ([], [_SESSION], [_SYSTEM, _SESSION])


def constant(value: Any, data_type: DataType) -> exp.Expression:
    """A constant expression of a type that gives a value as rows hold it."""
    if isinstance(data_type, NullType):
        return exp.Null()
    if isinstance(data_type, StringType) and value is not None:
        return exp.Literal.string(value)
    return exp.Cast(this=_plain(value, data_type), to=type_node(data_type))


def _plain(value: Any, data_type: DataType) -> exp.Expression:
    if value is None:
        return exp.Null()
    match data_type:
        case TimestampNTZType():
            return exp.Literal.string(str(value))
        case ArrayType():
            return call("array", *(constant(item, data_type.elementType) for item in value))
        case MapType():
            pairs = [
                constant(*pair)
                for key, item in value.items()
                for pair in ((key, data_type.keyType), (item, data_type.valueType))
            ]
            return call("map", *pairs)
        case StructType():
            named = [
                part
                for at, field in enumerate(data_type.fields)
                for part in (exp.Literal.string(field.name), constant(value[at], field.dataType))
            ]
            return call("named_struct", *named)
    return literal_expression(value)


def _shown(value: Any, data_type: DataType) -> str:
    if value is None:
        return f"CAST(NULL AS {data_type.simpleString().upper()})"
    if isinstance(data_type, StringType):
        return f"'{value}'"
    return f"{value}D" if isinstance(data_type, DoubleType) else str(value)


def _whole(name: str) -> str:
    return quoted([_SYSTEM, _SESSION, name.lower()])
