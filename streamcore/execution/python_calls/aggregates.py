"""Functions that aggregate, in a worker: called once for each list of rows, with whole columns of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from streamcore.execution.python_calls.functions import InWorker, WorkerCall, in_worker
from streamcore.execution.python_calls.kinds import Columns
from streamcore.execution.python_calls.returned import returned_array
from streamcore.plan.python_functions import NO_ARGUMENT
from streamcore.spi.types import ArrayType, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.python_functions import PlacedCall


@dataclass(frozen=True, eq=False)
class GroupFunction:
    """A function from columns of a group's rows to one value; a `RunsCalls` of the plan.

    Its one argument is the list of the rows, as structs of what it is called with; `keywords` name these.
    """

    function: Callable[..., Any]
    columns: Columns
    iterates: bool = False

    def together(self, calls: Sequence[PlacedCall], inputs: StructType) -> InWorker:
        """See `streamcore.plan.python_functions.RunsCalls`."""
        return in_worker(calls, lambda found: CallGroups(found, inputs, [_group_function(c) for c in calls]))


def _group_function(call: PlacedCall) -> GroupFunction:
    found = call.function.runs
    assert isinstance(found, GroupFunction)
    return found


@dataclass(frozen=True)
class CallGroups:
    """The program of functions that aggregate."""

    calls: Sequence[WorkerCall]
    inputs: StructType
    kinds: Sequence[GroupFunction]

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """The columns of all calls: a value for each list."""
        import pyarrow as pa

        (rows,) = tables
        made = [
            self._called(call, kind, rows.column(call.places[0]))
            for call, kind in zip(self.calls, self.kinds, strict=True)
        ]
        return [pa.Table.from_arrays(made, names=[str(place) for place in range(len(made))])]

    def _called(self, call: WorkerCall, kind: GroupFunction, lists: pa.ChunkedArray) -> pa.Array:
        schema = self.inputs.fields[call.places[0]].dataType
        assert isinstance(schema, ArrayType)
        struct = schema.elementType
        assert isinstance(struct, StructType)
        bounds, columns = _taken_apart(lists)
        keywords = [] if struct.names == [NO_ARGUMENT] else _keywords(struct)
        whole = [
            kind.columns.of(columns[at], struct.fields[at].dataType, struct.names[at])
            for at in range(len(keywords))
        ]
        values = [
            kind.columns.scalar(
                _value(kind, [kind.columns.part(column, low, high) for column in whole], keywords), call.name
            )
            if is_list
            else None
            for is_list, (low, high) in zip(lists.is_valid().to_pylist(), pairwise(bounds), strict=True)
        ]
        return returned_array(values, call.returns)


def _keywords(struct: StructType) -> list[str | None]:
    """The keyword of each argument; those by position have numbers for names."""
    return [None if name.isdigit() else name for name in struct.names]


def _value(kind: GroupFunction, columns: list[Any], keywords: list[str | None]) -> Any:
    if kind.iterates:
        batches: Iterator[Any] = iter([columns[0] if len(columns) == 1 else tuple(columns)])
        return kind.function(batches)
    given = [column for column, keyword in zip(columns, keywords, strict=True) if keyword is None]
    named = {
        keyword: column for column, keyword in zip(columns, keywords, strict=True) if keyword is not None
    }
    return kind.function(*given, **named)


def _taken_apart(lists: pa.ChunkedArray) -> tuple[list[int], list[pa.Array]]:
    """Where each list begins among all rows, and where the last ends; and the columns of all rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    together = lists.combine_chunks()
    if isinstance(together, pa.ChunkedArray):
        together = pa.concat_arrays(together.chunks) if together.num_chunks else pa.array([], lists.type)
    lengths = pc.fill_null(pc.list_value_length(together), 0)
    bounds = [0, *pc.cumulative_sum(lengths.cast(pa.int64())).to_pylist()]
    return bounds, together.flatten().flatten()
