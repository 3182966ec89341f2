"""Batches that the C library fills: Arrow's own buffers, given room here, and what a call came to."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Collection, Mapping
from ctypes import byref
from enum import IntEnum
from typing import Any, Final

import pyarrow as pa

from streamcore.kafka.native.library import Library
from streamcore.kafka.native.structures import BatchParts, BinaryPart, IntakeState

_INT32_LIMIT: Final = 2**31 - 1
_LEAST_ROOM: Final = 4096
_HEADERS_AT_FIRST: Final = 256


class Ended(IntEnum):
    """How a call ended, in the order of c/filling.c."""

    QUEUE_EMPTY = 0
    FULL = 1
    SHORT_OF_ROOM = 2
    FAILED = 3
    AT_END = 4


class _Binaries:
    """Binaries or texts one after the other; the room for them grows, that for their ends when told."""

    def __init__(self, part: BinaryPart, *, rows: int, room: int, may_be_null: bool) -> None:
        self._part = part
        self._ends = _buffer(4 * (rows + 1))
        self._validity = _buffer(rows // 8 + 1) if may_be_null else None
        self._data = _buffer(room)
        ctypes.memset(self._ends.address, 0, 4)
        part.room = room
        self._point()

    def grow(self, rows: int) -> None:
        """Gives the room that was found missing."""
        part = self._part
        if part.needed > part.room:
            part.room = max(part.needed, min(2 * part.room, _INT32_LIMIT))
            self._data.resize(part.room)
        self._ends.resize(4 * (rows + 1))
        if self._validity is not None:
            self._validity.resize(rows // 8 + 1)
        self._point()

    def array(self, kind: pa.DataType, rows: int) -> pa.Array:
        """The column."""
        _trim(self._data, self._part.used)
        _trim(self._ends, 4 * (rows + 1))
        nulls = int(self._part.nulls)
        buffers = [self._validity if nulls else None, self._ends, self._data]
        return pa.Array.from_buffers(kind, rows, buffers, null_count=nulls)

    def _point(self) -> None:
        self._part.ends = self._ends.address
        self._part.validity = self._validity.address if self._validity is not None else None
        self._part.data = self._data.address


class _Headers:
    """Lists of named binaries."""

    def __init__(self, parts: BatchParts, rows: int) -> None:
        self._parts = parts
        self._ends = _buffer(4 * (rows + 1))
        self._validity = _buffer(rows // 8 + 1)
        ctypes.memset(self._ends.address, 0, 4)
        room = _HEADERS_AT_FIRST
        self._keys = _Binaries(parts.header_key, rows=room, room=_LEAST_ROOM, may_be_null=False)
        self._values = _Binaries(parts.header_value, rows=room, room=_LEAST_ROOM, may_be_null=True)
        parts.header_ends = self._ends.address
        parts.with_headers = self._validity.address
        parts.headers_room = room

    def grow(self) -> None:
        """Gives the room that was found missing."""
        parts = self._parts
        if parts.headers_needed > parts.headers_room:
            parts.headers_room = max(parts.headers_needed, 2 * parts.headers_room)
        self._keys.grow(parts.headers_room)
        self._values.grow(parts.headers_room)

    def array(self, rows: int) -> pa.Array:
        """The column; a row without headers is null."""
        count = int(self._parts.headers)
        keys = _as_text(self._keys.array(pa.binary(), count))
        values = self._values.array(pa.binary(), count)
        entries = pa.StructArray.from_arrays([keys, values], names=["key", "value"])
        nulls = int(self._parts.without_headers)
        buffers = [self._validity if nulls else None, self._ends]
        kind = pa.list_(entries.type)
        return pa.Array.from_buffers(kind, rows, buffers, null_count=nulls, children=[entries])


class FilledBatch:
    """One batch that is being filled; `names` are the columns wanted of a message."""

    def __init__(
        self, names: Collection[str], *, rows: int, bytes_limit: int, room: Mapping[str, float]
    ) -> None:
        self.parts = parts = BatchParts(rows_room=rows, bytes_limit=bytes_limit)
        self._binaries = {
            name: _Binaries(part, rows=rows, room=_room(room.get(name, 0) * rows), may_be_null=True)
            for name, part in (("key", parts.key), ("value", parts.value))
            if name in names
        }
        self._headers = _Headers(parts, rows) if "headers" in names else None
        self._fixed: dict[str, Any] = {}
        for name, (field, width, _) in _FIXED.items():
            if name in names:
                self._fixed[name] = _buffer(width * rows)
                setattr(parts, field, self._fixed[name].address)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.parts.rows)

    def grow(self) -> None:
        """Gives the room that the last call found missing."""
        for binaries in self._binaries.values():
            binaries.grow(int(self.parts.rows_room))
        if self._headers is not None:
            self._headers.grow()

    def column(self, name: str) -> pa.Array:
        """One of the columns wanted."""
        rows = self.rows
        if name in self._binaries:
            return self._binaries[name].array(pa.binary(), rows)
        if name in _FIXED:
            _, width, kind = _FIXED[name]
            _trim(self._fixed[name], width * rows)
            return pa.Array.from_buffers(kind, rows, [None, self._fixed[name]], null_count=0)
        assert self._headers is not None
        return self._headers.array(rows)

    def bytes_per_row(self) -> dict[str, float]:
        """What a following batch is likely to need."""
        return {name: int(getattr(self.parts, name).used) / max(1, self.rows) for name in self._binaries}


_FIXED: Final = {
    "offset": ("offsets", 8, pa.int64()),
    "timestamp": ("times", 8, pa.timestamp("us", "UTC")),
    "timestampType": ("kinds", 4, pa.int32()),
}


def fill(library: Library, state: IntakeState, batch: FilledBatch, timeout: float) -> Ended:
    """Takes what there is up to `state.end`; waits for the first message for `timeout` seconds at most."""
    call: Callable[..., int] = library.fill
    while True:
        ended = Ended(call(library.table, byref(state), byref(batch.parts), int(timeout * 1000)))
        if ended is not Ended.SHORT_OF_ROOM:
            return ended
        batch.grow()


def _room(expected: float) -> int:
    """Some more than the last batch took for as many rows, lest each batch be copied once."""
    return min(max(int(expected * 1.1), _LEAST_ROOM), _INT32_LIMIT)


def _buffer(size: int) -> pa.Buffer:
    return pa.allocate_buffer(size, resizable=True)


def _trim(buffer: pa.Buffer, used: int) -> None:
    """Gives back what is not used, where that is most of it: a batch may live long."""
    buffer.resize(used, shrink_to_fit=2 * used < buffer.size)


def _as_text(keys: pa.Array) -> pa.Array:
    """Names of headers; bytes that are no UTF-8 become replacement characters, as in Java."""
    try:
        return keys.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([key.decode(errors="replace") for key in keys.to_pylist()], pa.string())
