"""What a server's catalog says: the table, its columns and identity, and whether changes can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.sources.postgres_changes.changes import TableShape, changes_schema
from streamcore.spi import types as t

if TYPE_CHECKING:
    import psycopg

    from streamcore.sources.postgres_changes.settings import ChangesSettings

OLDEST_SERVER = 130000
_PRECISION, _SCALE = 38, 18
_TYPES: dict[str, t.DataType] = {
    "bool": t.BooleanType(),
    "int2": t.ShortType(),
    "int4": t.IntegerType(),
    "int8": t.LongType(),
    "oid": t.LongType(),
    "float4": t.FloatType(),
    "float8": t.DoubleType(),
    "date": t.DateType(),
    "time": t.TimeType(),
    "timestamp": t.TimestampType(),
    "timestamptz": t.TimestampType(),
    "bytea": t.BinaryType(),
}
_COLUMNS = """
    WITH RECURSIVE plain AS (
        SELECT a.attnum, a.attname::text AS name, a.atttypid AS type, a.atttypmod AS modifier
        FROM pg_attribute a
        WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        UNION ALL
        SELECT p.attnum, p.name, d.typbasetype, CASE WHEN p.modifier = -1 THEN d.typtypmod ELSE p.modifier END
        FROM plain p JOIN pg_type d ON d.oid = p.type WHERE d.typtype = 'd'
    )
    SELECT p.name, b.typname::text, e.typname::text, p.modifier
    FROM plain p JOIN pg_type b ON b.oid = p.type AND b.typtype <> 'd'
    LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
    ORDER BY p.attnum
"""
_TABLE = """
    SELECT c.oid, n.nspname::text, c.relkind::text, c.relreplident::text, c.relpersistence::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = to_regclass(%s)
"""
_INDEX = """
    SELECT array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
    WHERE i.indrelid = %s AND i.{which}
"""
_PUBLICATION = """
    SELECT p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate, p.pubviaroot, to_jsonb(t)
    FROM pg_publication p
    LEFT JOIN pg_publication_tables t
    ON t.pubname = p.pubname AND t.schemaname = %s AND t.tablename = %s
    WHERE p.pubname = %s
