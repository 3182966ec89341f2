"""Sparse vectors made of (row, index, value)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from streamcore.models.ml.feature.terms import Places, offsets_of
from streamcore.models.ml.matrices import sparse_vectors

if TYPE_CHECKING:
    import pyarrow as pa


def counted(rows: Places, indices: npt.NDArray[Any], size: int) -> tuple[Places, Places, Places]:
    """Each (row, index) once, in order, and how often it occurs."""
    keys, counts = np.unique(rows * max(size, 1) + indices, return_counts=True)
    return keys // max(size, 1), keys % max(size, 1), counts.astype(np.int64)


def summed(
    rows: Places, indices: npt.NDArray[Any], values: npt.NDArray[np.float64], size: int
) -> tuple[Places, Places, npt.NDArray[np.float64]]:
    """Each (row, index) once, in order, and the sum of its values."""
    keys, where = np.unique(rows * size + indices, return_inverse=True)
    totals = np.bincount(where, values, minlength=len(keys)).astype(np.float64)
    return keys // size, keys % size, totals


def vectors_by_row(
    count: int, size: int, rows: Places, indices: npt.NDArray[Any], values: npt.NDArray[Any]
) -> pa.StructArray:
    """A column of `count` sparse vectors of a size, of entries that come row by row, by index."""
    return sparse_vectors(size, offsets_of(np.bincount(rows, minlength=count)), indices, values)
