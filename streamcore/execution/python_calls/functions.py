"""The kinds of Python functions, and how each runs in a worker: value by value, or on whole columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.execution.python_calls.frames import BATCH_ROWS
from streamcore.execution.python_calls.kinds import Columns
from streamcore.execution.python_calls.returned import returned_array
from streamcore.execution.python_workers.pool import Program, run_python
from streamcore.execution.rows import python_values
from streamcore.spi.computed import Computed
from streamcore.spi.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.python_functions import PlacedCall
    from streamcore.spi.types import DataType


@dataclass(frozen=True)
class WorkerCall:
    """One call, in the worker: the function, where its arguments stand, their keywords, what it returns."""

    name: str
    function: Callable[..., Any]
    places: tuple[int, ...]
    keywords: tuple[str | None, ...]
    returns: DataType

    def bound(self, columns: Sequence[Any] | Mapping[int, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments by position, and those by keyword, out of all columns."""
        pairs = list(zip(self.keywords, (columns[place] for place in self.places), strict=True))
        by_keyword = {keyword: column for keyword, column in pairs if keyword is not None}
        return [column for keyword, column in pairs if keyword is None], by_keyword


@dataclass(frozen=True)
class InWorker:
    """A `ColumnsFunction` whose calls run in the worker process of the task's slot."""

    names: tuple[str, ...]
    program: Program

    def __call__(self, rows: pa.Table) -> Computed:
        """See `streamcore.spi.computed.ColumnsFunction`."""
        if not rows.num_columns:  # functions without arguments: their number of rows travels as a column
            import pyarrow as pa

            rows = pa.table({"rows": pa.nulls(rows.num_rows)})
        (made,) = run_python(self.program, [rows])
        return Computed(made.columns)


# ---- value by value ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ValueFunction:
    """A function of values, called once for each row; a `RunsCalls` of the plan."""

    function: Callable[..., Any]

    def together(self, calls: Sequence[PlacedCall], inputs: StructType) -> InWorker:
        """See `streamcore.plan.python_functions.RunsCalls`."""
        return in_worker(calls, lambda found: CallValues(found, inputs))


@dataclass(frozen=True)
class CallValues:
    """The program of functions of values."""

    calls: Sequence[WorkerCall]
    inputs: StructType

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """The columns of all calls; batch by batch, since values take far more memory than columns."""
        import pyarrow as pa

        (rows,) = tables
        firsts = range(0, max(1, rows.num_rows), BATCH_ROWS)
        return [pa.concat_tables([self._of_batch(rows.slice(first, BATCH_ROWS)) for first in firsts])]

    def _of_batch(self, rows: pa.Table) -> pa.Table:
        import pyarrow as pa

        columns = [
            python_values(column, field.dataType)
            for column, field in zip(rows.columns, self.inputs.fields, strict=False)
        ]
        made = [self._called(call, columns, rows.num_rows) for call in self.calls]
        return pa.Table.from_arrays(made, names=[str(place) for place in range(len(made))])

    def _called(self, call: WorkerCall, columns: Sequence[list[Any]], rows: int) -> pa.Array:
        given, named = call.bound(columns)
        function = call.function
        if named:
            keywords = list(named)
            split = len(given)
            values = [
                function(*row[:split], **dict(zip(keywords, row[split:], strict=True)))
                for row in zip(*given, *named.values(), strict=True)
            ]
        elif given:
            values = list(map(function, *given))
        else:
            values = [function() for _ in range(rows)]
        if len(values) != rows:  # map ends where a function raises StopIteration
            raise RuntimeError(
                f"[STOP_ITERATION_OCCURRED] Caught StopIteration thrown from {call.name}; failing the task"
            )
        return returned_array(values, call.returns)


# ---- on whole columns -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ColumnFunction:
    """A function of whole columns, or of iterators of them; a `RunsCalls` of the plan.

    It sees `batch_rows` rows at once; 0 is all of a part.
    """

    function: Callable[..., Any]
    columns: Columns
    iterates: bool = False
    batch_rows: int = BATCH_ROWS

    def together(self, calls: Sequence[PlacedCall], inputs: StructType) -> InWorker:
        """See `streamcore.plan.python_functions.RunsCalls`."""
        kinds = [_column_function(call) for call in calls]
        return in_worker(calls, lambda found: CallColumns(found, inputs, kinds))


def _column_function(call: PlacedCall) -> ColumnFunction:
    found = call.function.runs
    assert isinstance(found, ColumnFunction)
    return found


@dataclass(frozen=True)
class CallColumns:
    """The program of functions of whole columns."""

    calls: Sequence[WorkerCall]
    inputs: StructType
    kinds: Sequence[ColumnFunction]

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """The columns of all calls."""
        import pyarrow as pa

        (rows,) = tables
        made = [self._called(call, kind, rows) for call, kind in zip(self.calls, self.kinds, strict=True)]
        return [pa.Table.from_arrays(made, names=[str(place) for place in range(len(made))])]

    def _called(self, call: WorkerCall, kind: ColumnFunction, rows: pa.Table) -> Any:
        size = kind.batch_rows if kind.batch_rows > 0 else max(1, rows.num_rows)
        batches = (
            call.bound(self._columns(call, kind, rows.slice(first, size)))
            for first in range(0, max(1, rows.num_rows), size)
        )
        if kind.iterates:
            found = list(call.function(given[0] if len(given) == 1 else tuple(given) for given, _ in batches))
            if not found:
                raise ValueError(f"{call.name} returned nothing for the rows that it was given")
        else:
            found = [call.function(*given, **named) for given, named in batches]
        made = [kind.columns.array(one, call.name, call.returns) for one in found]
        length = sum(map(len, made))
        if length != rows.num_rows:
            raise ValueError(
                "[SCHEMA_MISMATCH_FOR_PANDAS_UDF] Result vector from pandas_udf was not the required "
                f"length: expected {rows.num_rows}, got {length}."
            )
        return _one_column(made)

    def _columns(self, call: WorkerCall, kind: ColumnFunction, rows: pa.Table) -> dict[int, Any]:
        """The columns that a call reads, by their places."""
        return {
            place: kind.columns.of(
                rows.column(place), self.inputs.fields[place].dataType, self.inputs.fields[place].name
            )
            for place in set(call.places)
        }


def _one_column(arrays: Sequence[Any]) -> Any:
    import pyarrow as pa

    if len(arrays) == 1:
        return arrays[0]
    chunks = [chunk for a in arrays for chunk in (a.chunks if isinstance(a, pa.ChunkedArray) else [a])]
    return pa.chunked_array(chunks, arrays[0].type)


# ---- both ----------------------------------------------------------------------------------------


def _runs(call: PlacedCall) -> Any:
    return call.function.runs


def in_worker(calls: Sequence[PlacedCall], program: Callable[[list[WorkerCall]], Any]) -> InWorker:
    """The calls as they run in a worker."""
    found = [
        WorkerCall(c.function.name, _runs(c).function, c.arguments, c.keywords, c.function.returns)
        for c in calls
    ]
    return InWorker(tuple(call.name for call in found), Program(program(found)))
