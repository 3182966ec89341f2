"""The schema of CSV files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from streamcore.sources.files.formats.csv_cells import Cells
from streamcore.spi.types import (
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

_WHOLE: Final = re.compile(r"[+-]?\d+")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|NaN|-?Inf(inity)?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")


def infer_csv(paths: Sequence[str], cells: Cells, *, typed: bool) -> StructType:
    """The columns of the first file that has any; strings, or with `typed` the narrowest fitting types."""
    first = next((row for path in paths for _, row in islice(cells.records(path), 1)), [])
    names = _names([cell or "" for cell in first], cells)
    if not typed:
        return StructType([StructField(name, StringType()) for name in names])
    kinds: list[DataType | None] = [None] * len(names)
    for path in paths:
        for _, row in islice(cells.records(path), int(cells.header), None):
            for i, cell in enumerate(row[: len(names)]):
                if cell is not None:
                    kinds[i] = _widened(kinds[i], cell)
    return StructType([StructField(n, k or StringType()) for n, k in zip(names, kinds, strict=True)])


def _names(first: list[str], cells: Cells) -> list[str]:
    if not cells.header:
        return [f"_c{i}" for i in range(len(first))]
    folded = [name.lower() for name in first]
    return [
        f"_c{i}" if not name else f"{name}{i}" if folded.count(name.lower()) > 1 else name
        for i, name in enumerate(first)
    ]


def _widened(known: DataType | None, cell: str) -> DataType:
    """The first type of the ladder, from the known one on, that takes the cell."""
    if known is not None and _takes(known, cell):
        return known
    numbers: list[DataType] = [IntegerType(), LongType(), DoubleType()]
    if known is None:
        ladder = [*numbers, DateType(), TimestampType(), BooleanType()]
    elif known in numbers:
        ladder = numbers[numbers.index(known) :]
    else:
        ladder = [TimestampType()] if isinstance(known, DateType) else []
    return next((kind for kind in ladder if _takes(kind, cell)), StringType())


def _takes(kind: DataType, cell: str) -> bool:
    return _TESTS[type(kind)](cell)


def _within(cell: str, bits: int) -> bool:
    return _WHOLE.fullmatch(cell) is not None and -(1 << bits) <= int(cell) < 1 << bits


def _is_time(cell: str) -> bool:
    if _TIME.fullmatch(cell) is None and _DATE.fullmatch(cell) is None:
        return False
    try:
        dt.datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True


_TESTS: Final[dict[type[DataType], Callable[[str], bool]]] = {
    IntegerType: lambda cell: _within(cell, 31),
    LongType: lambda cell: _within(cell, 63),
    DoubleType: lambda cell: _NUMBER.fullmatch(cell) is not None,
    DateType: lambda cell: _DATE.fullmatch(cell) is not None and _is_time(cell),
    TimestampType: _is_time,
    BooleanType: lambda cell: cell.lower() in ("true", "false"),
    StringType: lambda _: True,
}
