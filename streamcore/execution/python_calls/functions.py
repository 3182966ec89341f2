"""The kinds of Python functions, and how each runs in a worker: value by value, or on whole columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.execution.python_calls.frames import BATCH_ROWS
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

    def bound(self, columns: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
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
        return _in_worker(calls, lambda found: CallValues(found, inputs))


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
class SeriesFunction:
    """A function of pandas Series, or of iterators of them; a `RunsCalls` of the plan."""

    function: Callable[..., Any]
    time_zone: str
    iterates: bool = False

    def together(self, calls: Sequence[PlacedCall], inputs: StructType) -> InWorker:
        """See `streamcore.plan.python_functions.RunsCalls`."""
        iterates = [_runs(call).iterates for call in calls]
        return _in_worker(calls, lambda found: CallSeries(found, inputs, self.time_zone, iterates))


@dataclass(frozen=True)
class CallSeries:
    """The program of functions of pandas Series."""

    calls: Sequence[WorkerCall]
    inputs: StructType
    time_zone: str
    iterates: Sequence[bool]

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """The columns of all calls."""
        import pyarrow as pa

        from streamcore.execution.pandas_frames import series_of

        (rows,) = tables
        columns = [
            series_of(column, field.dataType, self.time_zone, field.name)
            for column, field in zip(rows.columns, self.inputs.fields, strict=False)
        ]
        made = [
            self._called(call, columns, rows.num_rows, iterates=iterates)
            for call, iterates in zip(self.calls, self.iterates, strict=True)
        ]
        return [pa.Table.from_arrays(made, names=[str(place) for place in range(len(made))])]

    def _called(self, call: WorkerCall, columns: Sequence[Any], rows: int, *, iterates: bool) -> Any:
        from streamcore.execution.series import array_of_series

        given, named = call.bound(columns)
        if iterates:
            batches: Iterator[Any] = iter([given[0] if len(given) == 1 else tuple(given)])
            found = _one_series(call, list(call.function(batches)))
        else:
            found = call.function(*given, **named)
        if not hasattr(found, "__len__"):
            raise TypeError(
                f"{call.name} is to return a pandas.Series or DataFrame, and returned {type(found).__name__}"
            )
        if len(found) != rows:
            raise ValueError(
                "[SCHEMA_MISMATCH_FOR_PANDAS_UDF] Result vector from pandas_udf was not the required "
                f"length: expected {rows}, got {len(found)}."
            )
        return array_of_series(found, call.name, call.returns, self.time_zone)


def _one_series(call: WorkerCall, found: list[Any]) -> Any:
    import pandas as pd

    if not found:
        raise ValueError(f"{call.name} returned no Series for the rows that it was given")
    return found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)


# ---- both ----------------------------------------------------------------------------------------


def _runs(call: PlacedCall) -> Any:
    return call.function.runs


def _in_worker(calls: Sequence[PlacedCall], program: Callable[[list[WorkerCall]], Any]) -> InWorker:
    found = [
        WorkerCall(c.function.name, _runs(c).function, c.arguments, c.keywords, c.function.returns)
        for c in calls
    ]
    return InWorker(tuple(call.name for call in found), Program(program(found)))
