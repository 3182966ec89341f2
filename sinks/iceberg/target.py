"""The target table: made when it is missing; else compared with the rows and, by option, widened."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.iceberg.catalogs import find_table
from streamcore.iceberg.failures import surely_refused, unavailable
from streamcore.iceberg.schemas import iceberg_schema_of, iceberg_type_of
from streamcore.sinks.iceberg.partitioning import sort_keys
from streamcore.sinks.iceberg.staging import Layout
from streamcore.spi import types as t

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from pyiceberg.catalog import Catalog
    from pyiceberg.partitioning import PartitionSpec
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table
    from pyiceberg.types import IcebergType

    from streamcore.sinks.iceberg.settings import WriteSettings

_NESTED = (t.StructType, t.ArrayType, t.MapType)
# Every batch writes the table's metadata anew and adds a manifest: older metadata goes, manifests are merged.
_MADE_WITH = {"write.metadata.delete-after-commit.enabled": "true", "commit.manifest-merge.enabled": "true"}


def prepared(catalog: Catalog, settings: WriteSettings, schema: t.StructType, *, is_ordered: bool) -> Table:
    """The table to write into; its name's database is made with it.

    Raises AnalysisException naming every column that does not fit.
    """
    table = find_table(catalog, settings.address)
    if table is None:
        return _made(catalog, settings, schema)
    _require_partitions(table, settings)
    if settings.merge_schema:
        _widen(table, schema, settings)
    problems = list(_problems(table.schema(), schema, settings, is_ordered=is_ordered))
    if problems:
        raise AnalysisException(
            f"the Iceberg table {settings.address} does not fit the rows: {'; '.join(problems)}. Change the "
            "query's columns or the table, or add columns to the table with the option mergeSchema"
        )
    return table


def _made(catalog: Catalog, settings: WriteSettings, schema: t.StructType) -> Table:
    from pyiceberg.exceptions import NamespaceAlreadyExistsError, TableAlreadyExistsError

    made = iceberg_schema_of(schema)
    spec = _identity_spec(made, settings)
    given = settings.address.catalog
    properties = {**_MADE_WITH, **dict(given.table_defaults), **dict(given.table_overrides)}
    namespace = settings.address.identifier[:-1]
    try:
        if not catalog.namespace_exists(namespace):
            with contextlib.suppress(NamespaceAlreadyExistsError):
                catalog.create_namespace(namespace)
        try:
            return catalog.create_table(
                settings.address.identifier, made, partition_spec=spec, properties=properties
            )
        except TableAlreadyExistsError:
            return catalog.load_table(settings.address.identifier)
    except (ValueError, OSError) as error:
        raise AnalysisException(
            f"the Iceberg table {settings.address} cannot be made: {settings.address.redact(str(error))}. "
            "Check the catalog's warehouse"
        ) from None
    except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
        raise unavailable(error, settings.address) from None


def _identity_spec(schema: Schema, settings: WriteSettings) -> PartitionSpec:
    from pyiceberg.partitioning import PARTITION_FIELD_ID_START, PartitionField, PartitionSpec
    from pyiceberg.transforms import IdentityTransform

    fields = []
    for number, name in enumerate(settings.partition_by):
        column = next((field for field in schema.fields if field.name == name), None)
        if column is None or not column.field_type.is_primitive:
            raise AnalysisException(f"partitionBy names {name!r}, which is no plain column of the rows")
        number_of_field = PARTITION_FIELD_ID_START + number
        fields.append(PartitionField(column.field_id, number_of_field, IdentityTransform(), name))
    return PartitionSpec(*fields)


def _require_partitions(table: Table, settings: WriteSettings) -> None:
    if not settings.partition_by:
        return
    found = [str(field.name) for field in table.spec().fields]
    plain = all(str(field.transform) == "identity" for field in table.spec().fields)
    if not plain or found != list(settings.partition_by):
        shown = ", ".join(f"{f.transform}({f.name})" for f in table.spec().fields) or "nothing"
        raise AnalysisException(
            f"the Iceberg table {settings.address} is partitioned by {shown}, not by "
            f"{', '.join(settings.partition_by)}: leave partitionBy out, the table knows its partitions"
        )


def _widen(table: Table, schema: t.StructType, settings: WriteSettings) -> None:
    """Adds the columns that the table lacks and widens types where Iceberg can."""
    known = {field.name: field for field in table.schema().fields}
    added = [field for field in schema.fields if field.name not in known]
    widened = [
        (field.name, kind)
        for field in schema.fields
        if field.name in known and _is_promotion(known[field.name].field_type, kind := _kind(field))
    ]
    if not added and not widened:
        return
    try:
        with table.update_schema() as update:
            for field in added:
                update.add_column(field.name, iceberg_type_of(field.dataType, field.name))
            for name, kind in widened:
                update.update_column(name, kind)
    except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
        if surely_refused(error):
            table.refresh()
            _widen(table, schema, settings)
            return
        raise unavailable(error, settings.address) from None


def _kind(field: t.StructField) -> IcebergType:
    return iceberg_type_of(field.dataType, field.name)


def _is_promotion(found: IcebergType, wanted: IcebergType) -> bool:
    """Whether Iceberg can turn the one type into the other, without writing a file anew."""
    from pyiceberg.types import DecimalType

    if isinstance(found, DecimalType) and isinstance(wanted, DecimalType):
        return found.scale == wanted.scale and found.precision < wanted.precision
    return (str(found), str(wanted)) in (("int", "long"), ("float", "double"))


def _problems(
    found: Schema, schema: t.StructType, settings: WriteSettings, *, is_ordered: bool
) -> Iterator[str]:
    known = {field.name: field for field in found.fields}
    for field in schema.fields:
        column = known.get(field.name)
        if column is None:
            yield f"it has no column {field.name!r} ({field.dataType.simpleString()})"
        elif not fits(field.dataType, column.field_type):
            kind = field.dataType.simpleString()
            yield f"the column {field.name!r} is {column.field_type} and cannot hold {kind}"
        elif not _keeps_nulls(field.dataType, column.field_type):
            yield f"the column {field.name!r} has nulls inside, where {column.field_type} takes none"
        elif column.required and field.nullable and settings.check_nullability:
            yield f"the column {field.name!r} is required, and the query's may be null (check-nullability)"
    given = {field.name for field in schema.fields}
    for column in found.fields:
        if column.name not in given and (column.required or not settings.merge_schema):
            yield f"its column {column.name!r} is not written"
    if is_ordered and known.keys() == given and [f.name for f in found.fields] != schema.names:
        yield f"its columns are in the order {', '.join(known)} (check-ordering)"


def fits(data_type: t.DataType, found: IcebergType) -> bool:
    """Whether every value of our type goes into a table's column."""
    from pyiceberg import types as iceberg

    if isinstance(found, iceberg.StructType) and isinstance(data_type, t.StructType):
        return [f.name for f in data_type.fields] == [f.name for f in found.fields] and all(
            fits(ours.dataType, theirs.field_type)
            for ours, theirs in zip(data_type.fields, found.fields, strict=True)
        )
    if isinstance(found, iceberg.ListType) and isinstance(data_type, t.ArrayType):
        return fits(data_type.elementType, found.element_type)
    if isinstance(found, iceberg.MapType) and isinstance(data_type, t.MapType):
        return fits(data_type.keyType, found.key_type) and fits(data_type.valueType, found.value_type)
    if found.is_struct or not found.is_primitive or isinstance(data_type, _NESTED):
        return False
    if isinstance(found, iceberg.UUIDType | iceberg.FixedType):
        return isinstance(data_type, t.StringType if isinstance(found, iceberg.UUIDType) else t.BinaryType)
    if isinstance(found, iceberg.DecimalType) and isinstance(data_type, t.DecimalType):
        return found.scale == data_type.scale and found.precision >= data_type.precision
    kind = iceberg_type_of(data_type, "")
    return str(kind) == str(found) or _is_promotion(kind, found) or str(found) == f"{kind}_ns"


