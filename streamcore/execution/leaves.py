"""What the leaves of a batch plan read: tables in memory, ranges of numbers, and sources."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.attributes import Attribute, attribute
from streamcore.plan.logical import Relation
from streamcore.spi.datasource import DataSourceReader, Filter, is_missing_method
from streamcore.spi.dead_letters import LocatesRecords, with_fields
from streamcore.spi.types import LongType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.rdd.rdd import RDD

_keys = itertools.count(1)


@dataclass(frozen=True, eq=False)
class LocalTable:
    """An Arrow table held in memory, under the user's names."""

    table: pa.Table

    def read(self, columns: Sequence[Attribute]) -> pa.Table:
        """Some of its columns: those of a leaf, whose names are the table's, or all where names repeat."""
        if len(columns) == self.table.num_columns:
            return self.table
        return self.table.select([column.name for column in columns])


@dataclass(frozen=True)
class NumberRange:
    """The numbers of `session.range`, never materialised outside a fragment."""

    start: int
    end: int
    step: int
    partitions: int


@dataclass(frozen=True, eq=False)
class RddRows:
    """The records of an RDD, which tasks make Arrow of at every execution.

    `encode` takes a partition's number and records, and returns the rows as an Arrow IPC stream.
    """

    rdd: RDD[Any]
    schema: StructType
    encode: Callable[[int, Iterator[Any]], bytes]

    @property
    def count(self) -> int:
        """How many partitions the RDD has."""
        return self.rdd.getNumPartitions()

    def tables(self, wanted: Sequence[int]) -> list[pa.Table]:
        """Some partitions, computed by one job."""
        import pyarrow as pa

        found = self.rdd.evaluate(self.encode, "createDataFrame", wanted)
        return [pa.ipc.open_stream(data).read_all() for data in found]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Rows in `count` pieces; `tables` computes those that are wanted."""

    count: int
    tables: Callable[[Sequence[int]], list[pa.Table]]


@dataclass(frozen=True, eq=False)
class BatchScan:
    """A bounded read through the connector contract.

    `data_source` is asked for a new reader at every execution, so that each action sees the data of its
    time; `name` is the format.
    """

    data_source: Any
    schema: StructType
    name: str

    def reader(self, offered: Sequence[Filter] = ()) -> Any:
        """A new `DataSourceReader`, which has taken of the predicates `offered` what it can."""
        made = self._reader()
        if offered and takes_filters(made):
            # What it gives back, and what it does not, is applied to its rows in any case.
            for _ in made.pushFilters(list(offered)):
                pass
        return made

    def located(self) -> tuple[BatchScan, Sequence[StructField]] | None:
        """See `streamcore.spi.dead_letters.LocatedLeaf`."""
        if not isinstance(self.data_source, LocatesRecords):
            return None
        place = self.data_source.coordinates()
        return replace(self, schema=with_fields(self.schema, place)), place.fields

    def _reader(self) -> Any:
        try:
            return self.data_source.reader(self.schema)
        except NotImplementedError as error:
            if not is_missing_method(error):
                raise
            raise UnsupportedOperationException(
                f"The data source {self.name!r} cannot be read as a bounded data set; use readStream."
            ) from error


def takes_filters(reader: Any) -> bool:
    """Whether a reader has a `pushFilters` of its own."""
    own = getattr(type(reader), "pushFilters", None)
    return own is not None and own is not DataSourceReader.pushFilters


def columns_of(schema: StructType) -> tuple[Attribute, ...]:
    """Fresh columns for the fields of a schema."""
    return tuple(attribute(f.name, f.dataType, f.nullable, f.metadata) for f in schema.fields)


def schema_of(columns: Sequence[Attribute]) -> StructType:
    """The schema that these columns form."""
    from streamcore.spi.types import StructField

    return StructType([StructField(a.name, a.data_type, a.nullable, dict(a.metadata)) for a in columns])


def local_relation(table: pa.Table, schema: StructType) -> Relation:
    """A leaf over an Arrow table whose columns are those of `schema`, in order."""
    return Relation(f"local_{next(_keys)}", columns_of(schema), LocalTable(table))


def range_relation(start: int, end: int, step: int, partitions: int) -> Relation:
    """A leaf of one column `id`."""
    column = attribute("id", LongType(), nullable=False)
    return Relation(f"range_{next(_keys)}", (column,), NumberRange(start, end, step, partitions))


def scan_relation(scan: BatchScan) -> Relation:
    """A leaf over a batch reader."""
    return Relation(f"{scan.name}_{next(_keys)}", columns_of(scan.schema), scan)


def rdd_relation(source: RddRows) -> Relation:
    """A leaf over an RDD."""
    return Relation(f"rdd_{next(_keys)}", columns_of(source.schema), source)


def stream_relation(source: Any, schema: StructType, name: str) -> Relation:
    """A streaming leaf; `source` is what the streaming engine reads."""
    return Relation(f"{name}_{next(_keys)}", columns_of(schema), source, is_stream=True)
