"""Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from streamcore.duck.quoting import identifier
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.sources.files.formats.file_text import file_text
from streamcore.sources.files.formats.parquet_types import require_readable, with_told_types
from streamcore.spi.options import Options
from streamcore.spi.scan import SplitScan, SqlScan
from streamcore.spi.types import StructType, from_arrow_schema, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH_ROWS: Final = 100_000
# A small file may hold many rows: equal values take next to nothing.
_FEW_ROWS: Final = 100_000


class ParquetFormat:
    """Columns are matched by name, without case; one that a file lacks is null."""

    name = "parquet"
    options: tuple[str, ...] = ("mergeSchema",)

    def check(self, schema: StructType, options: Options) -> None:
        options.boolean("mergeSchema", default=False)

    def infer(self, paths: Sequence[str], options: Options) -> StructType:
        import pyarrow as pa

        if not options.boolean("mergeSchema", default=False):
            return _nullable(with_told_types(from_arrow_schema(_file_schema(paths[0])), [_footer(paths[0])]))
        try:
            merged = pa.unify_schemas([_file_schema(path) for path in paths], promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise AnalysisException(f"the schemas of the parquet files cannot be merged: {error}") from error
        return _nullable(with_told_types(from_arrow_schema(merged), map(_footer, paths)))

    def sql_scan(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> SqlScan | None:
        alike, count = _by_schema(paths)
        if not all(_told_apart_without_case([*columns, *found.names]) for found, _ in alike):
            return None
        rows = " UNION ALL ".join(_select(group, found, schema, columns) for found, group in alike)
        return SqlScan(rows, split=SplitScan(rows, "SELECT * FROM {}".format) if count <= _FEW_ROWS else None)

    def read(
        self, paths: Sequence[str], schema: StructType, columns: Sequence[str], options: Options
    ) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        wanted = to_arrow_schema(schema)
        for path in paths:
            with pq.ParquetFile(path) as file:
                names = _spelled(file.schema_arrow, columns)
                for name, spelled in names.items():
                    if spelled is not None:
                        require_readable(file.schema_arrow, spelled, schema[name].dataType, path)
                present = [name for name in names.values() if name is not None]
                for batch in file.iter_batches(_BATCH_ROWS, columns=present):
                    yield _fitted(batch, names, wanted, path)


def _file_schema(path: str) -> pa.Schema:
    return _footer(path).schema.to_arrow_schema().remove_metadata()


def _footer(path: str) -> pq.FileMetaData:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(path)
    except pa.ArrowInvalid as error:
        raise AnalysisException(f"{path} is no parquet file: {error}") from error


def _by_schema(paths: Sequence[str]) -> tuple[list[tuple[pa.Schema, list[str]]], int]:
    """The files in groups of one schema, and how many rows they have.

    One scan of many files keeps few of them open, a scan of each all.
    """
    groups: dict[tuple[tuple[str, str], ...], tuple[pa.Schema, list[str]]] = {}
    count = 0
    for path in paths:
        footer = _footer(path)
        count += footer.num_rows
        found = footer.schema.to_arrow_schema().remove_metadata()
        key = tuple((field.name, str(field.type)) for field in found)
        groups.setdefault(key, (found, []))[1].append(path)
    return list(groups.values()), count


def _told_apart_without_case(names: Sequence[str]) -> bool:
    """Whether SQL can name each of these columns: it does not tell `N` from `n`."""
    spellings = set(names)
    return len({name.lower() for name in spellings}) == len(spellings)


def _nullable(schema: StructType) -> StructType:
    for field in schema.fields:
        field.nullable = True
    return schema


def _spelled(file_schema: pa.Schema, columns: Sequence[str]) -> dict[str, str | None]:
    """Each wanted column as the file spells it; None when the file lacks it."""
    exact, folded = set(file_schema.names), {name.lower(): name for name in file_schema.names}
    return {name: name if name in exact else folded.get(name.lower()) for name in columns}


def _select(paths: Sequence[str], found: pa.Schema, schema: StructType, columns: Sequence[str]) -> str:
    items = []
    for name, spelled in _spelled(found, columns).items():
        if spelled is not None:
            require_readable(found, spelled, schema[name].dataType, paths[0])
        source = "NULL" if spelled is None else identifier(spelled)
        items.append(f"CAST({source} AS {type_text(schema[name].dataType)}) AS {identifier(name)}")
    files = ", ".join(map(file_text, paths))
    source = f"read_parquet([{files}], hive_partitioning = false)"
    return f"SELECT {', '.join(items) or 'true AS _'} FROM {source}"  # noqa: S608 - every part is quoted


def _fitted(
    batch: pa.RecordBatch, names: dict[str, str | None], wanted: pa.Schema, path: str
) -> pa.RecordBatch:
    import pyarrow as pa

    def column(name: str, spelled: str | None) -> Any:
        kind = wanted.field(name).type
        if spelled is None:
            return pa.nulls(batch.num_rows, kind)
        try:
            return batch.column(spelled).cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise AnalysisException(f"{path}: column {name} cannot be read as {kind}: {error}") from error

    if not names:
        return batch
    return pa.RecordBatch.from_arrays([column(*item) for item in names.items()], names=list(names))


PARQUET: Final = ParquetFormat()