"""


@dataclass(frozen=True)
class Table:
    """The table in the catalog; `identity` is the letter of how its changes tell their row."""

    oid: int
    shape: TableShape
    partitioned: bool
    identity: str
    identity_keys: tuple[str, ...]


def find_table(connection: psycopg.Connection[Any], settings: ChangesSettings) -> Table:
    """The table; AnalysisException when it is not there or has no changes to read."""
    from psycopg.sql import Identifier

    # A table without its schema is the one that the server finds, as in any statement.
    name = Identifier(*filter(None, [settings.schema, settings.table])).as_string()
    found = connection.execute(_TABLE, (name,)).fetchone()
    if found is None:
        raise AnalysisException(
            f"there is no table {settings.place}, or the user may not see it; check the option dbtable"
        )
    oid, schema, kind, identity, persistence = found
    if kind not in ("r", "p") or persistence != "p":
        raise AnalysisException(
            f"{settings.place} is no ordinary table: only such tables, and partitioned ones, have their "
            "changes in the log (not views, foreign, temporary and unlogged tables)"
        )
    fields = [
        t.StructField(name, data_type_of(plain, element, modifier))
        for name, plain, element, modifier in connection.execute(_COLUMNS, (oid,))
    ]
    fields = _with_own_types(fields, settings)
    changes_schema(fields, settings.place)
    keys = _index_columns(connection, oid, "indisprimary")
    identity_keys = _index_columns(connection, oid, "indisreplident") if identity == "i" else keys
    shape = TableShape(schema, settings.table, t.StructType(fields), keys)
    return Table(oid, shape, kind == "p", identity, identity_keys)


def data_type_of(plain: str, element: str | None, modifier: int) -> t.DataType:
    """The type of values of a PostgreSQL type; texts where there is none here (json, uuid, enums)."""
    if element is not None:
        return t.ArrayType(data_type_of(element, None, modifier))
    if plain == "numeric":
        if modifier < 0:
            return t.DecimalType(_PRECISION, _SCALE)
        precision, scale = ((modifier - 4) >> 16) & 0xFFFF, (((modifier - 4) & 0x7FF) ^ 1024) - 1024
        fits = precision <= _PRECISION and 0 <= scale <= precision
        return t.DecimalType(precision, scale) if fits else t.StringType()
    return _TYPES.get(plain, t.StringType())


def require_readable(connection: psycopg.Connection[Any], table: Table, settings: ChangesSettings) -> None:
    """Raises AnalysisException, with the way out, when the server or the table cannot give changes."""
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise AnalysisException(
            f"PostgreSQL {version // 10000} at {settings.server.place} is too old: postgres-changes needs 13"
        )
    level = connection.execute("SELECT current_setting('wal_level')").fetchone()
    if level is not None and level[0] != "logical":
        raise AnalysisException(
            f"the server at {settings.server.place} has wal_level={level[0]}, and changes can be read only "
            "with wal_level=logical: ALTER SYSTEM SET wal_level = 'logical', and restart the server "
            "(managed services have a switch for it, such as rds.logical_replication)"
        )
    if table.identity == "n" or (table.identity != "f" and not table.identity_keys):
        raise AnalysisException(
            f"the table {settings.place} has no replica identity (no primary key, or REPLICA IDENTITY "
            "NOTHING): its updates and deletes could not tell which row they mean, and PostgreSQL would "
            "refuse them once the table is published. Give it a primary key, or ALTER TABLE ... REPLICA "
            "IDENTITY FULL"
        )


def have_publication(connection: psycopg.Connection[Any], table: Table, settings: ChangesSettings) -> None:
    """Makes the publication, or checks the one that is there."""
    from psycopg.sql import SQL, Identifier

    names = (table.shape.schema, table.shape.name, settings.publication)
    found = connection.execute(_PUBLICATION, names).fetchone()
    if found is None:
        only = SQL("") if table.partitioned else SQL("ONLY ")
        target = Identifier(table.shape.schema, table.shape.name)
        connection.execute(
            SQL("CREATE PUBLICATION {} FOR TABLE {}{} WITH (publish_via_partition_root = true)").format(
                Identifier(settings.publication), only, target
            )
        )
        return
    complete, via_root, listed = found
    if problem := _problem_of(listed, table, complete=complete, via_root=via_root):
        raise AnalysisException(
            f"the publication {settings.publication!r} does not give all changes of {settings.place}: "
            f"{problem}. Alter it, or name another one with the option publicationName: one that is not "
            "there is made"
        )


def _problem_of(listed: dict[str, Any] | None, table: Table, *, complete: bool, via_root: bool) -> str | None:
    if listed is None:
        return "it does not hold the table (ALTER PUBLICATION ... ADD TABLE)"
    if not complete:
        return "it leaves kinds of changes out (SET (publish = 'insert, update, delete, truncate'))"
    if table.partitioned and not via_root:
        return "it publishes partitions under their own names (SET (publish_via_partition_root = true))"
    if listed.get("rowfilter"):
        return "it has a row filter (filter after the read)"
    columns = listed.get("attnames")
    if columns is not None and not set(table.shape.columns.names) <= set(columns):
        return "it has a list of columns (select them after the read)"
    return None


def _with_own_types(fields: list[t.StructField], settings: ChangesSettings) -> list[t.StructField]:
    own = {field.name: field for field in t.parse_ddl(settings.custom_schema or "").fields}
    if unknown := sorted(own.keys() - {field.name for field in fields}):
        raise AnalysisException(
            f"customSchema names columns that {settings.place} does not have: {', '.join(unknown)}"
        )
    return [own.get(field.name, field) for field in fields]


def _index_columns(connection: psycopg.Connection[Any], oid: int, which: str) -> tuple[str, ...]:
    from psycopg.sql import SQL, Identifier

    found = connection.execute(SQL(_INDEX).format(which=Identifier(which)), (oid,)).fetchone()
    return tuple(found[0]) if found and found[0] else ()
