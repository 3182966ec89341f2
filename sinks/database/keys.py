"""Rows with keys: one row per key, and no key without a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import CommitFailed

if TYPE_CHECKING:
    from collections.abc import Sequence


def last_of_each_key(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The last row of every key, in the order of the rows; what upserts one by one would leave.

    Raises CommitFailed naming a key column that is null: databases never find such a row again.
    """
    for key in keys:
        if table.column(key).null_count:
            raise CommitFailed(
                f"the key column {key!r} is null in {table.column(key).null_count} rows, and a row without "
                "a key cannot be updated later: filter such rows out or give them a value, coalesce(...) "
                "for instance"
            )
    numbered = table.select(list(keys)).append_column("", pa.array(range(table.num_rows), pa.int64()))
    last = numbered.group_by(list(keys)).aggregate([("", "max")]).column("_max")
    return table if len(last) == table.num_rows else table.take(last.take(pc.sort_indices(last)))
