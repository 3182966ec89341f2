"""Catalog: what temporary views and functions there are."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any, NamedTuple

from streamcore.errors import AnalysisException
from streamcore.spi.not_offered import NotOffered
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.views import GLOBAL

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session


class CatalogMetadata(NamedTuple):
    """A catalog."""

    name: str
    description: str | None


class Database(NamedTuple):
    """A database (schema)."""

    name: str
    catalog: str | None
    description: str | None
    locationUri: str


class Table(NamedTuple):
    """A view."""

    name: str
    catalog: str | None
    namespace: list[str] | None
    description: str | None
    tableType: str
    isTemporary: bool

    @property
    def database(self) -> str | None:
        """The namespace when it has one part."""
        return self.namespace[0] if self.namespace and len(self.namespace) == 1 else None


class CatalogColumn(NamedTuple):
    """A column of a view."""

    name: str
    description: str | None
    dataType: str
    nullable: bool
    isPartition: bool = False
    isBucket: bool = False
    isCluster: bool = False


class CatalogFunction(NamedTuple):
    """A built-in function."""

    name: str
    catalog: str | None
    namespace: list[str] | None
    description: str | None
    className: str
    isTemporary: bool


class Catalog:
    """`session.catalog`; there are temporary views only, in the one database `default`."""

    analyzeTable = NotOffered("there are no tables, and DuckDB keeps its own statistics")
    createDatabase = NotOffered("there is one database; keep data in folders")
    createExternalTable = NotOffered("there are no tables; use df.createOrReplaceTempView(name)")
    createTable = NotOffered("there are no tables; use df.createOrReplaceTempView(name)")
    dropDatabase = NotOffered("there is one database")
    dropTable = NotOffered("there are no tables; use dropTempView")
    dropView = NotOffered("use dropTempView")
    getCreateTableString = NotOffered("there are no tables")
    getTableProperties = NotOffered("there are no tables")
    listPartitions = NotOffered("there are no tables; select the partition columns with distinct()")
    listViews = NotOffered("use listTables")
    recoverPartitions = NotOffered("folders are listed at every read")
    refreshByPath = NotOffered("folders are listed at every read")
    registerFunction = NotOffered("Python functions in a query are not offered yet")
    truncateTable = NotOffered("there are no tables; write an empty DataFrame with mode('overwrite')")

    def __init__(self, session: Session) -> None:
        self._session = session

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

    def currentDatabase(self) -> str:
        """The name of the only database."""
        return "default"

    def setCurrentDatabase(self, dbName: str) -> None:
        """Accepts the only database."""
        if not self.databaseExists(dbName):
            raise AnalysisException(
                f"[SCHEMA_NOT_FOUND] The schema `{dbName}` cannot be found. SQLSTATE: 42704"
            )

    def listDatabases(self, pattern: str | None = None) -> list[Database]:
        """The only database."""
        return [self.getDatabase(name) for name in ["default"] if _matches(name, pattern)]

    def getDatabase(self, dbName: str) -> Database:
        """The only database."""
        self.setCurrentDatabase(dbName)
        return Database("default", "spark_catalog", "default database", "")

    def databaseExists(self, dbName: str) -> bool:
        """Whether this is the only database's name."""
        return dbName.rpartition(".")[2] == "default"

    def listTables(self, dbName: str | None = None, pattern: str | None = None) -> list[Table]:
        """The temporary views, sorted by name."""
        local = [_view(name, []) for name in self._session.views.names()]
        if dbName == GLOBAL:
            local = [_view(name, [GLOBAL]) for name in self._session.global_views.names()] + local
        elif dbName is not None:
            self.setCurrentDatabase(dbName)
        return [table for table in local if _matches(table.name, pattern)]

    def getTable(self, tableName: str) -> Table:
        """A temporary view by name."""
        self._session.views.plan(tableName)
        prefix, _, bare = tableName.rpartition(".")
        return _view(bare, [prefix] if prefix else [])

    def tableExists(self, tableName: str, dbName: str | None = None) -> bool:
        """Whether a view has this name."""
        full = tableName if dbName in (None, "default") else f"{dbName}.{tableName}"
        return self._session.views.lookup(full) is not None

    def listColumns(self, tableName: str, dbName: str | None = None) -> list[CatalogColumn]:
        """The columns of a view."""
        full = tableName if dbName in (None, "default") else f"{dbName}.{tableName}"
        return [
            CatalogColumn(a.name, None, a.data_type.simpleString(), a.nullable)
            for a in self._session.views.plan(full).output
        ]

    def listFunctions(self, dbName: str | None = None, pattern: str | None = None) -> list[CatalogFunction]:
        """The built-in functions."""
        return [_function(name) for name in sorted(_function_names()) if _matches(name, pattern)]

    def functionExists(self, functionName: str, dbName: str | None = None) -> bool:
        """Whether a built-in function has this name."""
        return functionName.lower() in _function_names()

    def getFunction(self, functionName: str) -> CatalogFunction:
        """A built-in function by name."""
        if not self.functionExists(functionName):
            raise AnalysisException(
                f"[UNRESOLVED_ROUTINE] Cannot resolve routine `{functionName}`. SQLSTATE: 42883"
            )
        return _function(functionName.lower())

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

    def _cached_frame(self, name: str) -> DataFrame:
        return frame_of(self._session.views.plan(name).child, self._session)


def _view(name: str, namespace: list[str]) -> Table:
    return Table(name, None, namespace, None, "TEMPORARY", isTemporary=True)


def _function(name: str) -> CatalogFunction:
    return CatalogFunction(name, None, None, None, "", isTemporary=True)


def _function_names() -> frozenset[str]:
    from streamcore.plan.translate import to_duckdb  # noqa: F401 - loads the families of functions
    from streamcore.plan.translation.core import function_names

    return function_names()


def _matches(name: str, pattern: str | None) -> bool:
    return pattern is None or fnmatch.fnmatch(name.lower(), pattern.lower())
