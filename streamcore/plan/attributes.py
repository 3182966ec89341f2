"""Columns as the plan knows them: a name for people, an id for the plan.

Two columns may share a name (both sides of a join); their ids differ, and every resolved reference
names the id.  In generated SQL a column is called by its `physical` name, such as `"ad_id#12"`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

if TYPE_CHECKING:
    from streamcore.spi.types import DataType

_ids = itertools.count(1)
_OUTER = "outer_column"
"""Where a reference has the parameter of a subquery that it reads; it is no part of any text."""


@dataclass(frozen=True)
class Attribute:
    """One output column of a plan node.

    `qualifier` is the alias or view name that may stand before the name ("t" in `t.a`), and `namespace` the
    catalog and database of a table that may stand before that;
    a column that is `qualified_only` is in reach under that qualifier alone, and no part of `*`;
    `watermark_delay_ms` is set on an event-time column below `withWatermark`; `metadata` is that of the
    field of a schema: any JSON object, which columns passed on keep.
    """

    name: str
    data_type: DataType
    nullable: bool
    id: int
    qualifier: str | None = None
    watermark_delay_ms: int | None = None
    qualified_only: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict, compare=False)
    namespace: tuple[str, ...] = ()

    @property
    def qualifiers(self) -> tuple[str, ...]:
        """What may stand before the name: catalog, database and table, the last of them, or none."""
        return () if self.qualifier is None else (*self.namespace, self.qualifier)

    @property
    def physical(self) -> str:
        """The column's name inside generated SQL; unique within a plan."""
        return f"{self.name}#{self.id}"

    def renewed(self) -> Attribute:
        """The same column under a fresh id (for the second appearance of a plan in a self-join)."""
        return replace(self, id=next_id())


def next_id() -> int:
    """A fresh attribute id, unique within the process."""
    return next(_ids)


def attribute(
    name: str, data_type: DataType, nullable: bool = True, metadata: Mapping[str, Any] | None = None
) -> Attribute:
    """A new column with a fresh id."""
    return Attribute(name, data_type, nullable, next_id(), metadata=metadata or {})


def reference(column: Attribute) -> exp.Column:
    """The resolved expression that reads `column`."""
    node = exp.Column(this=exp.Identifier(this=column.physical, quoted=True))
    node.meta["attribute_id"] = column.id
    return node


def referenced_id(node: exp.Expression) -> int | None:
    """The attribute id of a resolved column reference; None for anything else."""
    return node.meta.get("attribute_id") if isinstance(node, exp.Column) else None


def outer_reference(column: Attribute) -> exp.Column:
    """The resolved expression that reads a column which the rows around a subquery bring (a parameter)."""
    node = reference(column)
    node.meta[_OUTER] = column
    return node


def outer_column(node: exp.Expression) -> Attribute | None:
    """The parameter that a node made by `outer_reference` reads; None for any other node."""
    found: Attribute | None = node.meta.get(_OUTER) if isinstance(node, exp.Column) else None
    return found


def referenced_ids(expression: exp.Expression) -> set[int]:
    """The ids of all columns that a resolved expression reads."""
    found = (referenced_id(column) for column in expression.find_all(exp.Column))
    return {id_ for id_ in found if id_ is not None}


def substituted(expression: exp.Expression, by: Mapping[int, exp.Expression]) -> exp.Expression:
    """The resolved expression with other expressions in place of columns, by their ids."""

    def rule(node: exp.Expression) -> exp.Expression:
        found = by.get(referenced_id(node) or 0)
        return node if found is None else exp.Paren(this=found.copy())

    changed: exp.Expression = expression.copy().transform(rule)
    return changed


Scope = Mapping[str, Attribute]
"""Physical name -> attribute: what a resolved expression may read."""


def scope_of(columns: Iterable[Attribute]) -> Scope:
    """The scope that these columns form."""
    return {column.physical: column for column in columns}


@dataclass(frozen=True)
class NamedExpression:
    """A resolved expression and the column that it defines; a column passed through keeps its id."""

    expression: exp.Expression
    attribute: Attribute

    @property
    def is_reference(self) -> bool:
        """Whether this only passes a column through under the same id."""
        return referenced_id(self.expression) == self.attribute.id


def passed_through(column: Attribute) -> NamedExpression:
    """The named expression that hands `column` on unchanged."""
    return NamedExpression(reference(column), column)
