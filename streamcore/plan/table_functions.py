"""Python functions that give tables: how a call is put into a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from streamcore.plan.analysis import AnalysisSettings, project, sort_rows
from streamcore.plan.attributes import Attribute, attribute, reference
from streamcore.plan.expressions import call
from streamcore.plan.logical import LogicalPlan, MappedRows

if TYPE_CHECKING:
    from streamcore.spi.computed import RowsFunction
    from streamcore.spi.types import StructType

_GROUP = "~group"


@dataclass(frozen=True)
class Placing:
    """How the rows of a table that a function is called with come together.

    Rows of equal `keys` come to one instance of the function, in the order of `orders`; no keys: all rows do.
    """

    keys: tuple[exp.Expression, ...] = ()
    orders: tuple[exp.Expression, ...] = ()


@dataclass(frozen=True)
class WrittenCall:
    """A call as it was written: its arguments with their keywords, over the rows of `child`.

    A `placing` is given for a call over a table, whose rows are structs among the arguments. The columns
    `passed` stand before what the function gives for a row.
    """

    child: LogicalPlan
    arguments: tuple[exp.Expression, ...]
    keywords: tuple[str | None, ...]
    passed: tuple[Attribute, ...] = ()
    placing: Placing | None = None


@dataclass(frozen=True)
class RowsLayout:
    """What a worker finds in the rows: the number of the group, if any, what is passed, arguments."""

    is_grouped: bool
    passed: int
    arguments: StructType
    keywords: tuple[str | None, ...]


class TableFunction(Protocol):
    """A function that gives tables."""

    @property
    def name(self) -> str:
        """What it is called in plans."""

    def planned(self, written: WrittenCall, settings: AnalysisSettings) -> PlannedCall:
        """What a call gives, and how it runs."""


@dataclass(frozen=True)
class PlannedCall:
    """A call whose result is known: its columns, what the engine runs, and how rows come to it."""

    output: StructType
    runs: Callable[[RowsLayout], RowsFunction]
    placing: Placing | None


def call_plan(function: TableFunction, given: WrittenCall, settings: AnalysisSettings) -> MappedRows:
    """The plan of a call: its rows, and before them the columns that are passed."""
    planned = function.planned(given, settings)
    written = replace(given, placing=planned.placing)
    below = _arguments(written, settings)
    first = int(written.placing is not None)
    count = first + len(written.passed)
    arguments = below.output[count : count + len(written.arguments)]
    layout = RowsLayout(bool(first), len(written.passed), _schema(arguments), written.keywords)
    columns = tuple(attribute(f.name, f.dataType, f.nullable, f.metadata) for f in planned.output.fields)
    group = below.output[0] if first else None
    return MappedRows(below, planned.runs(layout), (*written.passed, *columns), group)


def _arguments(written: WrittenCall, settings: AnalysisSettings) -> LogicalPlan:
    arguments = [_named(argument, f"~{at}") for at, argument in enumerate(written.arguments)]
    passed: list[exp.Expression] = [reference(column) for column in written.passed]
    if written.placing is None:
        return project(written.child, [*passed, *arguments], settings)
    keys, orders = written.placing.keys, written.placing.orders
    number: exp.Expression = exp.Literal.number(1)
    if keys:
        keyed = [exp.Ordered(this=key.copy(), desc=False, nulls_first=True) for key in keys]
        number = exp.Window(this=call("dense_rank"), order=exp.Order(expressions=keyed), over="OVER")
    bare = [order.this if isinstance(order, exp.Ordered) else order for order in orders]
    sorting = [_named(order.copy(), f"~order {at}") for at, order in enumerate(bare)]
    number = exp.Cast(this=number, to=exp.DataType.build("bigint"))
    found = project(written.child, [_named(number, _GROUP), *passed, *arguments, *sorting], settings)
    by = found.output[len(found.output) - len(sorting) :]
    terms = [_ordered(order, column) for order, column in zip(orders, by, strict=True)]
    return sort_rows(found, [reference(found.output[0]), *terms], settings)


def _ordered(order: exp.Expression, column: Attribute) -> exp.Expression:
    if not isinstance(order, exp.Ordered):
        return reference(column)
    changed = order.copy()
    changed.set("this", reference(column))
    return changed


def row_of(table: LogicalPlan) -> exp.Expression:
    """A row of a table as one value."""
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(column.name, quoted=True), expression=reference(column))
        for column in table.output
    ]
    return exp.Struct(expressions=fields)


def _named(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


def _schema(columns: Sequence[Attribute]) -> StructType:
    from streamcore.spi.types import StructField, StructType

    return StructType([StructField(a.name, a.data_type, a.nullable) for a in columns])
