"""Hive partition folders: rows split by the values of the partition columns, values as folder names."""

from __future__ import annotations

import datetime as dt
import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import QueryExecutionException
from streamcore.spi.cast_text import value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_LONGEST_NAME = 255  # bytes, on all file systems in common use
_SHOWN = 40
_ESCAPED = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")


def escape_name(text: str) -> str:
    """A column name or value as part of a folder name, escaped as Hive and Spark do.

    >>> escape_name("a/b=c")
    'a%2Fb%3Dc'
    """
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", text)


def folder_of(
    names: tuple[str, ...], values: list[Any], types: list[pa.DataType], zone: dt.tzinfo = dt.UTC
) -> str:
    """The relative folder of one combination of partition values; instants are shown in `zone`.

    Raises QueryExecutionException, naming column and value, for one that is too long.
    """
    parts = []
    for name, value, arrow_type in zip(names, values, types, strict=True):
        text = "" if value is None else value_text(value, arrow_type, zone)
        folder = f"{escape_name(name)}={escape_name(text) if text else NULL_PARTITION}"
        if len(os.fsencode(folder)) > _LONGEST_NAME:
            raise QueryExecutionException(_too_long(name, text))
        parts.append(folder)
    return "/".join(parts)


def _too_long(column: str, text: str) -> str:
    shown = repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
    return (
        f"the value {shown} of the partition column {column!r} cannot be the name of a folder: it is longer "
        f"than {_LONGEST_NAME} bytes. Cut it before the write (with substring, for instance), or partition "
        "by another column"
    )


def split_by_partition(
    table: pa.Table, names: tuple[str, ...], zone: dt.tzinfo = dt.UTC
) -> Iterator[tuple[str, pa.Table]]:
    """The relative folder and the rows, without the partition columns, of each combination of values.

    Rows keep their order within a folder.  Without partition columns all rows belong to folder "".
    """
    if not names:
        yield "", table
        return
    rest = table.drop_columns(list(names))
    types = [table.schema.field(name).type for name in names]
    for rows in _groups(table, names):
        first = int(rows[0])
        values = [table.column(name)[first].as_py() for name in names]
        yield folder_of(names, values, types, zone), rest.take(rows)


def _groups(table: pa.Table, names: tuple[str, ...]) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """Row numbers of each combination of values, combinations in the order of their first row."""
    if not table.num_rows:
        return []
    code = np.zeros(table.num_rows, dtype=np.int64)
    for name in names:
        encoded = table.column(name).combine_chunks().dictionary_encode(null_encoding="encode")
        pair = code * (len(encoded.dictionary) or 1) + encoded.indices.to_numpy(zero_copy_only=False)
        # Numbering anew after every column keeps the product of cardinalities from overflowing.
        code = np.unique(pair, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(code, kind="stable")
    cuts = np.flatnonzero(np.diff(code[order])) + 1
    return sorted(np.split(order, cuts), key=lambda rows: int(rows[0]))
