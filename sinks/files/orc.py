"""ORC files, as Spark lays them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from streamcore.errors import QueryExecutionException
from streamcore.sinks.files.formats import unsupported_column

if TYPE_CHECKING:
    from streamcore.sinks.files.formats import Encoder
    from streamcore.spi.options import Options

_CODECS: Final = ("zstd", "snappy", "zlib", "lz4", "none")
# ORC has one kind of time without a zone, which Spark reads as an instant; others it notes down so.
_LOCAL_TIME: Final = {"spark.sql.catalyst.type": "timestamp_ntz"}


class OrcFormat:
    """ORC; a stripe is what `write` is given at once, or a part of it."""

    def __init__(self, compression: str) -> None:
        self._compression = compression

    @property
    def suffix(self) -> str:
        """See `FileFormat.suffix`."""
        return ".orc" if self._compression == "none" else f".{self._compression}.orc"

    def check(self, schema: pa.Schema) -> None:
        """See `FileFormat.check`."""
        import pyarrow.orc as po

        for field in schema:
            is_local = pa.types.is_nested(field.type) and "timestamp[us]" in str(field.type)
            try:
                rows = pa.schema([_stored(field)]).empty_table()
                po.write_table(rows, pa.BufferOutputStream())
            except pa.ArrowNotImplementedError:
                is_local = True
            if is_local:
                raise unsupported_column("ORC", field)

    def encoder(self, path: str, schema: pa.Schema) -> Encoder:
        """See `FileFormat.encoder`."""
        codec = "uncompressed" if self._compression == "none" else self._compression
        return _OrcEncoder(path, schema, codec)


class _OrcEncoder:
    def __init__(self, path: str, schema: pa.Schema, codec: str) -> None:
        import pyarrow.orc as po

        self._schema = pa.schema([_stored(field) for field in schema])
        self._file = pa.OSFile(path, "wb")
        self._writer: Any = po.ORCWriter(self._file, compression=codec)
        self._is_empty = True

    def write(self, table: pa.Table) -> None:
        columns = [_fitted(table.column(at), field) for at, field in enumerate(self._schema)]
        self._writer.write(pa.Table.from_arrays(columns, schema=self._schema))
        self._is_empty = False

    def close(self) -> None:
        try:
            if self._is_empty:
                # The columns are written with the first rows.
                self._writer.write(self._schema.empty_table())
            self._writer.close()
        finally:
            self._file.close()


def _stored(field: pa.Field) -> pa.Field:
    """The field as it is kept in the file."""
    if pa.types.is_timestamp(field.type) and field.type.tz is None:
        return pa.field(field.name, pa.int64(), metadata=_LOCAL_TIME)
    return field


def _fitted(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """The column as the field keeps it; QueryExecutionException for an instant that no reader could take."""
    if pa.types.is_timestamp(field.type):
        try:
            column.cast(pa.timestamp("ns", field.type.tz))
        except pa.ArrowInvalid as error:
            raise QueryExecutionException(
                f"the ORC column {field.name!r} cannot hold an instant before 1677 or after 2262: {error}. "
                "Write it as text, or use parquet"
            ) from error
    return column.cast(field.type)


def orc_compression(options: Options) -> str:
    """The codec that the options ask for; zstd unless given, as in Spark 4."""
    asked = options.get("compression", "zstd").lower()
    return "none" if asked == "uncompressed" else options.choice("compression", _CODECS, "zstd")
