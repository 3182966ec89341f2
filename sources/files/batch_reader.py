"""The batch reader of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from streamcore.sources.files.listing import Place, list_files, require_existing
from streamcore.sources.files.partition import FileInputPartition, read_files
from streamcore.sources.files.table import FileTable
from streamcore.spi.datasource import DataSourceReader, InputPartition

if TYPE_CHECKING:
    import pyarrow as pa


class FileReader(DataSourceReader):
    """Reads the files that are there when the read is planned."""

    def __init__(self, place: Place, table: FileTable) -> None:
        self._place = place
        self._table = table

    def partitions(self) -> Sequence[InputPartition]:
        require_existing(self._place)
        return self._table.partitions(list_files(self._place))

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, FileInputPartition)
        return read_files(partition)
