"""Arrow arrays of plain numbers and flags, made through numpy.

`pa.array` and `pa.scalar` import pandas, where it is installed, the first time they are called: a quarter
of a second that a query's first batch would wait for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_Flags = npt.NDArray[np.bool_]


def integers(values: Sequence[int] | npt.NDArray[Any]) -> pa.Array:
    """An int64 array.

    >>> integers([3, 1]).to_pylist()
    [3, 1]
    """
    data = np.asarray(values, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(np.ascontiguousarray(data))])


def flags(values: Sequence[bool] | _Flags) -> pa.Array:
    """A boolean array.

    >>> flags([True, False]).to_pylist()
    [True, False]
    """
    data = np.asarray(values, dtype=np.bool_)
    bits = np.packbits(data, bitorder="little").tobytes()
    return pa.Array.from_buffers(pa.bool_(), len(data), [None, pa.py_buffer(bits)])


def same_flag(count: int, *, value: bool) -> pa.Array:
    """One flag for every row."""
    return flags(np.full(count, value))


def no_rows(schema: pa.Schema) -> pa.Table:
    """An empty table."""
    return pa.Table.from_batches([], schema)


def at_most(column: pa.ChunkedArray | pa.Array, bound: int, *, null_is: bool) -> _Flags:
    """Which values of an int64 column are not above `bound`.

    >>> at_most(integers([1, 5, 9]), 5, null_is=False).tolist()
    [True, True, False]
    """
    array = _one_array(column)
    values = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array)]
    below: _Flags = values <= bound
    if array.null_count == 0:
        return below
    valid: _Flags = array.is_valid().to_numpy(zero_copy_only=False)
    return np.where(valid, below, null_is)


def _one_array(column: Any) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            return column.chunk(0) if column.num_chunks else integers([])
    return column


def int64_values(array: pa.Array, null: int) -> npt.NDArray[np.int64]:
    """The values of an int64 array, `null` where there is none; a view of the array when it has all.

    >>> int64_values(integers([1, 5]), 0).tolist()
    [1, 5]
    """
    values = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array)]
    if array.null_count == 0:
        return values
    return np.where(array.is_valid().to_numpy(zero_copy_only=False), values, null)


def int64_column(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """The values of an int64 column without nulls."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *(int64_values(c, 0) for c in column.chunks)])
