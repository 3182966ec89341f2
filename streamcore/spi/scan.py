"""An optional short cut from a source partition into the engine: the scan as DuckDB SQL.

A partition that offers `sql_scan()` is not read through Python: the engine puts the returned SELECT
in the place of the source inside the fragment, so that parsing, filtering and projection happen in one
pass.  The rows must be the same that `read(partition)` gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class SqlScan:
    """A SELECT that yields a partition's rows under the source's column names.

    `careful_sql` is run instead when `sql` raises a data error (malformed input), so that the fast
    text may assume clean data; None when `sql` is already exact.  `careful_inputs` are Arrow streams
    that `careful_sql` reads by their names; no other scan may have an input of the same name.
    """

    sql: str
    careful_sql: str | None = None
    careful_inputs: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class SqlScannable(Protocol):
    """An input partition that can be scanned by SQL; `columns` are those that the query needs."""

    def sql_scan(self, columns: Sequence[str]) -> SqlScan | None:
        """The scan restricted to `columns` (all are allowed to be returned); None to fall back to `read`."""
