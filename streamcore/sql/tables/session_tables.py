"""The tables of a session: names resolved against its current database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked, table_or_view_not_found
from streamcore.sql.tables import refusals
from streamcore.sql.tables.metadata import DatabaseMetadata, TableMetadata
from streamcore.sql.tables.names import CATALOG, DEFAULT, TableName, kept_name, parts_of, quoted
from streamcore.sql.tables.reading import table_relation
from streamcore.sql.tables.store import CatalogStore
from streamcore.sql.tables.view_metadata import ViewMetadata
from streamcore.storage.locations import local_folder

if TYPE_CHECKING:
    from streamcore.plan.logical import Relation
    from streamcore.sql.session import Session


class SessionTables:
    """What `session.catalog` and SQL statements ask for and change."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._current = DEFAULT
        self._relations: dict[TableName, tuple[tuple[TableMetadata, str], Relation]] = {}

    @property
    def store(self) -> CatalogStore:
        """The catalog in the warehouse that is set."""
        return CatalogStore(local_folder(str(self._session.conf.get("spark.sql.warehouse.dir"))))

    # ---- names -----------------------------------------------------------------------------------

    @property
    def current(self) -> str:
        """The current database."""
        return self._current

    def use(self, database: str | Sequence[str]) -> None:
        """Makes a database the current one; raises AnalysisException when there is none of this name."""
        self._current = self.require_database(database).name

    def database_name(self, parts: Sequence[str]) -> str:
        """The name of a database, with or without the catalog's; raises for one in another catalog."""
        if len(parts) > 2:
            raise AnalysisException(
                f"[REQUIRES_SINGLE_PART_NAMESPACE] {CATALOG} requires a single-part namespace, but got "
                f"identifier {quoted(list(parts))}. SQLSTATE: 42K05"
            )
        if len(parts) == 2 and parts[0].lower() != CATALOG:
            raise refusals.catalog_not_found(parts[0])
        return parts[-1].lower()

    def name_of(self, parts: Sequence[str]) -> TableName:
        """The whole name of what is called so; whether there is such a table is not asked.

        Raises AnalysisException for a name in another catalog.
        """
        if len(parts) > 3 or (len(parts) == 3 and parts[0].lower() != CATALOG):
            raise refusals.catalog_not_found(parts[0])
        database = parts[-2] if len(parts) > 1 else self._current
        return TableName(database.lower(), parts[-1].lower())

    def new_name(self, parts: Sequence[str]) -> TableName:
        """The name for a new table; raises AnalysisException where it cannot have that name."""
        name = self.name_of(parts)
        self.require_database(name.database)
        return TableName(name.database, kept_name(name.table))

    # ---- tables ----------------------------------------------------------------------------------

    def entry(self, parts: Sequence[str], database: str | None = None) -> TableMetadata | ViewMetadata | None:
        """The table or view of that name, looked for in `database` if the name has none; or None."""
        if len(parts) > 3 or (len(parts) == 3 and parts[0].lower() != CATALOG):
            return None
        name = self.name_of(parts if database is None or len(parts) > 1 else [database, *parts])
        return self.store.entry(name) if _may_be_kept(name) else None

    def find(self, parts: Sequence[str]) -> TableMetadata | None:
        """The table of that name; None when there is none."""
        found = self.entry(parts)
        return found if isinstance(found, TableMetadata) else None

    def require(self, parts: Sequence[str], statement: str = "This statement") -> TableMetadata:
        """The table of that name; raises AnalysisException when there is none, or a view."""
        found = self.entry(parts)
        if isinstance(found, ViewMetadata):
            raise refusals.expected_table(statement, found.name.quoted)
        if found is None:
            raise table_or_view_not_found(quoted(list(parts)))
        return found

    def relation(self, table: TableMetadata) -> Relation:
        """A leaf that reads the table; the same one as long as it is described and read alike.

        So cached results are found again, and columns of two mentions of the table are the same.
        """
        kept, zone = self._relations.get(table.name), self._zone()
        if kept is None or kept[0] != (table, zone):
            kept = (table, zone), table_relation(table, self.folder(table), zone)
            self._relations[table.name] = kept
        return kept[1]

    def folder(self, table: TableMetadata) -> Path:
        """Where the files of a table are."""
        return self.store.folder(table)

    def create(self, table: TableMetadata | ViewMetadata) -> None:
        """Makes a table or a view known; raises AnalysisException when its name is taken."""
        if not self.store.create(table):
            raise refusals.table_already_exists(table.name)

    def require_outside_catalog(self, table: TableMetadata) -> None:
        """Raises AnalysisException when overwriting or dropping the table would take the catalog along."""
        folder, catalog = self.folder(table).resolve(), self.store.catalog_folder.resolve()
        if folder.is_relative_to(catalog) or catalog.is_relative_to(folder):
            raise AnalysisException(
                f"the table {table.name.quoted} cannot be in {folder}: the catalog is in {catalog}, and its "
                "files would go with the table's. Choose another name or another location"
            )

    def require_free_folder(self, table: TableMetadata) -> None:
        """Raises AnalysisException when there are files already where those of a new table belong."""
        folder = self.folder(table)
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
        if table.is_managed:
            raise refusals.location_already_exists(table.name, folder)
        raise AnalysisException(
            f"CREATE-TABLE-AS-SELECT cannot create table with location to a non-empty directory {folder}."
        )

    def drop(self, table: TableMetadata) -> None:
        """Forgets a table, and removes its files when they are its own."""
        folder = self.folder(table)
        self.forget_results(table)
        self.store.forget(table.name)
        if table.is_managed:
            _remove(folder)

    def drop_view(self, view: ViewMetadata) -> None:
        """Forgets a view."""
        self._session.view_plans.forget(view.name)
        self.store.forget(view.name)

    def move(self, old: TableMetadata, new: TableMetadata) -> None:
        """Puts a table whose rows are there in the place of one elsewhere, and removes what that one had."""
        folder = self.folder(old)
        self.forget_results(old)
        self.store.replace(new)
        if old.is_managed:
            _remove(folder)

    def rename(self, table: TableMetadata, parts: Sequence[str]) -> None:
        """Gives a table another name in its database; its folder moves with it when it is managed."""
        name = self.new_name(parts if len(parts) > 1 else [table.name.database, *parts])
        if name.database != table.name.database:
            raise AnalysisException(
                "RENAME TABLE source and destination databases do not match: "
                f"{backticked(table.name.database)} != {backticked(name.database)}"
            )
        renamed = replace(table, name=name)
        old, new = self.folder(table), self.folder(renamed)
        if table.is_managed and new.exists():
            raise refusals.location_already_exists(name, new)
        self.create(renamed)
        if table.is_managed and old.exists():
            old.rename(new)
        self.forget_results(table)
        self.store.forget(table.name)

    def forget_results(self, table: TableMetadata) -> None:
        """The table has other rows: what was kept of them is computed anew when it is asked for."""
        from streamcore.sql.execution.caching import cache_of

        kept = self._relations.get(table.name)
        if kept is not None:
            cache_of(self._session).invalidate(kept[1].source)

    # ---- databases -------------------------------------------------------------------------------

    def require_database(self, name: str | Sequence[str]) -> DatabaseMetadata:
        """The database of that name, with or without the catalog's; raises when there is none."""
        bare = self.database_name(parts_of(name) if isinstance(name, str) else name)
        found = self.store.database(bare) if bare.replace("_", "").isalnum() else None
        if found is None:
            raise refusals.schema_not_found(bare)
        return found

    def alter_database(self, name: str, change: Callable[[DatabaseMetadata], DatabaseMetadata]) -> None:
        """Says something else of a database; raises AnalysisException when there is none of this name."""
        database = self.require_database(name)
        if database.name == DEFAULT:
            raise AnalysisException(
                f"the database {backticked(DEFAULT)} is that of every warehouse, and cannot be altered: "
                "create another one"
            )
        changed = change(database)
        if changed.location is not None:
            changed = replace(changed, location=str(local_folder(changed.location)))
        self.store.replace_database(changed)

    def create_database(self, database: DatabaseMetadata, *, ignore: bool) -> None:
        """Makes a database; raises AnalysisException when there is one of that name, unless to be ignored."""
        kept_name(database.name)
        if database.location is not None:
            database = replace(database, location=str(local_folder(database.location)))
        is_new = database.name != DEFAULT and self.store.create_database(database)
        if not is_new and not ignore:
            raise refusals.schema_already_exists(database.name)

    def drop_database(self, name: str, *, cascade: bool) -> None:
        """Forgets a database; raises AnalysisException when it has tables that are not to go with it."""
        database, store = self.require_database(name), self.store
        if database.name == DEFAULT:
            raise AnalysisException(
                "[UNSUPPORTED_FEATURE.DROP_DATABASE] The feature is not supported: Drop the default schema "
                f"{backticked(DEFAULT)}. SQLSTATE: 0A000"
            )
        tables = store.tables(database.name)
        functions = store.functions(database.name)
        if (tables or functions) and not cascade:
            raise refusals.schema_not_empty(database.name)
        for function in functions:
            store.forget_function(function)
        for name_there in tables:
            entry = self.store.entry(name_there)
            if isinstance(entry, ViewMetadata):
                self.drop_view(entry)
            elif entry is not None:
                self.drop(entry)
        store.forget_database(database.name)
        if self._current == database.name:
            self._current = DEFAULT

    def _zone(self) -> str:
        return str(self._session.conf.get("spark.sql.session.timeZone"))


def _remove(folder: Path) -> None:
    """Removes a table's folder; of a link only itself, for nobody said whose files it leads to."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def _may_be_kept(name: TableName) -> bool:
    """Whether a table can have this name at all; others never name a file of the catalog."""
    return all(part.isascii() and part.replace("_", "a").isalnum() for part in (name.database, name.table))
