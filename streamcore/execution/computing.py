"""A Python function run over the rows of a fragment: its inputs in, its columns behind the others out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streamcore.duck.results import conform
from streamcore.errors import StreamcoreError
from streamcore.execution.leaves import schema_of
from streamcore.plan.logical import MappedRows
from streamcore.plan.rules import names_in_relation
from streamcore.spi.computed import FollowsVersions
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.logical import ComputedColumns, PythonNode
    from streamcore.spi.computed import ColumnsFunction, RowsFunction


@dataclass(frozen=True)
class ComputingStep:
    """One function over tables whose columns are those of the node's child.

    Parameters
    ----------
    places
        Where the inputs stand among the columns.
    below, made
        The schemas of the rows that come in, and of the columns that the function computes.
    names
        What the columns of the result are called where it is read.
    """

    function: ColumnsFunction
    places: tuple[int, ...]
    below: pa.Schema
    made: pa.Schema
    names: tuple[str, ...]

    @classmethod
    def of(cls, node: ComputedColumns) -> ComputingStep:
        """The step of a call in a plan."""
        at = {column.id: place for place, column in enumerate(node.child.output)}
        return cls(
            node.function,
            tuple(at[column.id] for column in node.inputs),
            to_arrow_schema(schema_of(node.child.output)),
            to_arrow_schema(schema_of(node.columns)),
            tuple(names_in_relation(node.output)),
        )

    def at(self, versions: Mapping[str, str]) -> ComputingStep:
        """The step by these versions of functions, where its own has some."""
        function = self.function
        if not isinstance(function, FollowsVersions):
            return self
        return replace(self, function=function.at(versions[function.followed]))

    def of_part(self, _: int, rows: pa.Table) -> pa.Table:
        """What `run` gives, for a part of a result whatever its number."""
        return self.run(rows)

    def run(self, rows: pa.Table) -> pa.Table:
        """The rows that the function keeps, with its columns behind theirs."""
        import pyarrow as pa

        rows = conform(rows.select(range(len(self.below))), self.below) if len(self.below) else rows
        found = self.function(rows.select(self.places))
        self._check(rows.num_rows, [len(column) for column in found.columns])
        arrays = [_chunked(column) for column in found.columns]
        computed = conform(pa.Table.from_arrays(arrays, self.made.names), self.made)
        columns = [*(rows.columns if len(self.below) else ()), *computed.columns]
        whole = pa.Table.from_arrays(columns, names=list(self.names))
        return whole if found.kept is None else whole.filter(found.kept)

    def _check(self, rows: int, lengths: list[int]) -> None:
        if lengths != [rows] * len(self.made):
            raise StreamcoreError(
                f"{type(self.function).__name__} was to compute {len(self.made)} columns of {rows} rows "
                f"({', '.join(self.made.names)}), and gave {len(lengths)} of {', '.join(map(str, lengths))}"
            )


@dataclass(frozen=True)
class MappingStep:
    """One function from rows to rows; see `ComputingStep` for the fields."""

    function: RowsFunction
    below: pa.Schema
    made: pa.Schema
    names: tuple[str, ...]

    @classmethod
    def of(cls, node: MappedRows) -> MappingStep:
        """The step of a call in a plan."""
        return cls(
            node.function,
            to_arrow_schema(schema_of(node.child.output)),
            to_arrow_schema(schema_of(node.columns)),
            tuple(names_in_relation(node.output)),
        )

    def at(self, versions: Mapping[str, str]) -> MappingStep:
        """The step itself: functions from rows to rows have no versions."""
        return self

    def of_part(self, _: int, rows: pa.Table) -> pa.Table:
        """What `run` gives, for a part of a result whatever its number."""
        return self.run(rows)

    def run(self, rows: pa.Table) -> pa.Table:
        """What the function makes of the rows; nothing of none."""
        import pyarrow as pa

        rows = conform(rows.select(range(len(self.below))), self.below)
        made = self.function(rows) if rows.num_rows else self.made.empty_table()
        return pa.Table.from_arrays(conform(made, self.made).columns, names=list(self.names))


def step_of(node: PythonNode) -> ComputingStep | MappingStep:
    """How rows are handed to the function of a node."""
    return MappingStep.of(node) if isinstance(node, MappedRows) else ComputingStep.of(node)


def _chunked(column: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
