"""The two forms in which a user's function takes and gives rows: pandas DataFrames, and Rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.execution.pandas_frames import to_pandas
from streamcore.execution.rows import table_from_rows
from streamcore.execution.series import table_of_frames
from streamcore.spi.row import row_of
from streamcore.spi.types import StructType, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa


class Flavor(Protocol):
    """How rows look to the user."""

    def keys(self, table: pa.Table, schema: StructType) -> list[tuple[Any, ...]]:
        """The keys, one tuple per row."""

    def groups(self, table: pa.Table, schema: StructType) -> Rows:
        """The rows, to be cut into groups."""

    def collected(self, schema: StructType) -> Collected:
        """Takes what the user gives."""


class Rows(Protocol):
    """The rows of all groups of a batch."""

    def between(self, first: int, last: int) -> Iterator[Any]:
        """What a function is handed for the rows from `first` to before `last`."""


class Collected(Protocol):
    """The rows that come out."""

    def add(self, given: Any) -> None:
        """Takes what a function returned: an iterable of frames or of rows."""

    def table(self) -> pa.Table:
        """All of them."""


class InPandas:
    """Groups as DataFrames, whose times are naive and of the session's zone."""

    def __init__(self, time_zone: str) -> None:
        self._time_zone = time_zone

    def keys(self, table: pa.Table, schema: StructType) -> list[tuple[Any, ...]]:
        """The keys, in the kinds that a Series gives."""
        frame = to_pandas(table, schema, self._time_zone)
        columns = [list(frame.iloc[:, at]) for at in range(frame.shape[1])]
        return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows

    def groups(self, table: pa.Table, schema: StructType) -> Rows:
        """One DataFrame, cut when a function looks at its group."""
        return self.cut(to_pandas(table, schema, self._time_zone))

    def cut(self, frame: Any) -> Rows:
        """A DataFrame, to be cut into groups."""
        return _Frames(frame)

    def collected(self, schema: StructType) -> Collected:
        """DataFrames as a table of `schema`."""
        return _CollectedFrames(schema, self._time_zone)


class _Frames:
    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def between(self, first: int, last: int) -> Iterator[Any]:
        import pandas as pd

        part = self._frame.iloc[first:last]
        part.index = pd.RangeIndex(last - first)
        yield part


class _CollectedFrames:
    def __init__(self, schema: StructType, time_zone: str) -> None:
        self._schema = schema
        self._time_zone = time_zone
        self._frames: list[Any] = []

    def add(self, given: Any) -> None:
        import pandas as pd

        if isinstance(given, pd.DataFrame):
            raise _wrong_return("iterable of pandas.DataFrame", "DataFrame")
        for frame in _iterable(given):
            if not isinstance(frame, pd.DataFrame):
                raise _wrong_return("iterator of pandas.DataFrame", f"iterator of {type(frame).__name__}")
            if len(frame) or len(frame.columns):
                self._frames.append(frame)

    def table(self) -> pa.Table:
        return table_of_frames(self._frames, self._schema, self._time_zone)


class InRows:
    """Groups as Rows, whose times know their zone, that of the session."""

    def __init__(self, time_zone: str) -> None:
        self._time_zone = time_zone

    def keys(self, table: pa.Table, schema: StructType) -> list[tuple[Any, ...]]:
        """The keys as plain tuples."""
        columns = [self._values(column) for column in table.columns]
        return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows

    def groups(self, table: pa.Table, schema: StructType) -> Rows:
        """All rows, made at once: most are looked at."""
        names = list(schema.names)
        return _ListedRows([row_of(names, values) for values in self.keys(table, schema)])

    def _values(self, column: pa.ChunkedArray) -> list[Any]:
        """As pyarrow gives them, which is what PySpark hands on here: a struct is a dict."""
        import pyarrow as pa

        if pa.types.is_timestamp(column.type) and column.type.tz is not None:
            column = column.cast(pa.timestamp("us", self._time_zone))
        values: list[Any] = column.to_pylist()
        return values

    def collected(self, schema: StructType) -> Collected:
        """Rows as a table of `schema`."""
        return _CollectedRows(schema)


class _ListedRows:
    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def between(self, first: int, last: int) -> Iterator[Any]:
        return iter(self._rows[first:last])


class _CollectedRows:
    def __init__(self, schema: StructType) -> None:
        self._schema = schema
        self._rows: list[Any] = []

    def add(self, given: Any) -> None:
        for row in _iterable(given):
            self._rows.append(self._ordered(row))

    def table(self) -> pa.Table:
        import pyarrow as pa

        if not self._rows:
            return pa.Table.from_batches([], to_arrow_schema(self._schema))
        try:
            return table_from_rows(self._rows, self._schema)
        except (pa.ArrowException, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise ArgumentTypeError(
                f"a row does not fit the output schema {self._schema.simpleString()}: {error}"
            ) from error

    def _ordered(self, row: Any) -> Any:
        if not isinstance(row, tuple):
            raise _wrong_return("iterator of Row", f"iterator of {type(row).__name__}")
        if len(row) != len(self._schema.fields):
            raise IllegalArgumentException(
                f"[AXIS_LENGTH_MISMATCH] Length mismatch: Expected axis has {len(self._schema.fields)} "
                f"element, new values have {len(row)} elements."
            )
        names = getattr(row, "__fields__", None)
        if names is None or list(names) == self._schema.names or set(names) != set(self._schema.names):
            return row
        return tuple(row[list(names).index(name)] for name in self._schema.names)


def _iterable(given: Any) -> Any:
    if not hasattr(given, "__iter__"):
        raise _wrong_return("iterable", type(given).__name__)
    return given


def _wrong_return(expected: str, actual: str) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"[UDF_RETURN_TYPE] Return type of the user-defined function should be {expected}, but is {actual}."
    )
