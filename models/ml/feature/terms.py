"""Columns of text and of arrays, as kernels read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import QueryExecutionException

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lists:
    """A column of arrays: that of row `i` is `values[offsets[i]:offsets[i + 1]]`; `offsets` begins at 0."""

    offsets: Places
    values: Any

    @property
    def lengths(self) -> Places:
        """How many values each row has."""
        return np.diff(self.offsets)

    @property
    def rows(self) -> Places:
        """For each value the row that it is of."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.lengths)

    def where(self, kept: npt.NDArray[np.bool_]) -> Lists:
        """With some of the values only."""
        counts = np.bincount(self.rows[kept], minlength=len(self.offsets) - 1)
        return Lists(offsets_of(counts), self.values.filter(pa.array(kept)))

    def to_arrow(self) -> pa.ListArray:
        """The column."""
        return pa.ListArray.from_arrays(pa.array(self.offsets, pa.int32()), self.values)


def offsets_of(lengths: npt.NDArray[Any]) -> Places:
    """Where each row begins, and the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def whole(column: Any, name: str, user: str) -> Any:
    """A column as one Arrow array without nulls; QueryExecutionException when there is one.

    PySpark fails there with a NullPointerException: what a transformer of text makes of a null is not told.
    """
    if column.null_count:
        raise QueryExecutionException(
            f"[FAILED_EXECUTE_UDF] {user} found a null in the column `{name}`: fill it, or drop those rows"
        )
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def texts(column: Any, name: str, user: str) -> Any:
    """A column of text as one Arrow array of strings without nulls."""
    return whole(column, name, user).cast(pa.string())


def lists(column: Any, name: str, user: str) -> Lists:
    """A column of arrays, none of which is null; what is in them may be."""
    array = whole(column, name, user)
    offsets = array.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    values = array.values.slice(offsets[0], offsets[-1] - offsets[0])
    return Lists(offsets - offsets[0], values)


def lowered(values: Any) -> Any:
    """Text in lower case by Unicode's full rules, as Java and Python have them; nulls stay."""
    ascii_only = pc.string_is_ascii(values)
    if pc.all(ascii_only).as_py() is not False:
        return pc.ascii_lower(values)
    full = [None if text is None else text.lower() for text in values.to_pylist()]
    return pa.array(full, values.type)
