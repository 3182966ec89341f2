"""Some files as an input partition, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.duck.quoting import identifier, literal
from streamcore.duck.types import type_text
from streamcore.errors import OffsetsLost
from streamcore.sources.files.formats import file_format
from streamcore.sources.files.object_copies import LocalCopies, are_remote
from streamcore.spi.datasource import InputPartition
from streamcore.spi.options import Options
from streamcore.spi.scan import CarefulScan, SplitScan, SqlScan
from streamcore.spi.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa


class FileInputPartition(InputPartition):
    """Files of one format that share the values of their partition columns.

    `data` is the schema of what stands in the files, `constants` the values of the other columns, `size`
    the bytes of the files (None when unknown), and `columns` the names wanted, in their order.
    """

    def __init__(
        self,
        format_name: str,
        paths: Sequence[str],
        schema: StructType,
        constants: Mapping[str, Any],
        options: Mapping[str, str],
        size: int | None = None,
    ) -> None:
        super().__init__(tuple(paths))
        self.size = size
        self.format_name = format_name
        self.paths = tuple(paths)
        self.schema = schema
        self.constants = dict(constants)
        self.options = dict(options)
        self.columns: tuple[str, ...] = tuple(schema.fieldNames())
        self._copies: LocalCopies | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_copies": None}

    def places(self) -> Sequence[str | None]:
        """Where the files are on this machine, in their order; None for one that is gone.

        Copies of what is on an object store live as long as this partition.
        """
        if not are_remote(self.paths):
            return [path if Path(path).exists() else None for path in self.paths]
        if self._copies is None:
            self._copies = LocalCopies(self.paths)
        return self._copies.paths

    def __repr__(self) -> str:
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"FileInputPartition({self.format_name} {self.paths[0]}{more})"

    def with_columns(self, columns: Sequence[str]) -> FileInputPartition:
        """The same rows, of which only `columns` are read."""
        wanted = set(columns)
        narrowed = FileInputPartition(
            self.format_name, self.paths, self.schema, self.constants, self.options, self.size
        )
        narrowed.columns = tuple(name for name in self.schema.fieldNames() if name in wanted)
        return narrowed

    @property
    def data_schema(self) -> StructType:
        """The schema of what stands in the files."""
        return StructType([field for field in self.schema.fields if field.name not in self.constants])

    def sql_scan(self, columns: Sequence[str]) -> SqlScan | None:
        """The files as SQL, where the format can be read so."""
        partition, paths = self.with_columns(columns), _present(self)
        if not paths:
            return None
        inner = [name for name in partition.columns if name not in self.constants]
        chosen = file_format(self.format_name)
        scan = chosen.sql_scan(paths, self.data_schema, inner, Options(self.options))
        return scan if scan is None or not self.constants else _within(scan, partition.outer)

    def outer(self, inner: str) -> str:
        """The query `inner` over the files, with the partition columns added."""
        if not self.constants:
            return inner
        return f"SELECT {', '.join(map(self._column, self.columns)) or 'true AS _'} FROM ({inner})"  # noqa: S608 - quoted

    def _column(self, name: str) -> str:
        if name not in self.constants:
            return identifier(name)
        kind = type_text(self.schema[name].dataType)
        return f"CAST({literal(self.constants[name])} AS {kind}) AS {identifier(name)}"


def _within(scan: SqlScan, outer: Callable[[str], str]) -> SqlScan:
    """The scan with each of its texts inside another."""
    careful, split = scan.careful, scan.split

    def carefully(make: Callable[[], CarefulScan]) -> CarefulScan:
        found = make()
        return CarefulScan(outer(found.sql), found.inputs)

    return SqlScan(
        outer(scan.sql),
        None if careful is None else partial(carefully, careful),
        None if split is None else SplitScan(split.rows, lambda relation: outer(split.over(relation))),
    )


def read_files(partition: FileInputPartition) -> Iterator[pa.RecordBatch]:
    """The rows as Arrow, file after file."""
    inner = [name for name in partition.columns if name not in partition.constants]
    chosen = file_format(partition.format_name)
    paths = _present(partition)
    if not paths:
        return
    for batch in chosen.read(paths, partition.data_schema, inner, Options(partition.options)):
        yield _with_constants(batch, partition)


def _present(partition: FileInputPartition) -> tuple[str, ...]:
    """The files, on this machine; OffsetsLost for one that is gone, unless such are to be ignored."""
    places = partition.places()
    gone = [path for path, place in zip(partition.paths, places, strict=True) if place is None]
    if gone and not Options(partition.options).boolean("ignoreMissingFiles", default=False):
        raise OffsetsLost(
            f"[FAILED_READ_FILE.FILE_NOT_EXIST] {gone[0]} is gone, and the query needs it; restore the file, "
            "or go on without it with option('ignoreMissingFiles', 'true')"
        )
    return tuple(place for place in places if place is not None)


def _with_constants(batch: pa.RecordBatch, partition: FileInputPartition) -> pa.RecordBatch:
    import pyarrow as pa

    from streamcore.spi.types import to_arrow_schema

    if not partition.constants:
        return batch
    wanted = to_arrow_schema(partition.schema)
    columns = [
        pa.repeat(pa.scalar(partition.constants[name], wanted.field(name).type), batch.num_rows)
        if name in partition.constants
        else batch.column(name)
        for name in partition.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=list(partition.columns))
