"""The changes of a batch, folded: what has to be done once for each key.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import CommitFailed
from streamcore.sinks.database.change_columns import (
    BEFORE,
    CREATED,
    DELETE,
    READ,
    TRUNCATE,
    WRITE,
    kinds_of_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.sinks.database.change_columns import ChangeColumns

    Numbers = np.ndarray[Any, np.dtype[np.int64]]
    Flags = np.ndarray[Any, np.dtype[np.bool_]]

_WORDS = kinds_of_words()


@dataclass(frozen=True)
class Folded:
    """What a batch does to its table, in this order.

    All rows go (`empties`), the keys of `deletes` go, `writes` are upserted, and each of `updates` changes
    only the columns that it has, in rows that are there.
    """

    empties: bool
    deletes: pa.Table
    writes: pa.Table
    updates: tuple[pa.Table, ...]


def are_at_start(changes: pa.Table, told: ChangeColumns) -> bool:
    """Whether all rows are those that a table had when its changes began, each key once."""
    return bool(pc.all(pc.equal(changes.column(told.op), READ), min_count=0, skip_nulls=False).as_py())


def fold(changes: pa.Table, keys: Sequence[str], told: ChangeColumns) -> Folded:
    """The last change of every key; raises CommitFailed for rows that are no changes."""
    kinds = _kinds(changes.column(told.op))
    _require_no_nulls(changes, told.order, "a change without its place cannot be put in order")
    empties = bool((kinds == TRUNCATE).any())
    kept = kinds != BEFORE
    if empties:
        kept &= _after_last(changes, told.order, kinds == TRUNCATE)
    kept &= kinds != TRUNCATE
    changes, kinds = changes.filter(pa.array(kept)), kinds[kept]
    _require_no_nulls(changes, keys, "a change without a key belongs to no row")
    by_key = [(name, "ascending") for name in [*keys, *told.order]]
    order = pc.sort_indices(changes, by_key) if changes.num_rows else pa.array([], pa.uint64())
    changes, kinds = changes.take(order), kinds[order.to_numpy()]
    first = _firsts(changes, keys)
    last = np.flatnonzero(np.roll(first, -1))  # the first row of the first key makes the very last row one
    names = [name for name in changes.column_names if name not in {told.op, *told.order, told.unchanged}]
    rows = changes.select(names)
    deleted = kinds[last] == DELETE
    deletes = rows.select(list(keys)).take(pa.array(last[deleted]))
    written = last[~deleted]
    missing = {} if told.unchanged is None else _missing(changes.column(told.unchanged), names)
    if missing:
        _require_whole(changes, told, kinds, missing)
        return Folded(empties, deletes, *_with_missing(rows, written, first, missing))
    return Folded(empties, deletes, rows.take(pa.array(written)), ())


def _kinds(ops: pa.ChunkedArray) -> Numbers:
    words = pc.utf8_lower(ops.cast(pa.string()))
    found = pc.index_in(words, value_set=pa.array(list(_WORDS)))
    if found.null_count:
        odd = ops.filter(pc.is_null(found))[0].as_py()
        raise CommitFailed(
            f"the column of the option opColumn holds {odd!r}, which is no change; known are "
            f"{', '.join(_WORDS)}. Nothing of the batch is visible"
        )
    kinds: Numbers = np.array(list(_WORDS.values()))[found.to_numpy()]
    return kinds


def _require_no_nulls(changes: pa.Table, names: Sequence[str], why: str) -> None:
    for name in names:
        if count := changes.column(name).null_count:
            raise CommitFailed(
                f"the column {name!r} is null in {count} changes: {why}. Nothing of the batch is visible"
            )


def _after_last(changes: pa.Table, order: Sequence[str], marks: Flags) -> Flags:
    """Which rows come after the last marked one."""
    sorted_ = pc.sort_indices(changes, [(name, "ascending") for name in order]).to_numpy()
    place = np.empty(len(sorted_), np.int64)
    place[sorted_] = np.arange(len(sorted_))
    after: Flags = place > place[marks].max()
    return after


def _firsts(rows: pa.Table, keys: Sequence[str]) -> Flags:
    """Which rows have another key than the row before; the first has."""
    first = np.ones(rows.num_rows, np.bool_)
    if rows.num_rows > 1:
        first[1:] = False
        for name in keys:
            column = rows.column(name).combine_chunks()
            first[1:] |= np.asarray(pc.not_equal(column.slice(1), column.slice(0, len(column) - 1)))
    return first


# ---- values that were not sent -----------------------------------------------------------------------


def _missing(unchanged: pa.ChunkedArray, names: Sequence[str]) -> dict[str, Flags]:
    """For each column that some row does not have, which rows those are."""
    missing: dict[str, Flags] = {}
    for row in np.flatnonzero(np.asarray(pc.is_valid(unchanged))).tolist():
        for name in unchanged[row].as_py():
            if name in names:
                missing.setdefault(name, np.zeros(len(unchanged), np.bool_))[row] = True
    return missing


def _require_whole(changes: pa.Table, told: ChangeColumns, kinds: Numbers, missing: dict[str, Flags]) -> None:
    """Raises CommitFailed for a row that was created with a part of its values under another key."""
    created = np.asarray(pc.is_in(pc.utf8_lower(changes.column(told.op)), pa.array(CREATED)))
    for name, flags in missing.items():
        if (flags & created & (kinds == WRITE)).any():
            raise CommitFailed(
                f"a row has got another key, and the value of its column {name!r} was not sent, since it is "
                "stored apart and was not changed. ALTER TABLE ... REPLICA IDENTITY FULL on the source makes "
                "such changes whole; this one cannot be repeated: start anew with an empty checkpoint and an "
                "empty target. Nothing of the batch is visible"
            )


def _with_missing(
    rows: pa.Table, written: Numbers, first: Flags, missing: dict[str, Flags]
) -> tuple[pa.Table, tuple[pa.Table, ...]]:
    """The rows that are whole, or become so by earlier changes of the batch; and the others."""
    here = np.arange(rows.num_rows)
    begins = np.maximum.accumulate(np.where(first, here, 0))
    table = rows.take(pa.array(written))
    lacks: dict[str, Flags] = {}
    for name, flags in missing.items():
        sent = np.maximum.accumulate(np.where(flags, -1, here))[written]
        known = sent >= begins[written]
        lacks[name] = ~known
        values = rows.column(name).take(pa.array(np.where(known, sent, written)))
        table = table.set_column(table.schema.get_field_index(name), rows.schema.field(name), values)
    patterns = np.array([lacks[name] for name in lacks])
    whole = ~patterns.any(axis=0)
    updates = []
    for pattern in np.unique(patterns[:, ~whole], axis=1).T:
        left_out = {name for name, lacking in zip(lacks, pattern.tolist(), strict=True) if lacking}
        kept = [name for name in table.column_names if name not in left_out]
        alike = (pattern == patterns.T).all(axis=1)
        updates.append(table.filter(pa.array(alike)).select(kept))
    return table.filter(pa.array(whole)), tuple(updates)
