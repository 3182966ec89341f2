"""One source partition as a table of a fragment: its scan as SQL, or what it reads as Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from streamcore.duck.quoting import identifier
from streamcore.spi.capabilities import KnowsItsSize, NarrowsColumns
from streamcore.spi.scan import CarefulScan, SplitScan, SqlScannable
from streamcore.spi.types import StructType, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa


# Below this many bytes neither more cores nor filters within the scan are worth what they cost.
_WORTH_SHARING = 1 << 20


class ReadsPartitions(Protocol):
    """A batch or stream reader, as far as tasks use it; where tasks run elsewhere it must be picklable."""

    def read(self, partition: Any, /) -> Iterable[Any]:
        """The rows of a partition: tuples, Rows, Arrow record batches or tables."""


@dataclass(frozen=True)
class PartitionInput:
    """What stands for a relation while one partition of it is read.

    `sql` goes into the FROM clause; the text of `careful` takes its place when the fast text failed on its
    data (None when `sql` is exact); `tables` are the Arrow inputs that either reads, those of the careful one
    are read besides. `split` is the scan in two statements, where it can be cut.
    """

    sql: str
    careful: Callable[[], CarefulScan] | None = None
    tables: dict[str, pa.Table] = field(default_factory=dict)
    split: SplitScan | None = None

    def carefully(self) -> CarefulScan:
        """What takes the place of `sql` for any data."""
        if self.careful is None:
            return CarefulScan(self.sql)
        scan = self.careful()
        return CarefulScan(f"({scan.sql})", scan.inputs)


def partition_input(
    key: str, reader: ReadsPartitions, partition: Any, schema: StructType, columns: Sequence[str]
) -> PartitionInput:
    """The input of one partition: `sql_scan(columns)` where the partition offers it, else `read`.

    Works for batch and stream readers alike: both have `read(partition)`.
    """
    scan = partition.sql_scan(columns) if isinstance(partition, SqlScannable) else None
    if scan is not None:
        return PartitionInput(f"({scan.sql})", scan.careful, split=scan.split)
    if isinstance(partition, NarrowsColumns):
        # Rows are counted by a column: one is read even when the query needs none.
        kept = list(columns) or schema.names[:1]
        partition, schema = partition.with_columns(kept), StructType([schema[name] for name in kept])
    table = arrow_table(reader.read(partition), schema)
    return PartitionInput(identifier(key), tables={key: addressable(table)})


def is_small(partition: Any) -> bool:
    """Whether a partition is known to have little to read."""
    size = partition.size if isinstance(partition, KnowsItsSize) else None
    return size is not None and size < _WORTH_SHARING


def addressable(table: pa.Table) -> pa.Table:
    """The table under names that SQL can tell apart; fragments read such a table by position anyway.

    One without columns is given one, since the engine counts rows by columns.
    """
    if not table.num_columns:
        import pyarrow as pa

        return pa.table({"nothing": pa.nulls(table.num_rows)})
    folded = [name.casefold() for name in table.column_names]
    if all(folded) and len(set(folded)) == len(folded):
        return table
    return table.rename_columns([f"column {at}" for at in range(len(folded))])


def arrow_table(rows: Iterable[Any], schema: StructType) -> pa.Table:
    """What a reader yields (tuples, Rows or Arrow record batches) as one table of `schema`."""
    import pyarrow as pa

    from streamcore.execution.rows import table_from_rows

    arrow_schema = to_arrow_schema(schema)
    batches: list[pa.Table] = []
    tuples: list[Any] = []
    for item in rows:
        if isinstance(item, pa.RecordBatch):
            batches.append(_conformed(pa.Table.from_batches([item]), arrow_schema))
        elif isinstance(item, pa.Table):
            batches.append(_conformed(item, arrow_schema))
        else:
            tuples.append(item)
    if tuples:
        batches.append(table_from_rows(tuples, schema))
    return pa.concat_tables(batches) if batches else arrow_schema.empty_table()


def _conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of `schema` by name, in its types."""
    if table.schema.equals(schema):
        return table
    in_order = table.schema.names == schema.names  # then names may repeat
    columns = table.columns if in_order else [table.column(name) for name in schema.names]
    casted = [
        column if column.type == wanted.type else column.cast(wanted.type)
        for column, wanted in zip(columns, schema, strict=True)
    ]
    import pyarrow as pa

    return pa.Table.from_arrays(casted, schema=schema)
