"""Which rows the messages of changes stand for, and in which tuples their values are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.sources.postgres_changes.changes import CREATED, DELETED, UPDATED
from streamcore.sources.postgres_changes.tuples import Messages, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.sources.postgres_changes.relation import Relation
    from streamcore.sources.postgres_changes.tuples import Flags, Numbers, Values

_UPDATE, _DELETE, _NEW = b"UDN"
_TUPLE = 6  # in a message: its letter, the number of the table, the letter of the tuple
_LETTERS = pa.array([CREATED, UPDATED, DELETED])


@dataclass(frozen=True)
class ChangedRows:
    """Rows in the order of the stream, in ascending order of their messages.

    `tuples` are the places of all tuples; `chosen` and `fallback` (-1: none) say, for each row, which of them
    has its values, and which is the old row, for what was not sent again.
    """

    letters: pa.Array
    messages: Numbers
    tuples: Numbers
    chosen: Numbers
    fallback: Numbers

    def with_fallback(self, unchanged: Flags) -> Numbers:
        """The tuple of each row, for a column of which these tuples do not have the value."""
        takes = unchanged[self.chosen] & (self.fallback >= 0)
        return np.where(takes, self.fallback, self.chosen)


def changed_rows(messages: Messages, at: Numbers, relation: Relation, keys: Sequence[str]) -> ChangedRows:
    """The rows of the messages of changes that begin at these places; `keys` are the primary key.

    An update that changes the key is a deletion of the old row and a creation of the new one.
    """
    kinds = messages.octets[at]
    updates = kinds == _UPDATE
    with_old = np.flatnonzero(updates & (messages.octets[at + 5] != _NEW))
    old, ends = walk(messages, at[with_old] + _TUPLE, len(relation.columns))
    new, _ = walk(messages, ends + 1, len(relation.columns))
    moves = np.zeros(len(at), np.bool_)
    moves[with_old] = _moved(messages, relation, keys, old, new)
    # The first tuple of each message, and behind an old one the new one.
    of_message = np.concatenate([np.arange(len(at)), with_old])
    tuples = np.concatenate([at + _TUPLE, ends + 1])
    order = np.argsort(tuples, kind="stable")
    of_message = of_message[order]

    message = np.repeat(np.arange(len(at)), 1 + moves)
    is_first = np.diff(message, prepend=-1) > 0
    deleted = (kinds[message] == _DELETE) | (moves[message] & is_first)
    letters = np.where(deleted, 2, np.where(updates[message] & ~moves[message], 1, 0))
    first = np.searchsorted(of_message, message)
    last = np.searchsorted(of_message, message, side="right") - 1
    chosen = np.where(deleted, first, last)
    fallback = np.where(last > first, first, -1)
    return ChangedRows(_LETTERS.take(pa.array(letters)), message, tuples[order], chosen, fallback)


def _moved(
    messages: Messages, relation: Relation, keys: Sequence[str], old: list[Values], new: list[Values]
) -> Flags:
    """Which of the updates that told their old row changed its key; all of them where there is no key."""
    compared = set(keys if relation.whole_rows else relation.keys)
    everything = np.arange(len(old[0].kinds) if old else 0)
    changed = np.full(len(everything), not compared)
    for name, before, after in zip(relation.columns, old, new, strict=True):
        if name in compared:
            texts = [values.texts(messages.data, everything) for values in (before, after)]
            # A value that was not sent again is the old one.
            changed |= ~np.asarray(pc.fill_null(pc.equal(*texts), fill_value=True))
    return changed
