"""The kinds of columns that functions of users take: pandas Series, or arrays of Arrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from streamcore.errors import ArgumentTypeError

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.types import DataType


class Columns(Protocol):
    """How a column is handed to a function, and what it returns becomes a column again."""

    def of(self, column: pa.Array | pa.ChunkedArray, data_type: DataType, name: str) -> Any:
        """A column as the function takes it."""

    def part(self, column: Any, first: int, last: int) -> Any:
        """Some of its rows."""

    def joined(self, columns: list[Any]) -> Any:
        """Several one after another; there is at least one."""

    def array(self, found: Any, name: str, data_type: DataType) -> pa.Array | pa.ChunkedArray:
        """What a function returned, as a column of this type; ArgumentTypeError for anything else."""

    def scalar(self, found: Any, name: str) -> Any:
        """What a function that aggregates returned, as a value of Python."""


@dataclass(frozen=True)
class PandasColumns:
    """pandas Series, or DataFrames for structs; times are naive and of the session's zone."""

    time_zone: str

    def of(self, column: pa.Array | pa.ChunkedArray, data_type: DataType, name: str) -> Any:
        """See `Columns.of`."""
        import pyarrow as pa

        from streamcore.execution.pandas_frames import series_of

        chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
        return series_of(chunked, data_type, self.time_zone, name)

    def part(self, column: Any, first: int, last: int) -> Any:
        """See `Columns.part`."""
        return column.iloc[first:last].reset_index(drop=True)

    def joined(self, columns: list[Any]) -> Any:
        """See `Columns.joined`."""
        import pandas as pd

        return columns[0] if len(columns) == 1 else pd.concat(columns, ignore_index=True)

    def array(self, found: Any, name: str, data_type: DataType) -> pa.Array | pa.ChunkedArray:
        """See `Columns.array`."""
        from streamcore.execution.series import array_of_series

        if not hasattr(found, "__len__"):
            raise ArgumentTypeError(
                f"{name} is to return a pandas.Series or DataFrame, and returned {type(found).__name__}"
            )
        return array_of_series(found, name, data_type, self.time_zone)

    def scalar(self, found: Any, name: str) -> Any:
        """See `Columns.scalar`."""
        import pandas as pd

        if isinstance(found, pd.Series | pd.DataFrame):
            raise ArgumentTypeError(
                f"{name} is to return one value for a group, and returned a {type(found).__name__}"
            )
        plain = found.item() if hasattr(found, "item") and getattr(found, "ndim", 0) == 0 else found
        return None if plain is pd.NaT or plain is pd.NA else plain


@dataclass(frozen=True)
class ArrowColumns:
    """Arrays of pyarrow."""

    def of(self, column: pa.Array | pa.ChunkedArray, data_type: DataType, name: str) -> Any:
        """See `Columns.of`."""
        import pyarrow as pa

        if not isinstance(column, pa.ChunkedArray):
            return column
        combined = column.combine_chunks()
        if isinstance(combined, pa.ChunkedArray):
            return combined.chunk(0) if combined.num_chunks else pa.array([], column.type)
        return combined

    def part(self, column: Any, first: int, last: int) -> Any:
        """See `Columns.part`."""
        return column.slice(first, last - first)

    def joined(self, columns: list[Any]) -> Any:
        """See `Columns.joined`."""
        import pyarrow as pa

        return columns[0] if len(columns) == 1 else pa.concat_arrays(columns)

    def array(self, found: Any, name: str, data_type: DataType) -> pa.Array | pa.ChunkedArray:
        """See `Columns.array`."""
        import pyarrow as pa

        from streamcore.spi.types import to_arrow_type

        if not isinstance(found, pa.Array | pa.ChunkedArray):
            raise ArgumentTypeError(
                f"[UDF_RETURN_TYPE] Return type of the user-defined function {name} should be pyarrow.Array, "
                f"but is {type(found).__name__}."
            )
        wanted = to_arrow_type(data_type)
        return found if found.type == wanted else found.cast(wanted)

    def scalar(self, found: Any, name: str) -> Any:
        """See `Columns.scalar`."""
        import pyarrow as pa

        if isinstance(found, pa.Array | pa.ChunkedArray):
            raise ArgumentTypeError(
                f"{name} is to return one value for a group, and returned a {type(found).__name__}"
            )
        return found.as_py() if isinstance(found, pa.Scalar) else found
