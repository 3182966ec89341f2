"""Catalog: what tables, views and functions there are."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import table_or_view_not_found
from streamcore.spi.types import StructType
from streamcore.sql.arguments import require_kind
from streamcore.sql.catalog_entries import CatalogMetadata, Database, Table, TablePartition
from streamcore.sql.catalog_entries import Column as CatalogColumn
from streamcore.sql.catalog_entries import Function as CatalogFunction
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.tables import defining
from streamcore.sql.tables.metadata import DatabaseMetadata, TableMetadata
from streamcore.sql.tables.names import CATALOG, parts_of, quoted
from streamcore.sql.tables.patterns import is_like
from streamcore.sql.tables.resolving import table_or_view
from streamcore.sql.tables.saving import SavedTable
from streamcore.sql.tables.statistics import analyze_table
from streamcore.sql.tables.view_metadata import ViewMetadata
from streamcore.sql.tables.viewing import drop_view
from streamcore.sql.views import GLOBAL

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session
    from streamcore.sql.tables.session_tables import SessionTables


class Catalog:
    """`session.catalog`: temporary views, and the tables of the warehouse.

    Tables and databases are described in files of the warehouse folder, so that they outlive the session.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _tables(self) -> SessionTables:
        return self._session.tables

    def currentCatalog(self) -> str:
        """The name of the only catalog."""
        return "spark_catalog"

    def setCurrentCatalog(self, catalogName: str) -> None:
        """Accepts the only catalog."""
        if catalogName != "spark_catalog":
            raise AnalysisException(
                f"[CATALOG_NOT_FOUND] The catalog `{catalogName}` not found. SQLSTATE: 42P08"
            )

    def listCatalogs(self, pattern: str | None = None) -> list[CatalogMetadata]:
        """The only catalog."""
        return [CatalogMetadata(n, None) for n in ["spark_catalog"] if _matches(n, pattern)]

    # ---- databases -------------------------------------------------------------------------------

    def currentDatabase(self) -> str:
        """The database in which tables without another are looked for and made."""
        return self._tables.current

    def setCurrentDatabase(self, dbName: str) -> None:
        """Makes another database the current one."""
        self._tables.use(dbName)

    def listDatabases(self, pattern: str | None = None) -> list[Database]:
        """The databases, sorted by name."""
        return [self.getDatabase(name) for name in self._tables.store.databases() if _matches(name, pattern)]

    def getDatabase(self, dbName: str) -> Database:
        """A database by name."""
        found = self._tables.require_database(dbName)
        folder = self._tables.store.database_folder(found, found.name)
        return Database(found.name, CATALOG, found.comment or "", f"file:{folder}")

    def databaseExists(self, dbName: str) -> bool:
        """Whether there is a database of this name."""
        try:
            self._tables.require_database(dbName)
        except AnalysisException:
            return False
        return True

    def createDatabase(
        self, dbName: str, ifNotExists: bool = False, properties: dict[str, str] | None = None
    ) -> None:
        """Makes a database; the properties `comment` and `location` have a meaning of their own."""
        known = {key.lower(): value for key, value in (properties or {}).items()}
        database = DatabaseMetadata(
            dbName.rpartition(".")[2].lower(),
            known.pop("location", None),
            known.pop("comment", None),
            known,
        )
        self._tables.create_database(database, ignore=ifNotExists)

    def dropDatabase(self, dbName: str, ifExists: bool = False, cascade: bool = False) -> None:
        """Forgets a database; with `cascade` its tables are dropped too."""
        if not ifExists or self.databaseExists(dbName):
            self._tables.drop_database(dbName, cascade=cascade)

    # ---- tables and views ------------------------------------------------------------------------

    def listTables(self, dbName: str | None = None, pattern: str | None = None) -> list[Table]:
        """The tables of a database (the current one), sorted by name, and the temporary views."""
        local = [_view(name, []) for name in self._session.views.names()]
        if dbName == GLOBAL:
            found = [_view(name, [GLOBAL]) for name in self._session.global_views.names()]
        else:
            database = self._tables.current if dbName is None else self._tables.require_database(dbName).name
            names = self._tables.store.tables(database)
            # One that was dropped since is left out.
            entries = (self._tables.store.entry(name) for name in names)
            found = [_entry(entry) for entry in entries if entry is not None]
        return [table for table in [*found, *local] if _matches(table.name, pattern)]

    def listViews(self, dbName: str | None = None, pattern: str | None = None) -> list[Table]:
        """The views of a database (the current one), sorted by name, and the temporary ones."""
        return [one for one in self.listTables(dbName, pattern) if one.tableType in ("VIEW", "TEMPORARY")]

    def dropView(self, viewName: str, ifExists: bool = False) -> None:
        """Drops a view that is kept."""
        drop_view(self._session, parts_of(viewName), ignore=ifExists)

    def analyzeTable(self, tableName: str, noScan: bool = False) -> None:
        """Notes how large a table is and, unless `noScan` is set, how many rows it has."""
        analyze_table(self._session, parts_of(tableName), scan=not noScan)

    def getTable(self, tableName: str) -> Table:
        """A table or a temporary view by name."""
        parts = parts_of(tableName)
        if self._session.views.entry(parts) is not None:
            return _view(parts[-1], parts[:-1])
        entry = self._tables.entry(parts)
        if entry is None:
            raise table_or_view_not_found(quoted(parts))
        return _entry(entry)

    def tableExists(self, tableName: str, dbName: str | None = None) -> bool:
        """Whether a table or a view has this name."""
        parts = _in_database(tableName, dbName)
        return self._session.views.entry(parts) is not None or self._tables.entry(parts) is not None

    def listColumns(self, tableName: str, dbName: str | None = None) -> list[CatalogColumn]:
        """The columns of a table or a view."""
        parts = _in_database(tableName, dbName)
        table = None if self._session.views.entry(parts) is not None else self._tables.find(parts)
        if table is not None:
            return _columns(table)
        view = self._session.table(quoted(parts))
        return [
            CatalogColumn(f.name, (f.metadata or {}).get("comment"), f.dataType.simpleString(), f.nullable)
            for f in view.schema.fields
        ]

    def createTable(
        self,
        tableName: str,
        path: str | None = None,
        source: str | None = None,
        schema: StructType | None = None,
        description: str | None = None,
        **options: str,
    ) -> DataFrame:
        """Makes a table, and gives the DataFrame that reads it.

        With a path the files there are the table's, and stay when it is dropped. Without a schema it is the
        one found in the files.
        """
        if schema is not None:
            require_kind(schema, "schema", StructType, "struct type")
        given = options if path is None else {**options, "path": path}
        defining.define_table(
            self._session,
            parts_of(tableName),
            schema,
            SavedTable(tableName, source, "error", given),
            about={"comment": description},
        )
        return self._session.table(tableName)

    def createExternalTable(
        self,
        tableName: str,
        path: str | None = None,
        source: str | None = None,
        schema: StructType | None = None,
        **options: str,
    ) -> DataFrame:
        """`createTable`, under its old name."""
        warnings.warn("createExternalTable is deprecated, use createTable.", FutureWarning, stacklevel=2)
        return self.createTable(tableName, path, source, schema, **options)

    def dropTable(self, tableName: str, ifExists: bool = False, purge: bool = False) -> None:
        """Drops a table, its files too when it was made without a path; they are never kept for later."""
        defining.drop_table(self._session, parts_of(tableName), ignore=ifExists)

    def truncateTable(self, tableName: str) -> None:
        """Removes all rows of a table."""
        defining.truncate_table(self._session, parts_of(tableName))

    def listPartitions(self, tableName: str) -> list[TablePartition]:
        """The partitions of a table that have rows."""
        table = self._tables.require(parts_of(tableName))
        return [TablePartition(text) for text in defining.partitions_of(self._session, table)]

    def recoverPartitions(self, tableName: str) -> None:
        """Raises AnalysisException for what is no partitioned table; folders are listed at every read."""
        defining.partitions_of(self._session, self._tables.require(parts_of(tableName)))
        self.refreshTable(tableName)

    def getTableProperties(self, tableName: str) -> dict[str, str]:
        """The properties that a table was made with."""
        return dict(self._tables.require(parts_of(tableName)).properties)

    def getCreateTableString(self, tableName: str, asSerde: bool = False) -> str:
        """The statement that makes such a table."""
        from streamcore.sql.tables.showing import create_table_text

        if asSerde:
            raise AnalysisException("getCreateTableString: there are no Hive tables; leave asSerde out")
        return create_table_text(self._tables, self._tables.require(parts_of(tableName)))

    # ---- functions -------------------------------------------------------------------------------

    def registerFunction(self, name: str, f: Any, returnType: Any = None) -> Any:
        """`session.udf.register`, under its old name."""
        warnings.warn("Deprecated in 2.3.0. Use spark.udf.register instead.", FutureWarning, stacklevel=2)
        return self._session.udf.register(name, f, returnType)

    def listFunctions(self, dbName: str | None = None, pattern: str | None = None) -> list[CatalogFunction]:
        """The functions of a session: built-in ones and those that were registered."""
        if dbName is not None:
            self._tables.require_database(dbName)
        functions = self._session.function_catalog
        names = [name for name in functions.names() if _matches(name, pattern)]
        return [functions.require([name]) for name in names]

    def functionExists(self, functionName: str, dbName: str | None = None) -> bool:
        """Whether a function has this name."""
        return self._session.function_catalog.find(_in_database(functionName, dbName)) is not None

    def getFunction(self, functionName: str) -> CatalogFunction:
        """A function by name."""
        return self._session.function_catalog.require(parts_of(functionName))

    def dropTempView(self, viewName: str) -> bool:
        """Forgets a view; whether there was one."""
        return self._session.views.drop(viewName)

    def dropGlobalTempView(self, viewName: str) -> bool:
        """Forgets a view of all sessions; whether there was one."""
        dropped: bool = self._session.global_views.drop(viewName)
        return dropped

    def isCached(self, tableName: str) -> bool:
        """Whether a view's result is kept in memory."""
        return self._cached_frame(tableName).is_cached

    def cacheTable(self, tableName: str, storageLevel: Any = None) -> None:
        """Keeps a view's result in memory from its first use on."""
        self._cached_frame(tableName).persist(storageLevel)

    def uncacheTable(self, tableName: str) -> None:
        """Forgets a view's kept result."""
        self._cached_frame(tableName).unpersist()

    def clearCache(self) -> None:
        """Forgets every kept result."""
        from streamcore.sql.execution.caching import cache_of

        cache_of(self._session).clear()

    def refreshTable(self, tableName: str) -> None:
        """Forgets what is kept of a view, so that the next action reads it anew."""
        self.uncacheTable(tableName)

    def refreshByPath(self, path: str) -> None:
        """Forgets what is kept of files, those at the path among them, so that it is read anew."""
        from streamcore.sql.execution.caching import cache_of

        cache_of(self._session).invalidate_files()

    def _cached_frame(self, name: str) -> DataFrame:
        return frame_of(table_or_view(self._session, name).child, self._session)


def _entry(entry: TableMetadata | ViewMetadata) -> Table:
    kind = "VIEW"
    if isinstance(entry, TableMetadata):
        kind = "MANAGED" if entry.is_managed else "EXTERNAL"
    return Table(entry.name.table, CATALOG, [entry.name.database], entry.comment, kind, isTemporary=False)


def _columns(table: TableMetadata) -> list[CatalogColumn]:
    return [
        CatalogColumn(
            field.name,
            (field.metadata or {}).get("comment"),
            field.dataType.simpleString(),
            field.nullable,
            isPartition=field.name in table.partition_by,
            isCluster=field.name in table.cluster_by,
        )
        for field in table.schema.fields
    ]


def _in_database(name: str, database: str | None) -> list[str]:
    """The parts of a name, of which the database may be said apart, as PySpark did before 3.4."""
    parts = parts_of(name)
    return parts if database is None else [*parts_of(database), *parts]


def _view(name: str, namespace: list[str]) -> Table:
    return Table(name, None, namespace, None, "TEMPORARY", isTemporary=True)


def _matches(name: str, pattern: str | None) -> bool:
    return pattern is None or is_like(name, pattern)
