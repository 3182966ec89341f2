"""The catalog's files: one for each table and each database, in a hidden folder of the warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from streamcore.errors import AnalysisException
from streamcore.sql.tables.function_metadata import SqlFunction
from streamcore.sql.tables.metadata import DatabaseMetadata, TableMetadata
from streamcore.sql.tables.names import DEFAULT, TableName
from streamcore.sql.tables.view_metadata import ViewMetadata, is_view
from streamcore.storage import existing_storage

HIDDEN: Final = "_streamcore_catalog"
_SUFFIX: Final = ".json"


class CatalogStore:
    """Tables and databases by name; what is put is durable, and of two that create one wins.

    Nothing is kept in memory, so that every process with the same warehouse sees the same tables.
    """

    def __init__(self, warehouse: Path) -> None:
        self.warehouse = warehouse
        self.catalog_folder = warehouse / HIDDEN
        self._storage = existing_storage(self.catalog_folder)

    # ---- tables and views ------------------------------------------------------------------------

    def entry(self, name: TableName) -> TableMetadata | ViewMetadata | None:
        """What has this name; None when nothing has."""
        path = _table_path(name)
        try:
            data = self._storage.get(path)
        except FileNotFoundError:
            return None
        found: TableMetadata | ViewMetadata
        kind = ViewMetadata if is_view(data) else TableMetadata
        found = kind.from_json(data, self._place(path))
        if found.name != name:
            # The name says where the files are that go with the table.
            raise AnalysisException(f"{self._place(path)} describes {found.name}: restore the file")
        return found

    def table(self, name: TableName) -> TableMetadata | None:
        """A table; None when there is none."""
        found = self.entry(name)
        return found if isinstance(found, TableMetadata) else None

    def create(self, table: TableMetadata | ViewMetadata) -> bool:
        """Makes a table or a view known; False when its name is taken."""
        return self._storage.put_if_absent(_table_path(table.name), table.to_json())

    def replace(self, table: TableMetadata | ViewMetadata) -> None:
        """Says something else of a table or a view."""
        self._storage.replace(_table_path(table.name), table.to_json())

    def forget(self, name: TableName) -> None:
        """Makes a table or a view unknown; files of a table stay."""
        self._storage.delete(_table_path(name))

    def tables(self, database: str) -> list[TableName]:
        """The tables and views of a database, sorted by name."""
        return [TableName(database, table) for table in _stems(self._storage.list(f"tables/{database}"))]

    def folder(self, table: TableMetadata) -> Path:
        """Where the files of a table are."""
        if table.location is not None:
            return Path(table.location)
        return (
            self.database_folder(self.database(table.name.database), table.name.database) / table.name.table
        )

    # ---- functions -------------------------------------------------------------------------------

    def function(self, name: TableName) -> SqlFunction | None:
        """A function; None when there is none."""
        path = _function_path(name)
        try:
            found = SqlFunction.from_json(self._storage.get(path), self._place(path))
        except FileNotFoundError:
            return None
        if found.name != name:
            raise AnalysisException(f"{self._place(path)} describes {found.name}: restore the file")
        return found

    def create_function(self, function: SqlFunction) -> bool:
        """Makes a function known; False when its name is taken."""
        return self._storage.put_if_absent(_function_path(function.name), function.to_json())

    def replace_function(self, function: SqlFunction) -> None:
        """Says something else of a function."""
        self._storage.replace(_function_path(function.name), function.to_json())

    def forget_function(self, name: TableName) -> None:
        """Makes a function unknown."""
        self._storage.delete(_function_path(name))

    def functions(self, database: str) -> list[TableName]:
        """The functions of a database, sorted by name."""
        return [TableName(database, one) for one in _stems(self._storage.list(f"functions/{database}"))]

    # ---- databases -------------------------------------------------------------------------------

    def database(self, name: str) -> DatabaseMetadata | None:
        """A database; None when there is none."""
        if name == DEFAULT:
            return DatabaseMetadata(DEFAULT, None, "default database")
        path = _database_path(name)
        try:
            database = DatabaseMetadata.from_json(self._storage.get(path), self._place(path))
        except FileNotFoundError:
            return None
        if database.name != name:
            raise AnalysisException(f"{self._place(path)} describes {database.name}: restore the file")
        return database

    def create_database(self, database: DatabaseMetadata) -> bool:
        """Makes a database known; False when its name is taken."""
        return self._storage.put_if_absent(_database_path(database.name), database.to_json())

    def forget_database(self, name: str) -> None:
        """Makes a database unknown."""
        self._storage.delete(_database_path(name))

    def replace_database(self, database: DatabaseMetadata) -> None:
        """Says something else of a database."""
        self._storage.replace(_database_path(database.name), database.to_json())

    def databases(self) -> list[str]:
        """The names of all databases, sorted."""
        return sorted([DEFAULT, *_stems(self._storage.list("databases"))])

    def database_folder(self, database: DatabaseMetadata | None, name: str) -> Path:
        """Where the managed tables of a database are."""
        if database is not None and database.location is not None:
            return Path(database.location)
        return self.warehouse if name == DEFAULT else self.warehouse / f"{name}.db"

    def _place(self, path: str) -> str:
        return f"{self._storage.location}/{path}"


def _table_path(name: TableName) -> str:
    return f"tables/{name.database}/{name.table}{_SUFFIX}"


def _function_path(name: TableName) -> str:
    return f"functions/{name.database}/{name.table}{_SUFFIX}"


def _database_path(name: str) -> str:
    return f"databases/{name}{_SUFFIX}"


def _stems(names: list[str]) -> list[str]:
    return [name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)]
