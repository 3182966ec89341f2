"""The file sinks by format name: parquet, json, csv and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamcore.duck.time_forms import TIME_OPTIONS
from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.files.formats import ParquetFormat, parquet_compression
from streamcore.sinks.files.settings import COMMON_OPTIONS, check_partition_columns, read_settings
from streamcore.spi.datasource import DataSource
from streamcore.spi.file_manifest import HIDDEN_FOLDER
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

    import pyarrow as pa

    from streamcore.sinks.files.batch_writer import FileBatchWriter
    from streamcore.sinks.files.formats import FileFormat
    from streamcore.sinks.files.manifest_log import ManifestLog
    from streamcore.sinks.files.replacing import Replacement
    from streamcore.sinks.files.settings import FolderSettings
    from streamcore.sinks.files.stream_writer import FileStreamWriter
    from streamcore.spi.types import StructType

_LINE_OPTIONS = ("lineSep", "encoding")


class FileSink(DataSource):
    """A folder of files.

    Options of all formats:

    - `path`: the folder. `compression`: the codec. `partitionBy`: JSON list of the columns that become
      Hive folders. `maxRecordsPerFile`: rows after which a new file is begun.
    - `partitionOverwriteMode` (static): with `dynamic` a batch overwrite of a partitioned folder replaces
      only the partitions that it has rows for.
    - `compactInterval` (10): manifest segments that are merged into one. `cleanupDelayMs` (600000): how
      long the files of rewound batches are kept, out of sight, in case the rewind was a mistake.
    """

    format_options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown((*COMMON_OPTIONS, *self.format_options), f"the {self.name()} sink")
        _refuse_other_encodings(known)
        super().__init__(known)
        self._known = known
        self._settings = read_settings(known)

    def describe(self) -> str:
        """The sink as progress reports name it."""
        return f"FileSink[{self._settings.folder}]"

    def exists(self) -> bool:
        """Whether the folder is there, as the save modes `error` and `ignore` ask."""
        return self._settings.folder.exists()

    def writer(self, schema: StructType, overwrite: bool) -> FileBatchWriter:
        """A batch writer; refuses a folder that a streaming query owns."""
        from streamcore.sinks.files.batch_writer import FileBatchWriter

        settings, file_format = self._settings, self._file_format()
        _refuse_file(settings.folder)
        _refuse_streaming_output(settings.folder)
        arrow_schema = _checked_schema(schema, settings, file_format)
        replacement = _replacement(settings, overwrite=overwrite)
        return FileBatchWriter(settings, arrow_schema, file_format, replacement)

    def streamWriter(self, schema: StructType, overwrite: bool) -> FileStreamWriter:
        """An exactly-once writer for append mode."""
        from streamcore.sinks.files.stream_writer import FileStreamWriter

        settings, file_format = self._settings, self._file_format()
        _refuse_file(settings.folder)
        if settings.is_dynamic:
            raise IllegalArgumentException(
                "option partitionOverwriteMode=dynamic has a meaning in batch writes only: a stream into "
                "files never overwrites"
            )
        arrow_schema = _checked_schema(schema, settings, file_format)
        return FileStreamWriter(settings, arrow_schema, file_format, self.name(), self._open_log)

    def _file_format(self) -> FileFormat:
        raise NotImplementedError

    def _open_log(self) -> ManifestLog:
        from streamcore.sinks.files.manifest_log import ManifestLog
        from streamcore.storage import open_storage

        folder = self._settings.folder
        return ManifestLog(open_storage(folder / HIDDEN_FOLDER), str(folder))


class ParquetSink(FileSink):
    """Parquet files; `compression` is snappy (the default), gzip, zstd, lz4_raw, brotli or none."""

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "parquet"

    def _file_format(self) -> FileFormat:
        return ParquetFormat(parquet_compression(self._known))


class JsonSink(FileSink):
    """One JSON object per line, as `to_json` writes it.

    `ignoreNullFields` (true) leaves nulls of objects out.  Times have milliseconds, and instants the offset
    of `timeZone` (the session's); `timestampFormat`, `timestampNTZFormat` and `dateFormat` say otherwise.
    """

    format_options = ("ignoreNullFields", *TIME_OPTIONS, *_LINE_OPTIONS)

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "json"

    def _file_format(self) -> FileFormat:
        from streamcore.sinks.files.json_lines import json_format

        return json_format(self._known)


class CsvSink(FileSink):
    """CSV files with Spark's options for writing."""

    format_options = (
        "sep", "delimiter", "header", "quote", "escape", "quoteAll", "nullValue", "emptyValue",
        "ignoreLeadingWhiteSpace", "ignoreTrailingWhiteSpace", *TIME_OPTIONS, *_LINE_OPTIONS,
    )  # fmt: skip

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "csv"

    def _file_format(self) -> FileFormat:
        from streamcore.sinks.files.csv_lines import csv_format

        return csv_format(self._known)


class TextSink(FileSink):
    """One string column, one line per row."""

    format_options = _LINE_OPTIONS

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "text"

    def _file_format(self) -> FileFormat:
        from streamcore.sinks.files.text_lines import text_format

        return text_format(self._known)


def _checked_schema(schema: StructType, settings: FolderSettings, file_format: FileFormat) -> pa.Schema:
    import pyarrow as pa

    from streamcore.spi.types import to_arrow_schema

    arrow_schema = nullable_schema(to_arrow_schema(schema))
    names = arrow_schema.names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise AnalysisException(f"the data has several columns called {', '.join(twice)}; rename all but one")
    check_partition_columns(settings.partition_by, names)
    file_format.check(pa.schema([field for field in arrow_schema if field.name not in settings.partition_by]))
    return arrow_schema


def _replacement(settings: FolderSettings, *, overwrite: bool) -> Replacement:
    from streamcore.sinks.files.replacing import Replacement

    if not overwrite:
        return Replacement.NOTHING
    is_dynamic = settings.is_dynamic and settings.partition_by
    return Replacement.TOUCHED_PARTITIONS if is_dynamic else Replacement.EVERYTHING


def _refuse_file(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise AnalysisException(
            f"{folder} is a file, and data is written into a folder: remove the file, or write to another "
            "path"
        )


def _refuse_streaming_output(folder: Path) -> None:
    if (folder / HIDDEN_FOLDER).exists():
        raise AnalysisException(
            f"{folder} is the output of a streaming query: readers see only what its manifest lists, so "
            "files added by a batch write would be invisible. Write to another folder, or remove this one "
            "first"
        )


def _refuse_other_encodings(options: Options) -> None:
    encoding = options.get("encoding", "UTF-8")
    if encoding.lower().replace("-", "") != "utf8":
        raise IllegalArgumentException(f"option encoding={encoding!r}: files are written in UTF-8 only")
