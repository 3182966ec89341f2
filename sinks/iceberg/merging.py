"""Rows merged into a table by key: the files that hold one of the keys are written anew, others stay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import AnalysisException
from streamcore.iceberg.conditions import condition
from streamcore.iceberg.reading import read_file
from streamcore.iceberg.rows import as_theirs, empty_theirs
from streamcore.sinks.iceberg.staging import write_theirs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import FileScanTask, Table

    from streamcore.sinks.iceberg.staging import Layout
    from streamcore.spi.types import StructType

_FEW: Final = 100
_PRUNED_BY: Final = (bool, int, str, dt.date, Decimal)


@dataclass(frozen=True)
class Merge:
    """A merge by `keys`; files are written by the layout, under names that begin with `stem`."""

    keys: tuple[str, ...]
    layout: Layout
    stem: str

    def apply(self, table: Table, rows: pa.Table) -> tuple[list[DataFile], list[DataFile]]:
        """The data files to take out of the table, and those to put in."""
        newest = as_theirs(last_of_each_key(rows, self.keys), self.layout.metadata.schema())
        removed: list[DataFile] = []
        added: list[DataFile] = []
        for task in self._files_with(table, newest) if newest.num_rows else ():
            there = self._read(table, task)
            kept = without_keys(there, newest, self.keys)
            if kept.num_rows < there.num_rows:
                removed.append(task.file)
                added += write_theirs(kept, self.layout, self.stem)
        return removed, added + write_theirs(newest, self.layout, self.stem)

    def _files_with(self, table: Table, rows: pa.Table) -> list[FileScanTask]:
        return list(table.scan(row_filter=may_hold(rows, self.keys)).plan_files())

    def _read(self, table: Table, task: FileScanTask) -> pa.Table:
        schema = self.layout.metadata.schema()
        found = read_file(table.io, task, table.metadata, schema)
        return as_theirs(pa.concat_tables([empty_theirs(schema), *map(_table, found)]), schema)


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


def require_keys(keys: Sequence[str], schema: StructType) -> None:
    """Raises AnalysisException for keys that are no plain columns of the rows."""
    for key in keys:
        field = next((field for field in schema.fields if field.name == key), None)
        if field is None or field.dataType.typeName() in ("array", "map", "struct", "variant"):
            raise AnalysisException(
                f"keyColumns names {key!r}, which is no plain column of the rows ({', '.join(schema.names)})"
            )


def last_of_each_key(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The last row of every key, in the order of the rows; null is a key like any other."""
    numbered = table.select(list(keys)).append_column("", pa.array(range(table.num_rows), pa.int64()))
    last = numbered.group_by(list(keys), use_threads=False).aggregate([("", "max")]).column("_max")
    return table if len(last) == table.num_rows else table.take(last.take(pc.sort_indices(last)))


def without_keys(table: pa.Table, others: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The rows whose keys are not among those of `others`; null equals null."""
    together = pa.concat_tables([_keys(table, keys), _keys(others, keys)])
    row = pa.array(range(together.num_rows), pa.int64())
    is_other = pa.array([0] * table.num_rows + [1] * others.num_rows, pa.int8())
    numbered = together.append_column("row ", row).append_column("other ", is_other)
    groups = numbered.group_by(together.column_names, use_threads=False).aggregate(
        [("other ", "max"), ("row ", "list")]
    )
    kept = groups.filter(pc.equal(groups.column("other _max"), 0)).column("row _list")
    rows = pc.list_flatten(kept)
    return table if len(rows) == table.num_rows else table.take(rows.take(pc.sort_indices(rows)))


def _keys(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    columns = [table.column(key) for key in keys]
    plain = [
        column.cast(pa.binary(16)) if isinstance(column.type, pa.UuidType) else column for column in columns
    ]
    return pa.table(plain, names=[f"{number}" for number in range(len(plain))])


def may_hold(rows: pa.Table, keys: Sequence[str]) -> BooleanExpression:
    """A condition that files without any of these keys may fail, told from their metrics."""
    from pyiceberg.expressions import AlwaysTrue, And

    conditions = [found for key in keys if (found := _about(key, rows.column(key))) is not None]
    if not conditions:
        return AlwaysTrue()
    return conditions[0] if len(conditions) == 1 else And(*conditions)


def _about(key: str, column: pa.ChunkedArray) -> BooleanExpression | None:
    from pyiceberg.expressions import And, Or

    if pa.types.is_floating(column.type) or isinstance(column.type, pa.UuidType):
        return None  # NaN lies outside of the bounds that files keep
    values = pc.unique(column.drop_null())
    if not len(values):
        return condition("IsNull", key)
    plain = _literals(
        values if len(values) <= _FEW else pa.array(pc.min_max(values).as_py().values(), values.type)
    )
    if plain is None:
        return None
    if len(values) <= _FEW:
        found = condition("In", key, plain)
    else:
        low, high = plain
        found = And(condition("GreaterThanOrEqual", key, low), condition("LessThanOrEqual", key, high))
    return Or(found, condition("IsNull", key)) if column.null_count else found


def _literals(values: pa.Array) -> list[Any] | None:
    """Values as conditions take them; None where a type has no exact form there."""
    if pa.types.is_timestamp(values.type) or pa.types.is_time(values.type):
        return None
    found = values.to_pylist()
    return found if all(isinstance(value, _PRUNED_BY) for value in found) else None
