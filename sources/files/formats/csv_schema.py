"""The schema of CSV files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from streamcore.duck.quoting import string
from streamcore.duck.time_forms import TimeForms
from streamcore.sources.files.formats.csv_cells import Cells
from streamcore.sources.files.formats.csv_values import value_sql
from streamcore.sources.files.formats.sampling import sampled
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

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine

    CellPart: TypeAlias = Callable[[SlotEngine, Callable[[str], str]], pa.Table]
    """Runs a query, made for the SQL of some records' cells c0, c1, ..., and gives its rows."""

# From the narrowest on: the first that takes every cell of a column is its type.
_LADDER: Final[tuple[DataType, ...]] = (
    IntegerType(), LongType(), DoubleType(), DateType(), TimestampType(), BooleanType(),
)  # fmt: skip
_DATE: Final = r"\d{4}-\d\d-\d\d"
_TIME: Final = rf"{_DATE}([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?"


def column_names(paths: Sequence[str], cells: Cells) -> list[str]:
    """The columns of the first file that has any."""
    first = next((row for path in paths for _, row in islice(cells.records(path), 1)), [])
    if not cells.header:
        return [f"_c{i}" for i in range(len(first))]
    names = [cell or "" for cell in first]
    folded = [name.lower() for name in names]
    return [
        f"_c{i}" if not name else f"{name}{i}" if folded.count(name.lower()) > 1 else name
        for i, name in enumerate(names)
    ]


def column_types(parts: Iterable[CellPart], width: int, times: TimeForms, ratio: float) -> list[DataType]:
    """The narrowest types that take all cells, or that part of them; strings where there are none."""
    from streamcore.duck.engine import SlotEngine

    # No cell but a null makes a test null.
    tests = [f"bool_and({_takes(f'c{i}', kind, times)})" for i in range(width) for kind in _LADDER]

    def query(cells: str) -> str:
        return f"SELECT {', '.join(tests)} FROM ({sampled(cells, ratio)})"  # noqa: S608 - quoted

    fits: list[list[bool]] = [[] for _ in tests]
    with SlotEngine(threads=os.cpu_count() or 1) as engine:
        for part in parts:
            for so_far, column in zip(fits, part(engine, query).columns, strict=True):
                so_far += [fit.as_py() for fit in column if fit.is_valid]
    return [_narrowest(fits[at : at + len(_LADDER)]) for at in range(0, len(tests), len(_LADDER))]


def schema_of(names: Sequence[str], types: Sequence[DataType]) -> StructType:
    """The schema of columns under their names."""
    return StructType([StructField(name, kind) for name, kind in zip(names, types, strict=True)])


def _narrowest(fits: Sequence[Sequence[bool]]) -> DataType:
    return next((kind for kind, fit in zip(_LADDER, fits, strict=True) if fit and all(fit)), StringType())


def _takes(cell: str, kind: DataType, times: TimeForms) -> str:
    """Whether a cell is a value of the type; null for a null."""
    taken = f"({value_sql(cell, kind, times)}) IS NOT NULL"
    form = _form(kind, times)
    if form is not None:
        # Of most cells the short test says enough; reading the others as times would cost the most.
        taken = f"CASE WHEN regexp_full_match({cell}, {string(form)}) THEN {taken} ELSE false END"
    return f"CASE WHEN {cell} IS NOT NULL THEN {taken} END"


def _form(kind: DataType, times: TimeForms) -> str | None:
    if isinstance(kind, DateType) and times.date is None:
        return _DATE
    return _TIME if isinstance(kind, TimestampType) and times.timestamp is None else None
