"""Hadoop's Writables: how its programs put single values into bytes."""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING, Any

from streamcore.errors import StreamcoreError, UnsupportedOperationException

if TYPE_CHECKING:
    from collections.abc import Callable

_IO = "org.apache.hadoop.io."
BOOLEAN = _IO + "BooleanWritable"
BYTES = _IO + "BytesWritable"
DOUBLE = _IO + "DoubleWritable"
INT = _IO + "IntWritable"
LONG = _IO + "LongWritable"
MAP = _IO + "MapWritable"
NULL = _IO + "NullWritable"
TEXT = _IO + "Text"

_FIXED = {
    BOOLEAN: struct.Struct(">?"),
    DOUBLE: struct.Struct(">d"),
    INT: struct.Struct(">i"),
    LONG: struct.Struct(">q"),
    _IO + "ByteWritable": struct.Struct(">b"),
    _IO + "FloatWritable": struct.Struct(">f"),
    _IO + "ShortWritable": struct.Struct(">h"),
}
_LENGTH = struct.Struct(">i")
_SHORT_LENGTH = struct.Struct(">H")
_ONE_BYTE = struct.Struct(">b")
# The classes that a MapWritable knows by number without naming them.
_NUMBERS = {
    BOOLEAN: -126,
    BYTES: -125,
    _IO + "FloatWritable": -124,
    INT: -123,
    LONG: -122,
    MAP: -121,
    NULL: -119,
    TEXT: -116,
    _IO + "VIntWritable": -113,
    _IO + "VLongWritable": -112,
}
_INT_RANGE = range(-(1 << 31), 1 << 31)
_LONG_RANGE = range(-(1 << 63), 1 << 63)


def class_for(value: object) -> str:
    """Return the Writable that Spark chooses for a value; UnsupportedOperationException if there is none.

    >>> class_for(1).rsplit(".", 1)[-1], class_for(1 << 40).rsplit(".", 1)[-1]
    ('IntWritable', 'LongWritable')
    """
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int) and value in _LONG_RANGE:
        return INT if value in _INT_RANGE else LONG
    for kind, name in ((float, DOUBLE), (str, TEXT), (bytes, BYTES), (bytearray, BYTES), (dict, MAP)):
        if isinstance(value, kind):
            return name
    raise UnsupportedOperationException(
        f"{type(value).__name__} {value!r} has no Writable: sequence files hold numbers, text, bytes, None "
        "and dictionaries of them"
    )


def check_class(name: str) -> str:
    """Return the class name; UnsupportedOperationException when it is no Writable that is known here."""
    if name not in _FIXED and name not in _NUMBERS:
        known = ", ".join(sorted({found.rsplit(".", 1)[-1] for found in (*_FIXED, *_NUMBERS)}))
        raise UnsupportedOperationException(
            f"{name} is a Java class that is not known here; known are {known}"
        )
    return name


def encode(name: str, value: Any) -> bytes:
    """Return the bytes of a value as the Writable `name`.

    Raises
    ------
    StreamcoreError
        When the value does not fit.
    """
    try:
        return _encode(name, value)
    except (struct.error, AttributeError, TypeError) as error:
        raise StreamcoreError(f"{value!r} cannot be written as {name}: {error}") from None


def _encode(name: str, value: Any) -> bytes:
    if name in _FIXED:
        packed: bytes = _FIXED[name].pack(value)
        return packed
    if name == TEXT:
        data: bytes = value.encode()
        return vint(len(data)) + data
    if name == BYTES:
        return _LENGTH.pack(len(value)) + bytes(value)
    if name == NULL:
        return b""
    if name == MAP:
        return _encode_map(value)
    return vint(int(value))


def _encode_map(value: dict[Any, Any]) -> bytes:
    items = [(class_for(item), item) for pair in value.items() for item in pair]
    named = [name for name in dict.fromkeys(name for name, _ in items) if name not in _NUMBERS]
    numbers = {**_NUMBERS, **{name: number for number, name in enumerate(named, 1)}}
    parts = [_ONE_BYTE.pack(len(named))]
    for name in named:
        parts += [_ONE_BYTE.pack(numbers[name]), _SHORT_LENGTH.pack(len(name)), name.encode()]
    parts.append(_LENGTH.pack(len(value)))
    for name, item in items:
        parts += [_ONE_BYTE.pack(numbers[name]), _encode(name, item)]
    return b"".join(parts)


def decode(name: str, file: IO[bytes]) -> Any:
    """Read one Writable `name`."""
    if name in _FIXED:
        form = _FIXED[name]
        return form.unpack(exactly(file, form.size))[0]
    reader = _READERS.get(name)
    return read_vint(file) if reader is None else reader(file)


def _decode_map(file: IO[bytes]) -> dict[Any, Any]:
    names = {number: name for name, number in _NUMBERS.items()}
    for _ in range(_byte(file)):
        number = _byte(file)
        length = _SHORT_LENGTH.unpack(exactly(file, 2))[0]
        names[number] = check_class(exactly(file, length).decode())
    pairs = range(_LENGTH.unpack(exactly(file, 4))[0])
    return {_numbered(names, file): _numbered(names, file) for _ in pairs}


def _numbered(names: dict[int, str], file: IO[bytes]) -> Any:
    number = _byte(file)
    if number not in names:
        raise UnsupportedOperationException(f"a MapWritable holds a class (number {number}) not known here")
    return decode(names[number], file)


_READERS: dict[str, Callable[[IO[bytes]], Any]] = {
    BYTES: lambda file: exactly(file, _LENGTH.unpack(exactly(file, 4))[0]),
    MAP: _decode_map,
    NULL: lambda _: None,
    TEXT: lambda file: exactly(file, read_vint(file)).decode("utf-8", "replace"),
}


# ---- integers of variable length, and exact reads ---------------------------------------------------


def vint(value: int) -> bytes:
    r"""Return an integer as Hadoop's integer of variable length.

    >>> vint(5), vint(300), vint(-200)
    (b'\x05', b'\x8e\x01,', b'\x87\xc7')
    """
    if -112 <= value <= 127:
        return _ONE_BYTE.pack(value)
    magnitude, first = (~value, -120) if value < 0 else (value, -112)
    length = (magnitude.bit_length() + 7) // 8
    return _ONE_BYTE.pack(first - length) + magnitude.to_bytes(length, "big")


def read_vint(file: IO[bytes]) -> int:
    """Read an integer of variable length."""
    first = _byte(file)
    if first >= -112:
        return first
    negative = first < -120
    magnitude = int.from_bytes(exactly(file, (-120 if negative else -112) - first), "big")
    return ~magnitude if negative else magnitude


def exactly(file: IO[bytes], length: int) -> bytes:
    """Read so many bytes; EOFError when there are fewer."""
    data = file.read(length)
    if len(data) < length:
        raise EOFError(f"{length} bytes were expected, and {len(data)} are there")
    return data


def _byte(file: IO[bytes]) -> int:
    found: int = _ONE_BYTE.unpack(exactly(file, 1))[0]
    return found
