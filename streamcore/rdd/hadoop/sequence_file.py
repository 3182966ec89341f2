"""Hadoop's sequence files, version 6: pairs of Writables, plain or compressed by record or by block."""

from __future__ import annotations

import bz2
import gzip
import os
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from streamcore.errors import StreamcoreError, UnsupportedOperationException
from streamcore.rdd.hadoop.writables import check_class, decode, encode, exactly, read_vint, vint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAGIC = b"SEQ\x06"
_LENGTH = struct.Struct(">i")
_SYNC_EVERY = 100_000
_BLOCK_RECORDS = 4096
_CODECS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "DefaultCodec": (zlib.compress, zlib.decompress),
    "DeflateCodec": (zlib.compress, zlib.decompress),
    "GzipCodec": (gzip.compress, gzip.decompress),
    "BZip2Codec": (bz2.compress, bz2.decompress),
}


def check_codec(name: str) -> str:
    """Return the name of a codec; UnsupportedOperationException when it is not one of those known here."""
    if name.rsplit(".", 1)[-1] not in _CODECS:
        raise UnsupportedOperationException(
            f"sequence files with {name} are not read or written here: {', '.join(_CODECS)} are"
        )
    return name


# ---- writing -----------------------------------------------------------------------------------------


def write_pairs(
    key_class: str, value_class: str, codec: str | None, file: IO[bytes], pairs: Iterator[tuple[Any, Any]]
) -> None:
    """Write pairs as one file; compressed by block when there is a codec."""
    sync = os.urandom(16)
    file.write(_MAGIC + _text(key_class) + _text(value_class))
    file.write(b"\x01\x01" + _text(codec) if codec else b"\x00\x00")
    file.write(_LENGTH.pack(0) + sync)
    encoded = ((encode(key_class, key), encode(value_class, value)) for key, value in pairs)
    if codec:
        _write_blocks(file, encoded, sync, _CODECS[codec.rsplit(".", 1)[-1]][0])
    else:
        _write_records(file, encoded, sync)


def _write_records(file: IO[bytes], encoded: Iterator[tuple[bytes, bytes]], sync: bytes) -> None:
    since_sync = 0
    for key, value in encoded:
        if since_sync > _SYNC_EVERY:
            file.write(_LENGTH.pack(-1) + sync)
            since_sync = 0
        record = _LENGTH.pack(len(key) + len(value)) + _LENGTH.pack(len(key)) + key + value
        file.write(record)
        since_sync += len(record)


def _write_blocks(
    file: IO[bytes],
    encoded: Iterator[tuple[bytes, bytes]],
    sync: bytes,
    compress: Callable[[bytes], bytes],
) -> None:
    while block := list(islice(encoded, _BLOCK_RECORDS)):
        file.write(_LENGTH.pack(-1) + sync + vint(len(block)))
        for column in zip(*block, strict=True):
            for data in (b"".join(vint(len(item)) for item in column), b"".join(column)):
                packed = compress(data)
                file.write(vint(len(packed)) + packed)


def _text(value: str) -> bytes:
    return vint(len(value)) + value.encode()


# ---- reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Header:
    key_class: str
    value_class: str
    by_record: Callable[[bytes], bytes] | None
    by_block: Callable[[bytes], bytes] | None
    sync: bytes


def read_pairs(path: str) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of a file.

    Raises
    ------
    StreamcoreError
        When the file is no sequence file, or is cut off or damaged.
    UnsupportedOperationException
        When it needs a Java class that is not known here.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - the path comes as text
        try:
            header = _read_header(file)
            pairs = _read_records if header.by_block is None else _read_blocks
            yield from pairs(file, header)
        except (EOFError, ValueError, struct.error, zlib.error, OSError) as error:
            raise StreamcoreError(f"{path} is no whole sequence file: {error}") from error


def _read_header(file: IO[bytes]) -> _Header:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("it does not begin as a sequence file of version 6 does")
    key_class, value_class = check_class(_read_text(file)), check_class(_read_text(file))
    compressed, by_block = exactly(file, 2)
    unpack = _CODECS[check_codec(_read_text(file)).rsplit(".", 1)[-1]][1] if compressed else None
    for _ in range(_LENGTH.unpack(exactly(file, 4))[0]):
        _read_text(file)
        _read_text(file)
    sync = exactly(file, 16)
    return _Header(key_class, value_class, None if by_block else unpack, unpack if by_block else None, sync)


def _read_records(file: IO[bytes], header: _Header) -> Iterator[tuple[Any, Any]]:
    while (length := _next_length(file, header)) is not None:
        key_length = _LENGTH.unpack(exactly(file, 4))[0]
        key, value = exactly(file, key_length), exactly(file, length - key_length)
        if header.by_record is not None:
            value = header.by_record(value)
        yield decode(header.key_class, BytesIO(key)), decode(header.value_class, BytesIO(value))


def _read_blocks(file: IO[bytes], header: _Header) -> Iterator[tuple[Any, Any]]:
    assert header.by_block is not None
    while mark := file.read(4):
        if mark != _LENGTH.pack(-1) or exactly(file, 16) != header.sync:
            raise ValueError("the mark at the start of a block is not there")
        count = read_vint(file)
        # Lengths stand beside the data for readers that skip values; the data say where they end.
        _, keys, _, values = [BytesIO(header.by_block(exactly(file, read_vint(file)))) for _ in range(4)]
        for _ in range(count):
            yield decode(header.key_class, keys), decode(header.value_class, values)


def _next_length(file: IO[bytes], header: _Header) -> int | None:
    """Return the length of the next record, behind a mark if there is one; None at the end."""
    data = file.read(4)
    if data == _LENGTH.pack(-1):
        if exactly(file, 16) != header.sync:
            raise ValueError("a mark between records is damaged")
        data = file.read(4)
    if not data:
        return None
    length: int = _LENGTH.unpack(data)[0]
    return length


def _read_text(file: IO[bytes]) -> str:
    return exactly(file, read_vint(file)).decode()
