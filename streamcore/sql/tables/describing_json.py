"""DESCRIBE EXTENDED ... AS JSON."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from streamcore.spi.types import (
    ArrayType,
    CharType,
    DataType,
    DecimalType,
    MapType,
    StringType,
    StructType,
    VarcharType,
)
from streamcore.sql.tables.assignment import DEFAULT
from streamcore.sql.tables.names import CATALOG
from streamcore.sql.tables.showing import redacted

if TYPE_CHECKING:
    from streamcore.sql.tables.metadata import TableMetadata
    from streamcore.sql.tables.session_tables import SessionTables


def described_as_json(tables: SessionTables, table: TableMetadata) -> str:
    """What is known of a table, as one JSON object under Spark's names."""
    created = dt.datetime.fromtimestamp(table.created_ms / 1000, dt.UTC)
    facts: dict[str, Any] = {
        "table_name": table.name.table,
        "catalog_name": CATALOG,
        "namespace": [table.name.database],
        "schema_name": table.name.database,
        "columns": [_column(field) for field in table.schema.fields],
        "location": f"file:{tables.folder(table)}",
        "storage_properties": redacted(table.options),
        "created_time": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "last_access": "UNKNOWN",
        "created_by": table.created_by,
        "type": "MANAGED" if table.is_managed else "EXTERNAL",
        "provider": table.provider,
        "comment": table.comment,
        "table_properties": redacted(table.properties),
        "partition_provider": "Catalog" if table.partition_by else None,
        "partition_columns": list(table.partition_by),
        "clustering_columns": list(table.cluster_by),
    }
    kept = {key: value for key, value in facts.items() if value not in (None, {}, [])}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def _column(field: Any) -> dict[str, Any]:
    found = {"name": field.name, "type": _type(field.dataType), "nullable": field.nullable}
    metadata = field.metadata or {}
    for key, name in (("comment", "comment"), (DEFAULT, "default")):
        if key in metadata:
            found[name] = metadata[key]
    return found


def _type(data_type: DataType) -> dict[str, Any]:
    match data_type:
        case CharType() | VarcharType():
            return {"name": data_type.typeName(), "length": data_type.length}
        case StringType():
            return {"name": "string", "collation": "UTF8_BINARY"}
        case DecimalType():
            return {"name": "decimal", "precision": data_type.precision, "scale": data_type.scale}
        case ArrayType():
            inner = {"element_type": _type(data_type.elementType), "element_nullable": data_type.containsNull}
            return {"name": "array", **inner}
        case MapType():
            key, value = _type(data_type.keyType), _type(data_type.valueType)
            nullable = data_type.valueContainsNull
            return {"name": "map", "key_type": key, "value_type": value, "value_nullable": nullable}
        case StructType():
            return {"name": "struct", "fields": [_column(field) for field in data_type.fields]}
    return {"name": data_type.simpleString()}
