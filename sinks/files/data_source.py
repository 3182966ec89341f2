"""The file sinks by format name: parquet, orc, json, csv and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamcore.duck.time_forms import TIME_OPTIONS
from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.files.formats import ParquetFormat, parquet_compression
from streamcore.sinks.files.refusals import streaming_output
from streamcore.sinks.files.settings import (
    COMMON_OPTIONS,
    check_cluster_columns,
    check_partition_columns,
    read_settings,
)
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
    from streamcore.sinks.files.remote_batch_writer import RemoteBatchWriter
    from streamcore.sinks.files.remote_stream_writer import RemoteStreamWriter
    from streamcore.sinks.files.replacing import OnePartition, Replacement
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
    - `overwritePartition`: JSON object of values (as text, or null) of the first partition columns; a batch
      overwrite replaces the rows of that partition, and takes no others.
    - `clusterBy`: JSON list of columns by which the rows of a file are sorted, in stretches of 128 MB, so
      that readers can skip parts of it. `timeZone` (the session's): of instants in folder names.
    - `compactInterval` (10): manifest segments that are merged into one. `cleanupDelayMs` (600000): how
      long the files of rewound batches are kept, out of sight, in case the rewind was a mistake.
    """

    format_options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown(self.option_names(), f"the {self.name()} sink")
        _refuse_other_encodings(known)
        super().__init__(known)
        self._known = known
        self._settings = read_settings(known)

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        """The options that are read; see `NamesItsOptions`."""
        return (*COMMON_OPTIONS, *cls.format_options)

    def describe(self) -> str:
        """The sink as progress reports name it."""
        return f"FileSink[{self._settings.location}]"

    def exists(self) -> bool:
        """Whether the folder is there, as the save modes `error` and `ignore` ask."""
        if self._settings.is_remote:
            from streamcore.storage.objects.folder import object_folder

            return object_folder(self._settings.location).exists()
        return self._settings.folder.exists()

    def writer(self, schema: StructType, overwrite: bool) -> FileBatchWriter | RemoteBatchWriter:
        """A batch writer; refuses a folder that a streaming query owns."""
        settings, file_format = self._settings, self._file_format()
        arrow_schema = _checked_schema(schema, settings, file_format)
        replacement = _replacement(settings, overwrite=overwrite)
        if settings.is_remote:
            from streamcore.sinks.files.remote_batch_writer import RemoteBatchWriter

            return RemoteBatchWriter(settings, arrow_schema, file_format, replacement)
        from streamcore.sinks.files.batch_writer import FileBatchWriter

        _refuse_file(settings.folder)
        _refuse_streaming_output(settings.folder)
        return FileBatchWriter(settings, arrow_schema, file_format, replacement)

    def streamWriter(self, schema: StructType, overwrite: bool) -> FileStreamWriter | RemoteStreamWriter:
        """An exactly-once writer for append mode."""
        settings, file_format = self._settings, self._file_format()
        if settings.is_dynamic:
            raise IllegalArgumentException(
                "option partitionOverwriteMode=dynamic has a meaning in batch writes only: a stream into "
                "files never overwrites"
            )
        if settings.overwrite_partition is not None:
            raise IllegalArgumentException("option overwritePartition: a stream into files never overwrites")
        arrow_schema = _checked_schema(schema, settings, file_format)
        if settings.is_remote:
            from streamcore.sinks.files.remote_stream_writer import RemoteStreamWriter

            return RemoteStreamWriter(settings, arrow_schema, file_format, self.name())
        from streamcore.sinks.files.stream_writer import FileStreamWriter

        _refuse_file(settings.folder)
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


class OrcSink(FileSink):
    """ORC files; `compression` is zstd (the default), snappy, zlib, lz4 or none."""

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "orc"

    def _file_format(self) -> FileFormat:
        from streamcore.sinks.files.orc import OrcFormat, orc_compression

        return OrcFormat(orc_compression(self._known))


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
    check_partition_columns(settings.partition_by, arrow_schema)
    check_cluster_columns(settings, arrow_schema)
    file_format.check(pa.schema([field for field in arrow_schema if field.name not in settings.partition_by]))
    return arrow_schema


def _replacement(settings: FolderSettings, *, overwrite: bool) -> Replacement | OnePartition:
    from streamcore.sinks.files.replacing import Replacement

    if not overwrite and settings.overwrite_partition is not None:
        raise IllegalArgumentException("option overwritePartition has a meaning in the mode 'overwrite' only")
    if not overwrite:
        return Replacement.NOTHING
    if settings.overwrite_partition is not None:
        return _one_partition(settings, settings.overwrite_partition)
    is_dynamic = settings.is_dynamic and settings.partition_by
    return Replacement.TOUCHED_PARTITIONS if is_dynamic else Replacement.EVERYTHING


def _one_partition(settings: FolderSettings, values: dict[str, str | None]) -> OnePartition:
    import pyarrow as pa

    from streamcore.sinks.files.partitions import folder_of
    from streamcore.sinks.files.replacing import OnePartition

    names = tuple(values)
    if names != settings.partition_by[: len(names)]:
        raise IllegalArgumentException(
            f"option overwritePartition names {', '.join(names)}, which must be the first of the partition "
            f"columns {', '.join(settings.partition_by)}"
        )
    return OnePartition(folder_of(names, list(values.values()), [pa.string()] * len(names)))


def _refuse_file(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise AnalysisException(
            f"{folder} is a file, and data is written into a folder: remove the file, or write to another "
            "path"
        )


def _refuse_streaming_output(folder: Path) -> None:
    if any((place / HIDDEN_FOLDER).exists() for place in (folder, *folder.parents)):
        raise streaming_output(str(folder))


def _refuse_other_encodings(options: Options) -> None:
    encoding = options.get("encoding", "UTF-8")
    if encoding.lower().replace("-", "") != "utf8":
        raise IllegalArgumentException(f"option encoding={encoding!r}: files are written in UTF-8 only")
