"""ORC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import AnalysisException, QueryExecutionException
from streamcore.sources.files.formats.parquet_types import is_readable
from streamcore.spi.options import Options
from streamcore.spi.scan import SqlScan
from streamcore.spi.types import (
    DataType,
    IntegralType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    from_arrow_type,
    to_arrow_schema,
)

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.orc as po

# What Spark notes down of a column whose ORC type does not tell it.
_TYPE: Final = b"spark.sql.catalyst.type"


class OrcFormat:
    """Columns are matched by name, without case; one that a file lacks is null.

    ORC's TIMESTAMP is what a clock showed where the file was written: it is an instant in the option
    `timeZone` (the session's).
    """

    name = "orc"
    options: tuple[str, ...] = ("mergeSchema",)

    def check(self, schema: StructType, options: Options) -> None:
        options.boolean("mergeSchema", default=False)

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        merge = options.boolean("mergeSchema", default=False)
        fields: dict[str, StructField] = {}
        for path in paths if merge else paths[:1]:
            for name, kind in _types(_opened(path).schema, path).items():
                known = fields.setdefault(name, StructField(name, kind))
                if known.dataType != kind:
                    raise AnalysisException(
                        f"the schemas of the orc files cannot be merged: {name} is {kind.simpleString()} in "
                        f"{path}, and {known.dataType.simpleString()} in one before"
                    )
        return StructType(list(fields.values()))

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        return None

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        zone = options.get("timeZone", "UTC")
        for path in paths:
            yield from _batches(path, schema, columns, zone)


def _batches(path: str, schema: StructType, columns: Sequence[str], zone: str) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    file, wanted = _opened(path), to_arrow_schema(schema)
    found = _types(file.schema, path)
    folded = {name.lower(): name for name in found}
    names = {name: name if name in found else folded.get(name.lower()) for name in columns}
    for name, spelled in names.items():
        if spelled is not None:
            _require_readable(found[spelled], schema[name].dataType, spelled, path)
    present = [name for name in names.values() if name is not None]
    for stripe in range(file.nstripes):
        batch = _stripe(file, stripe, present, path)
        arrays = [
            pa.nulls(batch.num_rows, wanted.field(name).type)
            if spelled is None
            else _fitted(batch.column(spelled), found[spelled], wanted.field(name).type, zone, path)
            for name, spelled in names.items()
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=list(names)) if names else batch


def _stripe(file: po.ORCFile, stripe: int, present: list[str], path: str) -> pa.RecordBatch:
    import pyarrow as pa

    try:
        # A stripe without columns would have no rows either.
        return file.read_stripe(stripe, columns=present or [file.schema.names[0]])
    except (OSError, pa.ArrowInvalid) as error:
        raise QueryExecutionException(f"{path} cannot be read: {error}") from error


def _opened(path: str) -> po.ORCFile:
    import pyarrow as pa
    import pyarrow.orc as po

    try:
        return po.ORCFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise AnalysisException(f"{path} is no orc file: {error}") from error


def _types(found: pa.Schema, path: str) -> dict[str, DataType]:
    """The columns of a file, as Spark reads them."""
    return {field.name: _type(field, path) for field in found}


def _type(field: pa.Field, path: str) -> DataType:
    import pyarrow as pa

    noted = (field.metadata or {}).get(_TYPE)
    if noted == b"timestamp_ntz" and pa.types.is_int64(field.type):
        return TimestampNTZType()
    if pa.types.is_timestamp(field.type):
        return TimestampType()
    if pa.types.is_nested(field.type) and "timestamp[ns]" in str(field.type):
        raise AnalysisException(
            f"{path}: the column {field.name} has times without a zone inside of values, which are not "
            "offered; leave the column out with schema(...)"
        )
    return from_arrow_type(field.type)


def _require_readable(actual: DataType, wanted: DataType, column: str, path: str) -> None:
    is_wider = isinstance(actual, IntegralType) and isinstance(wanted, LongType | StringType)
    is_double = isinstance(actual, LongType) and wanted.simpleString() == "double"
    if not (is_wider or is_double or is_readable(actual, wanted)):
        raise QueryExecutionException(
            f"{path}: the orc column {column} is {actual.simpleString()} and cannot be read as "
            f"{wanted.simpleString()}. Read it as {actual.simpleString()} and cast it"
        )


def _fitted(column: pa.Array, actual: DataType, kind: pa.DataType, zone: str, path: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        if isinstance(actual, TimestampNTZType):
            return column.cast(pa.timestamp("us")).cast(kind)
        if isinstance(actual, TimestampType) and column.type.tz is None:
            local = column.cast(pa.timestamp("us"), safe=False)
            if not pa.types.is_timestamp(kind) or kind.tz is None:
                return local.cast(kind)
            return pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="latest").cast(kind)
        # ORC's times have nanoseconds, of which Spark keeps the microseconds.
        return column.cast(kind, safe=not isinstance(actual, TimestampType))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise QueryExecutionException(f"{path}: a column cannot be read as {kind}: {error}") from error


ORC: Final = OrcFormat()
