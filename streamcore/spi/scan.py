"""An optional short cut from a source partition into the engine: the scan as DuckDB SQL.

A partition that offers `sql_scan()` is not read through Python: the engine puts the returned SELECT
in the place of the source inside the fragment, so that parsing, filtering and projection happen in one
pass.  The rows must be the same that `read(partition)` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class CarefulScan:
    """A scan for any data: its SELECT, and Arrow streams that it reads by their names.

    No other scan may have an input of the same name.
    """

    sql: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SplitScan:
    """A scan in two statements, for a partition so small that planning one costs more than running it.

    `rows` opens the partition; `over` gives the SELECT that makes the scan's rows of those of `rows`, which
    are in the relation that it is told.  All that differs from partition to partition of a source stands in
    `rows`, so that the other statement, with the fragment around it, is planned once.
    """

    rows: str
    over: Callable[[str], str]


@dataclass(frozen=True)
class SqlScan:
    """A SELECT that yields a partition's rows under the source's column names.

    `careful` makes the scan that is run instead when `sql` raises a data error (malformed input), so that
    the fast text may assume clean data; None when `sql` is already exact.  `split` is the same as `sql`.
    """

    sql: str
    careful: Callable[[], CarefulScan] | None = None
    split: SplitScan | None = None


@runtime_checkable
class SqlScannable(Protocol):
    """An input partition that can be scanned by SQL; `columns` are those that the query needs."""

    def sql_scan(self, columns: Sequence[str]) -> SqlScan | None:
        """The scan restricted to `columns` (all are allowed to be returned); None to fall back to `read`."""
