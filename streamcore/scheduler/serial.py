"""How values travel between the driver and its own workers: pickle protocol 5 over private pipes and files.

None of this is for data that another could have written: the pipes are inherited, the files lie in a folder
that only this user may enter.
"""

from __future__ import annotations

import io
import pickle
import zlib
from struct import Struct
from typing import TYPE_CHECKING, Any, BinaryIO

import cloudpickle  # type: ignore[import-untyped]

from streamcore.scheduler.errors import UnpicklableValue
from streamcore.scheduler.unpicklable import culprit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADER = Struct("<QI")
_ATOMS = frozenset({int, float, str, bytes, bool, type(None), complex})
_UNPICKLABLE = (pickle.PicklingError, AttributeError, TypeError)

loads = pickle.loads


class FrameDamaged(Exception):
    """A file that holds frames is shorter than its index says, or its bytes have changed."""


def dumps_code(value: object) -> bytes:
    """Pickle functions and what they close over; what `__main__` defines travels by value.

    Raises UnpicklableValue, which names the variable that is in the way.
    """
    try:
        data: bytes = cloudpickle.dumps(value, protocol=5)
    except _UNPICKLABLE as error:
        found = culprit(value, _pickles)
        reason = f": {found}; make it inside the function, or leave it out" if found else ""
        raise UnpicklableValue(
            f"Could not serialize object: {type(error).__name__}: {error}. What a task uses or returns must "
            f"be picklable{reason}."
        ) from error
    return data


def _pickles(value: object) -> bool:
    try:
        cloudpickle.dumps(value, protocol=5)
    except _UNPICKLABLE:
        return False
    return True


def dumps(value: object) -> bytes:
    """Pickle a value made in a worker; falls back to cloudpickle for classes that `__main__` defines."""
    try:
        return pickle.dumps(value, 5)
    except _UNPICKLABLE:
        return dumps_code(value)


def dumps_records(records: Sequence[Any]) -> bytes:
    """Pickle a list of records, five times faster when they are atoms or flat tuples of atoms.

    Such records are written without a memo. A record that refers to itself makes that fail, and then the
    ordinary pickler takes over.
    """
    data = _dumps_flat(records)
    return dumps(records) if data is None else data


def dumps_records_by_value(records: Sequence[Any]) -> bytes:
    """Pickle a list of the driver's records; what `__main__` defines travels by value."""
    data = _dumps_flat(records)
    return dumps_code(records) if data is None or b"__main__" in data else data


def _dumps_flat(records: Sequence[Any]) -> bytes | None:
    if not records or not _looks_flat(records):
        return None
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, 5)
    pickler.fast = True
    try:
        pickler.dump(records)
    except (ValueError, RecursionError, *_UNPICKLABLE):
        return None
    return buffer.getvalue()


def _looks_flat(records: Sequence[Any]) -> bool:
    return all(_flat(records[i]) for i in (0, len(records) // 2, -1))


def _flat(record: object, depth: int = 2) -> bool:
    kind = type(record)
    if kind in _ATOMS:
        return True
    if kind is tuple or kind is list:
        sample: Sequence[Any] = record[:4]  # type: ignore[index]
        return depth > 0 and all(_flat(item, depth - 1) for item in sample)
    return False


def write_frame(file: BinaryIO, records: Sequence[Any]) -> int:
    """Append one frame (length, checksum, pickled list); return how many bytes it takes."""
    data = dumps_records(records)
    file.write(_HEADER.pack(len(data), zlib.crc32(data)))
    file.write(data)
    return _HEADER.size + len(data)


def read_frames(file: BinaryIO, offset: int, length: int) -> Iterator[list[Any]]:
    """Yield the lists in the frames that fill `length` bytes of `file` from `offset` on.

    Raises
    ------
    FrameDamaged
        Where the bytes are not those that were written.
    """
    file.seek(offset)
    end = offset + length
    while offset < end:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise FrameDamaged("a frame is missing")
        size, checksum = _HEADER.unpack(header)
        data = file.read(size) if offset + _HEADER.size + size <= end else b""
        if len(data) < size or zlib.crc32(data) != checksum:
            raise FrameDamaged("a frame has changed")
        yield loads(data)
        offset += _HEADER.size + size
