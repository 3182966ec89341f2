"""Messages of the pgoutput protocol (version 1) as Arrow batches of changes; no I/O.

Messages are taken in pieces; a transaction may begin in one and end in another.  Every step is done for
all messages of a piece at once, and in Python only what is rare: announcements of tables, truncations,
values that were not sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.errors import AnalysisException
from streamcore.sources.postgres_changes.changes import TOLD, TRUNCATED, TableShape
from streamcore.sources.postgres_changes.relation import Relation, parse_relation, truncated
from streamcore.sources.postgres_changes.rows import ChangedRows, changed_rows
from streamcore.sources.postgres_changes.text_values import typed
from streamcore.sources.postgres_changes.tuples import UNCHANGED, Messages, walk
from streamcore.spi.types import StructType, to_arrow_schema

if TYPE_CHECKING:
    from streamcore.sources.postgres_changes.tuples import Bytes, Flags, Numbers, Values

_BEGIN, _RELATION, _TRUNCATE = ord("B"), ord("R"), ord("T")
_CHANGES = np.frombuffer(b"IUD", np.uint8)
_US_TO_2000 = 946_684_800_000_000


@dataclass(frozen=True)
class Transactions:
    """Transactions in their order: where the commit begins, when it was (microseconds), and the xid."""

    lsn: Numbers
    time_us: Numbers
    xid: Numbers

    def since_last(self, others: Transactions) -> Transactions:
        """The last of these, and then the others."""
        return Transactions(
            np.concatenate([self.lsn[-1:], others.lsn]),
            np.concatenate([self.time_us[-1:], others.time_us]),
            np.concatenate([self.xid[-1:], others.xid]),
        )


class Decoder:
    """The changes of one table in the transactions of [start, end)."""

    def __init__(self, table: TableShape, start: int, end: int, *, ignores_new_columns: bool) -> None:
        self._table = table
        self._range = (start, end)
        self._ignores_new_columns = ignores_new_columns
        self._schema = to_arrow_schema(StructType([*table.columns.fields, *TOLD.fields]))
        self._relation: Relation | None = None
        none = np.zeros(1, np.int64) - 1
        self._open = Transactions(none, none, none)
        self._begun = 0  # transactions in earlier pieces
        self._counted = (0, 0)  # the number of the last transaction with changes, and how many it has

    def feed(self, messages: Sequence[bytes]) -> Iterator[pa.RecordBatch]:
        """The changes in the messages that come next."""
        piece = Messages.of(messages)
        kinds = piece.octets[piece.starts]
        transaction = np.cumsum(kinds == _BEGIN)
        known = self._open.since_last(_transactions(piece, kinds))
        wanted = (known.lsn >= self._range[0]) & (known.lsn < self._range[1])
        announced = np.flatnonzero((kinds == _RELATION) | ((kinds == _TRUNCATE) & wanted[transaction]))
        is_change = np.isin(kinds, _CHANGES) & wanted[transaction]
        done = 0
        for at in [*announced.tolist(), len(messages)]:
            yield from self._changes(piece, is_change, transaction, known, range(done, at))
            if at < len(messages):
                yield from self._announcement(messages[at], int(transaction[at]), known)
            done = at + 1
        self._open = known
        self._begun += int(transaction[-1]) if len(transaction) else 0

    def _announcement(
        self, message: bytes, transaction: int, known: Transactions
    ) -> Iterator[pa.RecordBatch]:
        if message[0] == _RELATION:
            self._meet(parse_relation(message))
        elif self._relation is not None and self._relation.number in truncated(message):
            at = np.array([transaction], np.int64)
            columns = [pa.nulls(1, field.type) for field in self._schema][: len(self._table.columns.fields)]
            yield self._batch(columns, pa.array([TRUNCATED]), at, known, None)

    def _meet(self, relation: Relation) -> None:
        table = self._table
        if (relation.schema, relation.name) != (table.schema, table.name):
            return
        new = [name for name in relation.columns if name not in table.columns.names]
        if new and not self._ignores_new_columns:
            raise AnalysisException(
                f"the table {table.place} has columns that the query does not: {', '.join(map(repr, new))}. "
                "Start the query again to read them (rows changed before have null there), or set the option "
                "newColumns=ignore to leave them out"
            )
        self._relation = relation

    def _changes(
        self, piece: Messages, is_change: Flags, transaction: Numbers, known: Transactions, span: range
    ) -> Iterator[pa.RecordBatch]:
        relation = self._relation
        if relation is None:
            return
        places = span.start + np.flatnonzero(is_change[span.start : span.stop])
        places = places[piece.number(piece.starts[places] + 1, 4) == relation.number]
        if not len(places):
            return
        rows = changed_rows(piece, piece.starts[places], relation, self._table.keys)
        values, _ = walk(piece, rows.tuples, len(relation.columns))
        columns, unsent = self._columns(piece, rows, relation, values)
        yield self._batch(columns, rows.letters, transaction[places[rows.messages]], known, unsent)

    def _columns(
        self, piece: Messages, rows: ChangedRows, relation: Relation, found: list[Values]
    ) -> tuple[list[pa.Array], pa.Array | None]:
        sent = dict(zip(relation.columns, found, strict=True))
        columns: list[pa.Array] = []
        missing: dict[str, Flags] = {}
        for field in self._table.columns.fields:
            values = sent.get(field.name)
            if values is None:
                texts = pa.nulls(len(rows.chosen), pa.string())
            else:
                # An old row that is told by its key alone has nothing else.
                has_old = relation.whole_rows or field.name in relation.keys
                chosen = rows.with_fallback(values.kinds == UNCHANGED) if has_old else rows.chosen
                texts = values.texts(piece.data, chosen)
                unsent = values.kinds[chosen] == UNCHANGED
                if unsent.any():
                    missing[field.name] = unsent
            columns.append(typed(texts, field.dataType, field.name))
        return columns, _names_of(missing, len(rows.chosen)) if missing else None

    def _batch(
        self,
        columns: list[pa.Array],
        letters: pa.Array,
        transaction: Numbers,
        known: Transactions,
        unsent: pa.Array | None,
    ) -> pa.RecordBatch:
        told = [
            letters,
            pa.array(known.lsn[transaction]),
            pa.array(self._numbered(self._begun + transaction)),
            pa.array(known.xid[transaction]),
            pa.array(known.time_us[transaction]).cast(self._schema.field("_commit_timestamp").type),
            pa.nulls(len(letters), self._schema.field("_unchanged").type) if unsent is None else unsent,
        ]
        return pa.RecordBatch.from_arrays([*columns, *told], schema=self._schema)

    def _numbered(self, transaction: Numbers) -> Numbers:
        """The place of each change in its transaction, counted from where the last batch has come to."""
        number, count = self._counted
        found = np.arange(len(transaction)) - np.searchsorted(transaction, transaction)
        found += np.where(transaction == number, count, 0)
        self._counted = (int(transaction[-1]), int(found[-1]) + 1)
        return found


def _transactions(piece: Messages, kinds: Bytes) -> Transactions:
    at = piece.starts[kinds == _BEGIN]
    return Transactions(
        piece.number(at + 1, 8), piece.number(at + 9, 8) + _US_TO_2000, piece.number(at + 17, 4)
    )


def _names_of(missing: dict[str, Flags], rows: int) -> pa.Array:
    """For each row the names of the columns that were not sent; null where all were."""
    names: list[list[str] | None] = [None] * rows
    for name, flags in missing.items():
        for row in np.flatnonzero(flags).tolist():
            names[row] = [*(names[row] or []), name]
    return pa.array(names, pa.list_(pa.string()))
