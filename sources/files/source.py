"""The data sources json, csv, orc, parquet and text."""

from __future__ import annotations

import time
from collections.abc import MutableMapping

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sources.files.formats import file_format
from streamcore.sources.files.listing import (
    FoundFile,
    Place,
    file_uri,
    list_files,
    local_path,
    require_existing,
    require_parents,
)
from streamcore.sources.files.object_copies import LocalCopies, are_remote
from streamcore.sources.files.options import BATCH, LISTING, STREAMING, place_of, stream_options
from streamcore.sources.files.table import FileTable, with_partition_columns
from streamcore.spi.datasource import DataSource, DataSourceReader, DataSourceStreamReader
from streamcore.spi.dead_letters import FILE_PATH
from streamcore.spi.options import Options
from streamcore.spi.types import StringType, StructField, StructType

_TELL_TYPES = ("orc", "parquet")
"""The formats of which one file tells the types of all."""

_SETTLED_MS = 2_000
"""A file that changed just now may change again without another time or size."""


class FileDataSource(DataSource):
    """Files of one format below a path."""

    format_name = ""

    def __init__(self, options: MutableMapping[str, str]) -> None:
        self._options = options if isinstance(options, Options) else Options(options)
        super().__init__(self._options)
        self._place: Place | None = None
        self._found: list[FoundFile] | None = None

    @classmethod
    def name(cls) -> str:
        return cls.format_name

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        """The options that batches and streams read; see `NamesItsOptions`."""
        return (*LISTING, *file_format(cls.format_name).options)

    def describe(self) -> str:
        """As Spark shows the source in progress reports; one text for one place, however it is written."""
        return f"FileStreamSource[{', '.join(sorted(map(local_path, self._where().paths)))}]"

    def schema(self) -> StructType:
        """The schema found in the files, with partition columns at the end."""
        self._check_options()
        require_existing(self._where())
        files = self._files()
        if not files and self.format_name != "text":  # whose lines have one schema
            raise AnalysisException(
                f"[UNABLE_TO_INFER_SCHEMA] there is no {self.format_name} file under "
                f"{', '.join(self._where().paths)} to infer a schema from; give one with schema(...)"
            )
        inner = self._inferred([file.path for file in files])
        return with_partition_columns(inner, files, recursive=self._where().recursive)

    def _inferred(self, paths: list[str]) -> StructType:
        chosen = file_format(self.format_name)
        if not are_remote(paths):
            return chosen.infer(paths, self._options)
        if self.format_name in _TELL_TYPES and not self._options.boolean("mergeSchema", default=False):
            paths = paths[:1]
        copies = LocalCopies(paths)
        return chosen.infer([path for path in copies.paths if path is not None], self._options)

    def with_folder_columns(self, schema: StructType, *, is_bounded: bool) -> StructType:
        """A schema that a user gave, and the columns in folder names that it lacks."""
        if is_bounded:
            require_existing(self._where())
        return with_partition_columns(schema, self._files(), recursive=self._where().recursive)

    def rows_version(self) -> object | None:
        """The files with their sizes and times; None while one of them is too young to be known by these."""
        require_existing(self._where())
        found = list_files(self._where())
        newest = max((file.modified_ms for file in found), default=0)
        return None if newest > time.time() * 1000 - _SETTLED_MS else tuple(found)

    def files(self) -> list[str]:
        """The files that are there now, as URIs; see `ReadsFiles`."""
        return [file_uri(found.path) for found in list_files(self._where())]

    def coordinates(self) -> StructType:
        """Where a record came from; see `LocatesRecords`."""
        return StructType([StructField(FILE_PATH, StringType())])

    def reader(self, schema: StructType) -> DataSourceReader:
        from streamcore.sources.files.batch_reader import FileReader

        self._check_options()
        for name in STREAMING:
            if name in self._options:
                raise IllegalArgumentException(f"the option {name} has a meaning in streams only")
        return FileReader(self._where(), self._table(schema))

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        from streamcore.sources.files.stream_reader import FileStreamReader

        self._check_options()
        for name in BATCH:
            if name in self._options:
                raise IllegalArgumentException(f"the option {name} has a meaning in batches only")
        options = stream_options(self._options, self._where())
        return FileStreamReader(self._where(), self._table(schema), options)

    def _table(self, schema: StructType) -> FileTable:
        file_format(self.format_name).check(schema, self._options)
        return FileTable(self.format_name, schema, self._options, self._where().recursive)

    def _where(self) -> Place:
        if self._place is None:
            self._place = place_of(self._options)
        return self._place

    def _files(self) -> list[FoundFile]:
        if self._found is None:
            require_parents(self._where())
            self._found = list_files(self._where())
        return self._found

    def _check_options(self) -> None:
        known = (*self.option_names(), *STREAMING)
        self._options.reject_unknown(known, f"the {self.format_name} source")


class JsonDataSource(FileDataSource):
    """Lines of JSON, one record each (or one document per file with multiLine)."""

    format_name = "json"


class CsvDataSource(FileDataSource):
    """Comma-separated values."""

    format_name = "csv"


class ParquetDataSource(FileDataSource):
    """Parquet files."""

    format_name = "parquet"


class OrcDataSource(FileDataSource):
    """ORC files."""

    format_name = "orc"


class TextDataSource(FileDataSource):
    """Lines of text, in the column `value`."""

    format_name = "text"
