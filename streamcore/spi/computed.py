"""The contract of functions that compute columns from rows, each row by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

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


class RowsFunction(Protocol):
    """Makes rows of rows; a value that can be pickled, since it runs wherever tasks run."""

    def __call__(self, rows: pa.Table) -> pa.Table:
        """The rows made of one part, or of whole groups; the columns that were declared, in order."""


@runtime_checkable
class FollowsVersions(Protocol):
    """A function that has versions: all rows of a micro-batch are computed by the same one.

    Which one is logged before the batch runs, so that a batch that runs again computes the same.
    """

    @property
    def followed(self) -> str:
        """The name under which the versions are logged; the same at every start."""

    def newest(self) -> str:
        """The version that a batch which is planned now is to have."""

    def hold(self, holder: str) -> str:
        """As `newest`; the version is kept for the query `holder` until it lets it go."""

    def release(self, holder: str, keep: Collection[str]) -> None:
        """Lets go what was held for the query `holder`, but for the versions in `keep`."""

    def at(self, version: str) -> ColumnsFunction:
        """The function of a version; called wherever tasks run."""
