"""The structures that the C library shares with Python, field by field as in its files."""

from __future__ import annotations

from ctypes import Structure, c_char, c_int32, c_int64, c_void_p, sizeof
from typing import Final

_CHUNK: Final = 1000


class BinaryPart(Structure):
    """`binary_t` of c/filling.c."""

    _fields_ = (
        ("validity", c_void_p),
        ("ends", c_void_p),
        ("data", c_void_p),
        ("room", c_int64),
        ("used", c_int64),
        ("nulls", c_int64),
        ("needed", c_int64),
    )


class BatchParts(Structure):
    """`batch_t`."""

    _fields_ = (
        ("rows", c_int64),
        ("rows_room", c_int64),
        ("bytes_limit", c_int64),
        ("key", BinaryPart),
        ("value", BinaryPart),
        ("offsets", c_void_p),
        ("times", c_void_p),
        ("kinds", c_void_p),
        ("with_headers", c_void_p),
        ("header_ends", c_void_p),
        ("headers", c_int64),
        ("headers_room", c_int64),
        ("headers_needed", c_int64),
        ("without_headers", c_int64),
        ("header_key", BinaryPart),
        ("header_value", BinaryPart),
    )


class IntakeState(Structure):
    """`intake_t`: where a queue is read, and the messages fetched from it and not yet taken."""

    _fields_ = (
        ("queue", c_void_p),
        ("position", c_int64),
        ("end", c_int64),
        ("next", c_int32),
        ("fetched", c_int32),
        ("error", c_int32),
        ("error_offset", c_int64),
        ("error_text", c_char * 512),
        ("messages", c_void_p * _CHUNK),
    )


class ColumnPart(Structure):
    """`column_t` of c/sending.c."""

    _fields_ = (("validity", c_void_p), ("ends", c_void_p), ("data", c_void_p), ("first", c_int64))


class RowParts(Structure):
    """`rows_t`."""

    _fields_ = (
        ("count", c_int64),
        ("next", c_int64),
        ("error", c_int32),
        ("topics", c_void_p),
        ("topic_of", c_void_p),
        ("key", ColumnPart),
        ("value", ColumnPart),
        ("partition", ColumnPart),
        ("headers", ColumnPart),
        ("header_key", ColumnPart),
        ("header_value", ColumnPart),
    )


SIZES: Final = {
    "streamcore_filling_sizes": [sizeof(kind) for kind in (BinaryPart, BatchParts, IntakeState)],
    "streamcore_sending_sizes": [sizeof(kind) for kind in (ColumnPart, RowParts)],
}
"""How large each is here, under the names by which the C library says it for itself."""
