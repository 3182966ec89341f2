"""Tuples of the pgoutput protocol, many at once: where the values of each column stand in a buffer.

All messages lie in one buffer; a cursor per tuple steps from column to column, for all tuples in the same
numpy operation.  No value becomes a Python object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import QueryExecutionException

if TYPE_CHECKING:
    from collections.abc import Sequence

    Numbers = np.ndarray[Any, np.dtype[np.int64]]
    Bytes = np.ndarray[Any, np.dtype[np.uint8]]
    Flags = np.ndarray[Any, np.dtype[np.bool_]]

NULL, UNCHANGED, TEXT = ord("n"), ord("u"), ord("t")
_LENGTH_BYTES = 4


@dataclass(frozen=True)
class Messages:
    """Messages one after the other in a buffer, and where each begins."""

    data: bytes
    octets: Bytes
    starts: Numbers

    @classmethod
    def of(cls, messages: Sequence[bytes]) -> Messages:
        """The messages, joined."""
        data = b"".join(messages)
        starts = np.zeros(len(messages), np.int64)
        if messages:
            np.cumsum(np.fromiter(map(len, messages), np.int64, len(messages))[:-1], out=starts[1:])
        return cls(data, np.frombuffer(data, np.uint8), starts)

    def number(self, at: Numbers, size: int) -> Numbers:
        """The unsigned big-endian numbers of `size` bytes at these places."""
        found = np.zeros(len(at), np.int64)
        for step in range(size):
            found = (found << 8) | self.octets[at + step]
        return found


@dataclass(frozen=True)
class Values:
    """One column of many tuples: how each value was sent, where its text begins, and how long it is."""

    kinds: Bytes
    starts: Numbers
    lengths: Numbers

    def texts(self, data: bytes, chosen: Numbers) -> pa.Array:
        """The texts of the chosen tuples as strings; null where no text was sent."""
        bounds = np.empty(2 * len(self.starts) + 1, np.int64)
        bounds[0:-1:2] = self.starts
        bounds[1::2] = self.starts + self.lengths
        bounds[-1] = bounds[-2] if len(bounds) > 1 else 0
        # Every second slot is a text, those in between are what lies between two texts.
        buffers = [None, pa.py_buffer(bounds), pa.py_buffer(data)]
        slots = pa.Array.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)
        at = pa.array(2 * chosen, mask=self.kinds[chosen] != TEXT)
        return slots.take(at).cast(pa.large_string()).cast(pa.string())


def walk(messages: Messages, at: Numbers, columns: int) -> tuple[list[Values], Numbers]:
    """The columns of the tuples that begin at these places, in ascending order, and where each tuple ends."""
    found = messages.number(at, 2)
    if len(found) and not (found == columns).all():
        raise QueryExecutionException(
            f"a tuple of the replication stream has {int(found[found != columns][0])} columns, and its table "
            f"was announced with {columns}: the stream is damaged, or of a protocol that is not known"
        )
    values = []
    cursor = at + 2
    for _ in range(columns):
        kinds = messages.octets[cursor]
        sent = kinds == TEXT
        if not (sent | (kinds == NULL) | (kinds == UNCHANGED)).all():
            raise QueryExecutionException(
                "a value of the replication stream was sent in a form that was not asked for"
            )
        lengths = np.zeros(len(cursor), np.int64)
        lengths[sent] = messages.number(cursor[sent] + 1, _LENGTH_BYTES)
        starts = cursor + 1 + _LENGTH_BYTES * sent
        values.append(Values(kinds, starts, lengths))
        cursor = starts + lengths
    return values, cursor
