"""Columns that Python functions compute, behind those of a DataFrame; the same in a batch and in a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.plan.attributes import Attribute, attribute
from streamcore.plan.logical import ComputedColumns
from streamcore.spi.computed import Computed
from streamcore.sql.dataframe.core import frame_of

if TYPE_CHECKING:
    from streamcore.plan.resolution import Names
    from streamcore.spi.computed import ColumnsFunction
    from streamcore.spi.types import StructField
    from streamcore.sql.dataframe import DataFrame

__all__ = ["Computed", "computed"]


def computed(
    dataset: DataFrame, inputs: Sequence[str], outputs: Sequence[StructField], function: ColumnsFunction
) -> DataFrame:
    """`dataset` with the columns behind its own that `function` computes from some of them.

    Parameters
    ----------
    dataset
        A DataFrame, streaming or not.
    inputs
        Names of its columns; the function gets them as a table, in this order.
    outputs
        The columns that the function computes, with their metadata.
    function
        Called for parts of the rows, of any size, several at once: see `ColumnsFunction`.

    Raises IllegalArgumentException for an input that there is not, or an output that there is already.

    >>> from dataclasses import dataclass
    >>> import pyarrow.compute as pc
    >>> from streamcore import Session
    >>> from streamcore.sql.types import LongType, StructField
    >>> @dataclass(frozen=True)
    ... class Plus:
    ...     number: int
    ...     def __call__(self, rows):
    ...         return Computed([pc.add(rows.column(0), self.number)])
    >>> numbers = Session.builder.getOrCreate().range(3)
    >>> computed(numbers, ["id"], [StructField("more", LongType())], Plus(10)).collect()
    [Row(id=0, more=10), Row(id=1, more=11), Row(id=2, more=12)]
    """
    read, names = tuple(_input(dataset, name) for name in inputs), _names(dataset)
    for field in outputs:
        if any(names.same(column, field.name) for column in dataset.columns):
            raise IllegalArgumentException(f"Output column {field.name} already exists.")
    made = tuple(attribute(f.name, f.dataType, f.nullable, f.metadata) for f in outputs)
    return frame_of(ComputedColumns(dataset.plan, read, function, made), dataset.session)


def _input(dataset: DataFrame, name: str) -> Attribute:
    names = _names(dataset)
    found = [column for column in dataset.plan.output if names.same(column.name, name)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"`{column}`" for column in dataset.columns)
    if found:
        raise IllegalArgumentException(f"the column `{name}` is not the only one of that name in {listed}")
    raise IllegalArgumentException(
        f"[FIELD_NOT_FOUND] No such struct field `{name}` in {listed}. SQLSTATE: 42704"
    )


def _names(dataset: DataFrame) -> Names:
    return dataset.session.analysis_settings.names(dataset.plan)
