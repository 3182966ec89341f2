"""The binary form of a variant: bytes of the value, and the names of its fields beside them.

What it holds is a tree of Python's values: None, bool, int, Decimal, float (`Float32` for one of 32 bits),
str, bytes, date, datetime (without a zone for a TIMESTAMP_NTZ), list, and dict with its keys in order.
"""

from __future__ import annotations

import datetime as dt
import itertools
import struct
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from streamcore.errors import IllegalArgumentException

Tree: TypeAlias = Any

_PRIMITIVE, _SHORT_TEXT, _OBJECT, _ARRAY = range(4)
(
    _NULL, _TRUE, _FALSE, _INT8, _INT16, _INT32, _INT64, _DOUBLE, _DECIMAL4, _DECIMAL8, _DECIMAL16, _DATE,
    _TIMESTAMP, _TIMESTAMP_NTZ, _FLOAT, _BINARY, _LONG_TEXT,
) = range(17)  # fmt: skip
_WIDTHS = {_INT8: 1, _INT16: 2, _INT32: 4, _INT64: 8}
_DECIMALS = {_DECIMAL4: (4, 9), _DECIMAL8: (8, 18), _DECIMAL16: (16, 38)}
"""Of each kind of decimal: the bytes and the digits."""
_VERSION = 1
_MOST_BYTES = 128 << 20
_MICROSECOND = dt.timedelta(microseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LOCAL_EPOCH = _EPOCH.replace(tzinfo=None)


class MalformedVariant(IllegalArgumentException):
    """Bytes that are no variant."""

    def __init__(self) -> None:
        super().__init__(
            "[MALFORMED_VARIANT] Variant binary is malformed. Please check the data source is valid. "
            "SQLSTATE: 22023"
        )


class Float32(float):
    """A number that was stored in 32 bits."""

    __slots__ = ()


def key_order(key: str) -> bytes:
    """By what the fields of an object are sorted: as Java compares texts."""
    return key.encode("utf-16-be", "surrogatepass")


# ---- writing -------------------------------------------------------------------------------------


def encoded(tree: Tree) -> tuple[bytes, bytes]:
    r"""The bytes of the value, and those of its metadata.

    >>> encoded({"a": 1})
    (b'\x02\x01\x00\x00\x02\x0c\x01', b'\x01\x01\x00\x01a')
    """
    names: dict[str, int] = {}
    value = _value(tree, names)
    metadata = _metadata([_bytes_of(name) for name in names])
    if max(len(value), len(metadata)) > _MOST_BYTES:
        raise IllegalArgumentException(
            f"[VARIANT_SIZE_LIMIT] Cannot build variant bigger than {_MOST_BYTES >> 20}.0 MiB. "
            "Please avoid large input strings to this expression. SQLSTATE: 22023"
        )
    return value, metadata


def _bytes_of(text: str) -> bytes:
    # Half of a pair of surrogates is no character: Java writes a question mark.
    return text.encode("utf-8", "replace")


def _little(number: int, width: int, *, signed: bool = False) -> bytes:
    return number.to_bytes(width, "little", signed=signed)


def _width(number: int) -> int:
    return max(1, (number.bit_length() + 7) // 8)


def _metadata(names: list[bytes]) -> bytes:
    text = b"".join(names)
    width = _width(max(len(text), len(names)))
    offsets, at = [0], 0
    for name in names:
        at += len(name)
        offsets.append(at)
    head = bytes([_VERSION | (width - 1) << 6]) + _little(len(names), width)
    return head + b"".join(_little(offset, width) for offset in offsets) + text


def _primitive(kind: int, content: bytes = b"") -> bytes:
    return bytes([kind << 2 | _PRIMITIVE]) + content


def _value(tree: Tree, names: dict[str, int]) -> bytes:
    if isinstance(tree, dict):
        return _object(tree, names)
    if isinstance(tree, list):
        return _array([_value(item, names) for item in tree])
    return _scalar(tree)


def _object(fields: Mapping[str, Tree], names: dict[str, int]) -> bytes:
    places: dict[str, tuple[int, int]] = {}
    data = bytearray()
    for key, item in fields.items():
        number = names.setdefault(key, len(names))
        places[key] = (number, len(data))
        data += _value(item, names)
    found = [places[key] for key in sorted(places, key=key_order)]
    large = len(found) > 0xFF
    id_width = _width(max((number for number, _ in found), default=0))
    width = _width(len(data))
    head = bytes([(large << 4 | (id_width - 1) << 2 | (width - 1)) << 2 | _OBJECT])
    numbers = b"".join(_little(number, id_width) for number, _ in found)
    offsets = b"".join(_little(offset, width) for offset in (*(at for _, at in found), len(data)))
    return head + _little(len(found), 4 if large else 1) + numbers + offsets + bytes(data)


def _array(items: list[bytes]) -> bytes:
    offsets, at = [0], 0
    for item in items:
        at += len(item)
        offsets.append(at)
    large, width = len(items) > 0xFF, _width(at)
    head = bytes([(large << 2 | (width - 1)) << 2 | _ARRAY]) + _little(len(items), 4 if large else 1)
    return head + b"".join(_little(offset, width) for offset in offsets) + b"".join(items)


def _scalar(tree: Tree) -> bytes:  # noqa: C901 - one case per type
    match tree:
        case None:
            return _primitive(_NULL)
        case bool():
            return _primitive(_TRUE if tree else _FALSE)
        case int():
            kind = next(kind for kind, width in _WIDTHS.items() if _fits(tree, width))
            return _primitive(kind, _little(tree, _WIDTHS[kind], signed=True))
        case Float32():
            return _primitive(_FLOAT, struct.pack("<f", tree))
        case float():
            return _primitive(_DOUBLE, struct.pack("<d", tree))
        case Decimal():
            return _decimal(tree)
        case str():
            data = _bytes_of(tree)
            if len(data) < 64:
                return bytes([len(data) << 2 | _SHORT_TEXT]) + data
            return _primitive(_LONG_TEXT, _little(len(data), 4) + data)
        case bytes():
            return _primitive(_BINARY, _little(len(tree), 4) + tree)
        case dt.datetime():
            kind, epoch = (_TIMESTAMP_NTZ, _LOCAL_EPOCH) if tree.tzinfo is None else (_TIMESTAMP, _EPOCH)
            return _primitive(kind, _little((tree - epoch) // _MICROSECOND, 8, signed=True))
        case dt.date():
            return _primitive(_DATE, _little((tree - _EPOCH.date()).days, 4, signed=True))
    raise TypeError(f"No variant holds a {type(tree).__name__}.")


def _fits(number: int, width: int) -> bool:
    return -(1 << 8 * width - 1) <= number < 1 << 8 * width - 1


def _decimal(number: Decimal) -> bytes:
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    scale = -exponent
    unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
    length = max(len(str(abs(unscaled))), scale)
    kind = next(kind for kind, (_, most) in _DECIMALS.items() if length <= most)
    return _primitive(kind, _little(scale, 1) + _little(unscaled, _DECIMALS[kind][0], signed=True))


# ---- reading -------------------------------------------------------------------------------------


def decoded(value: bytes | bytearray, metadata: bytes | bytearray) -> Tree:
    """What a variant holds.  Raises MalformedVariant.

    >>> decoded(*encoded({"b": [1, None], "a": "x"}))
    {'a': 'x', 'b': [1, None]}
    """
    try:
        return _read(memoryview(value), _names(memoryview(metadata)))
    except (IndexError, ValueError, OverflowError, struct.error, RecursionError) as error:
        raise MalformedVariant from error


def entries(value: bytes, metadata: bytes) -> list[tuple[str | None, bytes]] | None:
    """The fields of an object, or the elements of an array (without keys); None for anything else."""
    try:
        data, names = memoryview(value), _names(memoryview(metadata))
        kind, head = data[0] & 3, data[0] >> 2
        if kind == _OBJECT:
            return [(key, _whole(part)) for key, part in _fields(data, head, names)]
        if kind == _ARRAY:
            return [(None, _whole(part)) for part in _items(data, head)]
        return None
    except (IndexError, ValueError, OverflowError, struct.error, RecursionError) as error:
        raise MalformedVariant from error


def _whole(data: memoryview) -> bytes:
    """The bytes of one value, without those of the values behind it."""
    return bytes(data[: _size(data)])


def _size(data: memoryview) -> int:
    kind, head = data[0] & 3, data[0] >> 2
    if kind == _SHORT_TEXT:
        return 1 + head
    if kind == _PRIMITIVE:
        if head in (_BINARY, _LONG_TEXT):
            return 5 + _number(data, 1, 4)
        fixed = {**_WIDTHS, _DOUBLE: 8, _DATE: 4, _TIMESTAMP: 8, _TIMESTAMP_NTZ: 8, _FLOAT: 4}
        if head in _DECIMALS:
            return 2 + _DECIMALS[head][0]
        return 1 + fixed.get(head, 0)
    width = (head & 3) + 1
    large = head >> (4 if kind == _OBJECT else 2) & 1
    count, start = _number(data, 1, 4 if large else 1), 5 if large else 2
    ids = count * ((head >> 2 & 3) + 1) if kind == _OBJECT else 0
    return start + ids + (count + 1) * width + _number(data, start + ids + count * width, width)


def _part(data: memoryview, start: int, length: int) -> memoryview:
    if length < 0 or start + length > len(data):
        raise IndexError(start)
    return data[start : start + length]


def _number(data: memoryview, start: int, width: int, *, signed: bool = False) -> int:
    return int.from_bytes(_part(data, start, width), "little", signed=signed)


def _names(metadata: memoryview) -> list[str]:
    if metadata[0] & 0xF != _VERSION:
        raise ValueError("another version")
    width = (metadata[0] >> 6) + 1
    count = _number(metadata, 1, width)
    _part(metadata, 0, 1 + (count + 2) * width)
    offsets = [_number(metadata, 1 + (at + 1) * width, width) for at in range(count + 1)]
    text = metadata[1 + (count + 2) * width :]
    return [str(_part(text, start, end - start), "utf-8") for start, end in itertools.pairwise(offsets)]


def _read(data: memoryview, names: list[str]) -> Tree:
    kind, head = data[0] & 3, data[0] >> 2
    if kind == _OBJECT:
        return {key: _read(part, names) for key, part in _fields(data, head, names)}
    if kind == _ARRAY:
        return [_read(part, names) for part in _items(data, head)]
    if kind == _SHORT_TEXT:
        return str(_part(data, 1, head), "utf-8")
    return _read_primitive(data, head)


def _fields(data: memoryview, head: int, names: list[str]) -> list[tuple[str, memoryview]]:
    large, id_width, width = head >> 4 & 1, (head >> 2 & 3) + 1, (head & 3) + 1
    count, start = _number(data, 1, 4 if large else 1), 5 if large else 2
    after_ids = start + count * id_width
    keys = [names[_number(data, start + at * id_width, id_width)] for at in range(count)]
    return list(zip(keys, _parts(data, after_ids, count, width), strict=True))


def _items(data: memoryview, head: int) -> list[memoryview]:
    large, width = head >> 2 & 1, (head & 3) + 1
    count, start = _number(data, 1, 4 if large else 1), 5 if large else 2
    return _parts(data, start, count, width)


def _parts(data: memoryview, start: int, count: int, width: int) -> list[memoryview]:
    content = start + (count + 1) * width
    length = _number(data, start + count * width, width)
    _part(data, content, length)
    offsets = [_number(data, start + at * width, width) for at in range(count)]
    if any(offset >= length for offset in offsets):
        raise IndexError(length)
    return [data[content + offset : content + length] for offset in offsets]


def _read_primitive(data: memoryview, kind: int) -> Tree:
    if kind in (_NULL, _TRUE, _FALSE):
        return {_NULL: None, _TRUE: True, _FALSE: False}[kind]
    if kind in _WIDTHS:
        return _number(data, 1, _WIDTHS[kind], signed=True)
    if kind == _DOUBLE:
        return struct.unpack("<d", _part(data, 1, 8))[0]
    if kind == _FLOAT:
        return Float32(struct.unpack("<f", _part(data, 1, 4))[0])
    if kind in _DECIMALS:
        return _read_decimal(data, *_DECIMALS[kind])
    if kind == _DATE:
        return _EPOCH.date() + dt.timedelta(days=_number(data, 1, 4, signed=True))
    if kind in (_TIMESTAMP, _TIMESTAMP_NTZ):
        epoch = _EPOCH if kind == _TIMESTAMP else _LOCAL_EPOCH
        return epoch + dt.timedelta(microseconds=_number(data, 1, 8, signed=True))
    if kind in (_BINARY, _LONG_TEXT):
        content = bytes(_part(data, 5, _number(data, 1, 4)))
        return content if kind == _BINARY else content.decode()
    raise ValueError("an unknown kind")


def _read_decimal(data: memoryview, width: int, most: int) -> Decimal:
    scale, unscaled = data[1], _number(data, 2, width, signed=True)
    digits = str(abs(unscaled))
    if scale > most or len(digits) > most:
        raise ValueError("too many digits")
    return Decimal((int(unscaled < 0), tuple(map(int, digits)), -scale))
