"""What a table can be: its format, its columns and its options, checked before anything is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.execution.connectors import sink_class, source_class
from streamcore.plan.refusals import backticked, column_already_exists
from streamcore.spi.capabilities import NamesItsOptions
from streamcore.spi.sized_texts import has_sized_text_within
from streamcore.spi.types import CharType, StructField, StructType
from streamcore.sql.tables.names import TableName

if TYPE_CHECKING:
    from streamcore.sql.tables.metadata import TableMetadata

# Where files are, which the table says.
PLACE: Final = ("path", "paths", "basepath")
# What one write replaces is no property of a table.
_OF_ONE_WRITE: Final = ("partitionby", "clusterby", "overwritepartition")
FORMATS: Final = ("parquet", "orc", "json", "csv", "text")


def checked_format(provider: str) -> str:
    """The format in lower case; raises AnalysisException for one that has no table files."""
    if provider.lower() not in FORMATS:
        source_class(provider)  # raises, naming the nearest, for one that is not known at all
        raise AnalysisException(
            f"the data source {provider!r} keeps no files that could be a table's; tables are kept in "
            f"{', '.join(FORMATS)}"
        )
    return provider.lower()


def arranged(
    name: TableName, schema: StructType, partition_by: Iterable[str]
) -> tuple[StructType, tuple[str, ...]]:
    """The columns with those of the partitions at the end, and the latter's names as the schema spells them.

    Raises AnalysisException for columns of one name, for a partition column that there is not, or that is
    named twice, and when no other column is left.
    """
    by_name: dict[str, StructField] = {}
    for field in schema.fields:
        if by_name.setdefault(field.name.lower(), field) is not field:
            raise column_already_exists(field.name.lower())
    chosen = [_partition_column(name, by_name, column) for column in partition_by]
    names = tuple(field.name for field in chosen)
    if len(set(names)) < len(names):
        raise column_already_exists(next(one for one in names if names.count(one) > 1))
    if chosen and len(chosen) == len(schema.fields):
        raise AnalysisException(
            "[ALL_PARTITION_COLUMNS_NOT_ALLOWED] Cannot use all columns for partition columns. "
            "SQLSTATE: KD005"
        )
    return StructType([*(f for f in schema.fields if f.name not in names), *chosen]), names


def _partition_column(name: TableName, columns: Mapping[str, StructField], wanted: str) -> StructField:
    if wanted.lower() not in columns:
        known = ", ".join(backticked(field.name) for field in columns.values())
        raise AnalysisException(
            f"[COLUMN_NOT_DEFINED_IN_TABLE] partition column {backticked(wanted)} is not defined in table "
            f"{name.quoted}, defined table columns are: {known}. SQLSTATE: 42703"
        )
    return columns[wanted.lower()]


def require_padded(table: TableMetadata) -> None:
    """Raises where CHAR and VARCHAR columns could have values that are not of their length.

    Those of tables of the catalog's own are padded and checked when they are written.
    """
    for field in table.schema.fields:
        if has_sized_text_within(field.dataType):
            raise UnsupportedOperationException(
                f"the column {backticked(field.name)} of the table {table.name.quoted} has CHAR or VARCHAR "
                "within an array, a map or a struct, where lengths are not kept: declare STRING there"
            )
        if isinstance(field.dataType, CharType) and not table.is_managed:
            raise UnsupportedOperationException(
                f"the CHAR column {backticked(field.name)} of the table {table.name.quoted}, which has a "
                "LOCATION, is not offered: others may write text there that is not padded. Declare STRING "
                "or VARCHAR, or leave the LOCATION out"
            )


def known_columns(schema: StructType, names: Iterable[str], what: str) -> tuple[str, ...]:
    """Names of columns as the schema spells them; raises AnalysisException for one that it lacks."""
    by_name = {field.name.lower(): field.name for field in schema.fields}
    for name in names:
        if name.lower() not in by_name:
            raise AnalysisException(
                f"{what} column {name} not found in existing columns ({', '.join(schema.names)})."
            )
    return tuple(by_name[name.lower()] for name in names)


def require_known_options(provider: str, options: Mapping[str, str]) -> None:
    """Raises AnalysisException for an option that neither the source nor the sink reads of a table."""
    known = option_names(source_class(provider)) | option_names(sink_class(provider))
    known -= {*PLACE, *_OF_ONE_WRITE}
    unknown = [key for key in options if key.lower() not in known]
    if unknown:
        raise AnalysisException(
            f"a {provider} table has no option {', '.join(sorted(unknown))}; it has "
            f"{', '.join(sorted(known))}"
        )


def option_names(connector: type) -> set[str]:
    """The options that a connector of files reads, in lower case."""
    if not isinstance(connector, NamesItsOptions):
        raise AnalysisException(f"{connector.__name__} does not tell its options, and cannot hold tables")
    return {name.lower() for name in connector.option_names()}
