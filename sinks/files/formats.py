"""How rows become the bytes of a data file: one encoder per format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from streamcore.errors import AnalysisException
from streamcore.sinks.duck_lines import text_of
from streamcore.spi.types import from_arrow_schema, holds_udt

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.spi.options import Options

_ROW_METADATA = "org.apache.spark.sql.parquet.row.metadata"
"""Where Spark keeps a table's schema in a file."""
_PARQUET_SUFFIX = {
    "snappy": ".snappy", "gzip": ".gz", "zstd": ".zstd", "lz4_raw": ".lz4raw", "brotli": ".br", "none": "",
}  # fmt: skip
_PARQUET_CODEC = {"lz4_raw": "lz4"}
_PARQUET_NAMES = {"uncompressed": "none", "lz4": "lz4_raw", "lz4raw": "lz4_raw"}
_TEXT_SUFFIX = {"none": "", "gzip": ".gz", "bzip2": ".bz2", "zstd": ".zst", "lz4": ".lz4"}
_TEXT_CODEC = {"bzip2": "bz2"}
_TEXT_NAMES = {"uncompressed": "none"}


class Encoder(Protocol):
    """Writes tables of one schema to one file."""

    def write(self, table: pa.Table) -> None:
        """Appends the rows."""

    def close(self) -> None:
        """Writes what is left; the file is whole afterwards."""


class FileFormat(Protocol):
    """Makes encoders; the same object may be used by many threads and must pickle."""

    @property
    def suffix(self) -> str:
        """The end of a file's name, such as ".snappy.parquet"."""

    def check(self, schema: pa.Schema) -> None:
        """Raises AnalysisException naming the column whose type the format cannot hold."""

    def encoder(self, path: str, schema: pa.Schema) -> Encoder:
        """An encoder for a new file."""


class ParquetFormat:
    """Parquet; a row group is what `write` is given at once."""

    def __init__(self, compression: str) -> None:
        self._compression = compression

    @property
    def suffix(self) -> str:
        """See `FileFormat.suffix`."""
        return f"{_PARQUET_SUFFIX[self._compression]}.parquet"

    def check(self, schema: pa.Schema) -> None:
        """See `FileFormat.check`; interval columns have no Parquet type."""
        for field in schema:
            if "interval" in str(field.type):
                raise unsupported_column("Parquet", field)

    def encoder(self, path: str, schema: pa.Schema) -> Encoder:
        """See `FileFormat.encoder`."""
        return _ParquetEncoder(path, schema, _PARQUET_CODEC.get(self._compression, self._compression))


class _ParquetEncoder:
    def __init__(self, path: str, schema: pa.Schema, codec: str) -> None:
        import pyarrow.parquet as pq

        self._file = pa.OSFile(path, "wb")
        self._writer = pq.ParquetWriter(self._file, _telling(schema), compression=codec)

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def close(self) -> None:
        try:
            self._writer.close()
        finally:
            self._file.close()


def _telling(schema: pa.Schema) -> pa.Schema:
    """The schema with what Parquet itself does not tell: user-defined types, and the metadata of columns."""
    found = from_arrow_schema(schema)
    if not any(field.metadata or holds_udt(field.dataType) for field in found.fields):
        return schema
    return schema.with_metadata({_ROW_METADATA: found.json()})


class LineFormat:
    """A text format: `lines_of` gives a table's rows as one string column whose values end their lines."""

    def __init__(
        self,
        extension: str,
        compression: str,
        lines_of: Callable[[pa.Table], pa.ChunkedArray],
        check: Callable[[pa.Schema], None],
        header_of: Callable[[pa.Schema], str] = lambda _: "",
    ) -> None:
        self._extension = extension
        self._compression = compression
        self._lines_of = lines_of
        self._header_of = header_of
        self.check = check

    @property
    def suffix(self) -> str:
        """See `FileFormat.suffix`."""
        return f".{self._extension}{_TEXT_SUFFIX[self._compression]}"

    def encoder(self, path: str, schema: pa.Schema) -> Encoder:
        """See `FileFormat.encoder`."""
        codec = None if self._compression == "none" else _TEXT_CODEC.get(self._compression, self._compression)
        return _LineEncoder(path, codec, self._lines_of, self._header_of(schema))


class _LineEncoder:
    def __init__(
        self, path: str, codec: str | None, lines_of: Callable[[pa.Table], pa.ChunkedArray], header: str
    ) -> None:
        self._file = pa.OSFile(path, "wb")
        self._out = pa.CompressedOutputStream(self._file, codec) if codec else self._file
        self._lines_of = lines_of
        self._out.write(header.encode())

    def write(self, table: pa.Table) -> None:
        for chunk in self._lines_of(table).chunks:
            self._out.write(text_of(chunk))

    def close(self) -> None:
        try:
            if self._out is not self._file:
                self._out.close()
        finally:
            self._file.close()


def parquet_compression(options: Options) -> str:
    """The Parquet codec that the options ask for; snappy unless given."""
    return _compression(options, "snappy", tuple(_PARQUET_SUFFIX), _PARQUET_NAMES)


def text_compression(options: Options) -> str:
    """The codec for text files that the options ask for; none unless given."""
    return _compression(options, "none", tuple(_TEXT_SUFFIX), _TEXT_NAMES)


def _compression(
    options: Options, default: str, allowed: tuple[str, ...], other_names: dict[str, str]
) -> str:
    asked = options.get("compression", default).lower()
    if asked in other_names:
        return other_names[asked]
    return options.choice("compression", allowed, default)


def unsupported_column(format_name: str, field: pa.Field) -> AnalysisException:
    """The error for a column whose type a format cannot hold."""
    return AnalysisException(
        f"the {format_name} format cannot hold the column {field.name!r} of type {field.type}; "
        "cast it (to a string, for instance) before writing"
    )