def _keeps_nulls(data_type: t.DataType, found: IcebergType) -> bool:
    """Whether elements, values and fields that may be null may be so in the table: Arrow would not tell."""
    from pyiceberg import types as iceberg

    if isinstance(found, iceberg.StructType) and isinstance(data_type, t.StructType):
        return all(
            not (ours.nullable and theirs.required) and _keeps_nulls(ours.dataType, theirs.field_type)
            for ours, theirs in zip(data_type.fields, found.fields, strict=True)
        )
    if isinstance(found, iceberg.ListType) and isinstance(data_type, t.ArrayType):
        is_kept = not (data_type.containsNull and found.element_required)
        return is_kept and _keeps_nulls(data_type.elementType, found.element_type)
    if isinstance(found, iceberg.MapType) and isinstance(data_type, t.MapType):
        is_kept = not (data_type.valueContainsNull and found.value_required)
        return is_kept and _keeps_nulls(data_type.valueType, found.value_type)
    return True


def layout_of(table: Table, rows: pa.Schema, settings: WriteSettings) -> Layout:
    """How data files of the table are written in this write; raises for a sort order that cannot be kept."""
    properties = {**table.metadata.properties, **dict(settings.file_properties)}
    if (found := properties.get("write.format.default", "parquet")) != "parquet":
        raise AnalysisException(
            f"the Iceberg table {settings.address} is to be written in {found} (write.format.default), and "
            "only parquet is offered: set the option write-format to parquet, or change the table"
        )
    return Layout(
        schema=rows,
        metadata=table.metadata.model_copy(update={"properties": properties}),
        io=table.io,
        staged_bytes=settings.staged_bytes(properties),
        sort_keys=tuple(sort_keys(table.metadata)),
    )
