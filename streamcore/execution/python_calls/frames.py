"""Python functions from frames to frames, in a worker: over batches of rows, over groups, over two sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.execution.pandas_frames import to_pandas
from streamcore.execution.python_workers.pool import Program, run_python
from streamcore.execution.series import table_of_frames
from streamcore.spi.types import StructType, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000
"""How many rows a function over batches sees at once; PySpark's default."""


@dataclass(frozen=True)
class RowsInWorker:
    """A `RowsFunction` that runs in the worker process of the task's slot."""

    call: str
    program: Program

    def __call__(self, rows: pa.Table) -> pa.Table:
        """See `streamcore.spi.computed.RowsFunction`."""
        return run_python(self.program, [rows])[0]


class Frames(Protocol):
    """The kind of frames that a function takes and gives."""

    @property
    def kind(self) -> str:
        """What they are called."""

    def of(self, rows: pa.Table, schema: StructType) -> Any:
        """Rows as a frame."""

    def keys(self, rows: pa.Table, schema: StructType) -> tuple[Any, ...]:
        """The one row as a key."""

    def table(self, frames: Sequence[Any], schema: StructType) -> pa.Table:
        """Frames as rows of `schema`."""

    def is_one(self, given: Any) -> bool:
        """Whether this is such a frame."""

    def without_others(self, frame: Any, schema: StructType) -> Any:
        """The frame without columns beside those of `schema`, where it has all of these."""


@dataclass(frozen=True)
class PandasFrames:
    """pandas DataFrames, whose times are naive and of the session's zone."""

    time_zone: str
    kind: str = "pandas.DataFrame"

    def of(self, rows: pa.Table, schema: StructType) -> Any:
        """See `Frames.of`."""
        return to_pandas(rows, schema, self.time_zone)

    def keys(self, rows: pa.Table, schema: StructType) -> tuple[Any, ...]:
        """See `Frames.keys`."""
        frame = self.of(rows, schema)
        return tuple(frame.iloc[0, place] for place in range(frame.shape[1]))

    def table(self, frames: Sequence[Any], schema: StructType) -> pa.Table:
        """See `Frames.table`."""
        kept = [frame for frame in frames if len(frame) or len(frame.columns)]
        return table_of_frames(kept, schema, self.time_zone)

    def is_one(self, given: Any) -> bool:
        """See `Frames.is_one`."""
        import pandas as pd

        return isinstance(given, pd.DataFrame)

    def without_others(self, frame: Any, schema: StructType) -> Any:
        """See `Frames.without_others`."""
        return frame[schema.names] if set(schema.names) < set(frame.columns) else frame


@dataclass(frozen=True)
class ArrowTables:
    """Arrow tables."""

    kind: str = "pyarrow.Table"

    def of(self, rows: pa.Table, schema: StructType) -> Any:
        """See `Frames.of`."""
        return rows.rename_columns(schema.names)

    def keys(self, rows: pa.Table, schema: StructType) -> tuple[Any, ...]:
        """See `Frames.keys`."""
        return tuple(column[0] for column in rows.columns)

    def table(self, frames: Sequence[Any], schema: StructType) -> pa.Table:
        """See `Frames.table`."""
        import pyarrow as pa

        if not frames:
            return to_arrow_schema(schema).empty_table()
        return pa.concat_tables([_arrow_rows(frame, schema) for frame in frames])

    def is_one(self, given: Any) -> bool:
        """See `Frames.is_one`."""
        import pyarrow as pa

        return isinstance(given, pa.Table)

    def without_others(self, frame: Any, schema: StructType) -> Any:
        """See `Frames.without_others`."""
        return frame.select(schema.names) if set(schema.names) < set(frame.schema.names) else frame


@dataclass(frozen=True)
class ArrowBatches(ArrowTables):
    """Arrow record batches."""

    kind: str = "pyarrow.RecordBatch"

    def of(self, rows: pa.Table, schema: StructType) -> Any:
        """See `Frames.of`."""
        return rows.rename_columns(schema.names).combine_chunks().to_batches()[0]

    def is_one(self, given: Any) -> bool:
        """See `Frames.is_one`."""
        import pyarrow as pa

        return isinstance(given, pa.RecordBatch)


def _arrow_rows(frame: Any, schema: StructType) -> pa.Table:
    """The rows with the columns of `schema`: by name where all names are known, else by place.

    Raises for a column of another type, but that texts, bytes and lists may be of any layout.
    """
    import pyarrow as pa

    table = pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
    wanted = to_arrow_schema(schema)
    if set(table.column_names) == set(schema.names):
        table = table.select(schema.names)
    elif table.num_columns != len(schema.names):
        raise IllegalArgumentException(
            "[RESULT_COLUMN_SCHEMA_MISMATCH] the function is declared to return the columns "
            f"{', '.join(schema.names)}, and returned {', '.join(table.column_names)}"
        )
    for column, field in zip(table.columns, wanted, strict=True):
        if not _same_meaning(column.type, field.type):
            raise ArgumentTypeError(
                f"[RESULT_TYPE_MISMATCH] the column {field.name!r} is declared as {field.type}, and returned "
                f"as {column.type}"
            )
    return table.rename_columns(wanted.names).cast(wanted)


