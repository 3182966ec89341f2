"""The contract of functions that compute columns from rows, each row by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Computed:
    """What a function makes of rows.

    Parameters
    ----------
    columns
        The computed columns, in the order in which they were declared; each as long as the rows.
    kept
        Which rows stay: false drops one; None keeps them all.
    """

    columns: Sequence[pa.Array | pa.ChunkedArray]
    kept: pa.BooleanArray | None = None


class ColumnsFunction(Protocol):
    """Computes columns; a value that can be pickled, since it runs wherever tasks run.

    What comes out for a row depends on that row alone: the engine cuts rows into parts as it likes, and
    calls the function in several threads at once.
    """

    def __call__(self, rows: pa.Table) -> Computed:
        """The columns of `rows`, whose columns are the inputs in order, of any number, none included."""