def _same_meaning(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a type is another layout of the wanted one; nested types are left to the cast."""
    import pyarrow as pa

    if found == wanted or pa.types.is_null(found) or pa.types.is_nested(wanted):
        return True
    if pa.types.is_timestamp(wanted):
        return bool(pa.types.is_timestamp(found))
    texts = {pa.string(), pa.large_string(), pa.string_view()}
    binaries = {pa.binary(), pa.large_binary(), pa.binary_view()}
    return {found, wanted} <= texts or {found, wanted} <= binaries


# ---- batches of rows -------------------------------------------------------------------------------


@dataclass(frozen=True)
class OverBatches:
    """The program of a function from an iterator of frames to one."""

    function: Callable[[Iterator[Any]], Iterable[Any]]
    frames: Frames
    rows: StructType
    output: StructType

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """The rows of all frames that the function gives."""
        (rows,) = tables
        batches = (
            self.frames.of(rows.slice(first, BATCH_ROWS), self.rows)
            for first in range(0, rows.num_rows, BATCH_ROWS)
        )
        given = self.function(batches)
        if not hasattr(given, "__iter__") or self.frames.is_one(given):
            raise _wrong_return(f"iterator of {self.frames.kind}", type(given).__name__)
        found = []
        for frame in given:
            if not self.frames.is_one(frame):
                raise _wrong_return(f"iterator of {self.frames.kind}", f"iterator of {type(frame).__name__}")
            found.append(self.frames.without_others(frame, self.output))
        return [self.frames.table(found, self.output)]


# ---- groups ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OverGroups:
    """The program of a function of one group: the first column numbers the groups, then keys and rows."""

    function: Callable[..., Any]
    takes_key: bool
    frames: Frames
    keys: StructType
    rows: StructType
    output: StructType

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """The rows of the frames that the function gives for the groups."""
        (table,) = tables
        width = 1 + len(self.keys.fields)
        keys = table.select(range(1, width))
        rows = table.select(range(width, table.num_columns))
        found = []
        for first, last in pairwise(starts(table)):
            frame = self.frames.of(rows.slice(first, last - first), self.rows)
            key = (self.frames.keys(keys.slice(first, 1), self.keys),) if self.takes_key else ()
            found.append(_one(self.function(*key, frame), self.frames))
        return [self.frames.table(found, self.output)]


@dataclass(frozen=True)
class OverCogroups:
    """The program of a function of two groups of one key.

    Behind the group and the keys stand the rows of the left side and those of the right as structs, one of
    which is null; those of the left come first.
    """

    function: Callable[..., Any]
    takes_key: bool
    frames: Frames
    keys: StructType
    sides: tuple[StructType, StructType]
    output: StructType

    def __call__(self, tables: list[pa.Table], _: Any) -> list[pa.Table]:
        """The rows of the frames that the function gives for the pairs of groups."""
        import pyarrow as pa

        (table,) = tables
        width = 1 + len(self.keys.fields)
        keys = table.select(range(1, width))
        structs = [table.column(width), table.column(width + 1)]
        is_left = structs[0].is_valid().to_numpy()
        rows = [
            pa.Table.from_arrays(struct.flatten(), names=list(schema.names))
            for struct, schema in zip(structs, self.sides, strict=True)
        ]
        found = []
        for first, last in pairwise(starts(table)):
            middle = first + int(np.count_nonzero(is_left[first:last]))
            left = self.frames.of(rows[0].slice(first, middle - first), self.sides[0])
            right = self.frames.of(rows[1].slice(middle, last - middle), self.sides[1])
            key = (self.frames.keys(keys.slice(first, 1), self.keys),) if self.takes_key else ()
            found.append(_one(self.function(*key, left, right), self.frames))
        return [self.frames.table(found, self.output)]


def starts(table: pa.Table) -> list[int]:
    """Where groups begin, and where the last ends."""
    numbers = table.column(0).to_numpy()
    changes = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    return [0, *changes.tolist(), len(numbers)]


def _one(given: Any, frames: Frames) -> Any:
    if not frames.is_one(given):
        raise _wrong_return(frames.kind, type(given).__name__)
    return given


def _wrong_return(expected: str, actual: str) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"[UDF_RETURN_TYPE] Return type of the user-defined function should be {expected}, but is {actual}."
    )
