"""The functions that a session knows by name: built-in ones, and those that were registered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.sql.catalog_entries import Function
from streamcore.sql.inlining import Inlining
from streamcore.sql.tables.function_metadata import SqlFunction
from streamcore.sql.tables.function_texts import function_lines
from streamcore.sql.tables.names import CATALOG, TableName, quoted
from streamcore.sql.variables import is_of_session

if TYPE_CHECKING:
    from streamcore.sql.session import Session
    from streamcore.sql.tables.store import CatalogStore

_BUILT_IN = (["builtin"], ["system", "builtin"])


class FunctionCatalog:
    """What SHOW FUNCTIONS, DESCRIBE FUNCTION and `session.catalog` tell of functions."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._temporary: dict[str, SqlFunction] = {}
        self._inlining = Inlining(session)

    @property
    def inlining(self) -> Inlining:
        """How calls of SQL functions become what they stand for."""
        return self._inlining

    def names(self, kinds: Sequence[str] = ("system", "user"), database: str | None = None) -> list[str]:
        """The names of built-in functions (`system`) and of other ones (`user`), sorted."""
        found: set[str] = set()
        if "system" in kinds:
            found |= built_in_functions()
        if "user" in kinds:
            kept = self._store.functions(database or self._current)
            found |= {*self._session.python_functions, *self._temporary, *map(str, kept)}
        return sorted(found)

    def find(self, parts: Sequence[str]) -> Function | None:
        """A function by the parts of its name; None when there is none."""
        own = self.sql_function(parts)
        if own is not None:
            space = [own.name.database] if own.name.database else None
            catalog = CATALOG if space else None
            return Function(own.name.table, catalog, space, own.comment, "", isTemporary=space is None)
        name, space_of = parts[-1].lower(), parts[:-1]
        is_known = is_of_session(space_of) and name in self._session.python_functions
        is_known = is_known or (_is_built_in(space_of) and name in built_in_functions())
        return Function(name, None, None, None, "", isTemporary=True) if is_known else None

    # ---- functions that are SQL text -------------------------------------------------------------

    def sql_function(self, parts: Sequence[str], database: str | None = None) -> SqlFunction | None:
        """A function that is SQL text: built-in ones come before it, temporary ones before those kept."""
        name = parts[-1].lower()
        if len(parts) == 1 and name in built_in_functions():
            return None
        if is_of_session(parts[:-1]) and name in self._temporary:
            return self._temporary[name]
        if len(parts) > 3 or (len(parts) == 3 and parts[0].lower() != CATALOG):
            return None
        home = parts[-2].lower() if len(parts) > 1 else database or self._current
        is_possible = all(p.isascii() and p.replace("_", "a").isalnum() for p in (home, name))
        return self._store.function(TableName(home, name)) if is_possible else None

    def create(self, function: SqlFunction, *, is_replacing: bool, ignore: bool) -> None:
        """Makes a function; raises AnalysisException when its name is taken, unless that is to be ignored."""
        is_kept = bool(function.name.database)
        there = function.name.table in self._temporary if not is_kept else self._store.function(function.name)
        if there and ignore:
            return
        if there and not is_replacing:
            raise _already_exists(function.name)
        checked = self._inlining.checked(function)
        if not is_kept:
            self._temporary[function.name.table] = checked
        elif there:
            self._store.replace_function(checked)
        elif not self._store.create_function(checked):
            raise _already_exists(function.name)

    def drop(self, parts: Sequence[str], *, is_temporary: bool, ignore: bool) -> None:
        """Forgets a function; raises AnalysisException when there is none, unless that is to be ignored."""
        name = parts[-1].lower()
        if is_temporary:
            if self._temporary.pop(name, None) or self._session.forget_python_function(name) or ignore:
                return
            raise _not_found(quoted([name]))
        if len(parts) == 1 and name in built_in_functions():
            raise AnalysisException(
                f"[FORBIDDEN_OPERATION] The operation DROP FUNCTION is not allowed on the built-in function: "
                f"{quoted([name])}. SQLSTATE: 42809"
            )
        whole = self._session.tables.name_of(list(parts))
        found = self._store.function(whole)
        if found is not None:
            self._store.forget_function(whole)
        elif not ignore:
            raise _not_found(quoted([whole.database, whole.table]))

    def require(self, parts: Sequence[str]) -> Function:
        """A function by the parts of its name; raises AnalysisException when there is none."""
        found = self.find(parts)
        if found is None:
            path = ", ".join(["`system`.`builtin`", "`system`.`session`", quoted([CATALOG, self._current])])
            raise AnalysisException(
                f"[UNRESOLVED_ROUTINE] Cannot resolve routine {quoted(list(parts))} on search path [{path}]. "
                "SQLSTATE: 42883"
            )
        return found

    def described(self, parts: Sequence[str], *, extended: bool) -> list[str]:
        """The lines of DESCRIBE FUNCTION."""
        own = self.sql_function(parts)
        if own is not None:
            return function_lines(own, extended=extended)
        function = self.require(parts)
        if function.name not in self._session.python_functions:
            raise UnsupportedOperationException(
                f"DESCRIBE FUNCTION of {function.name}, which is built in, is not offered: see the page of "
                "functions in PySpark's documentation"
            )
        lines = [f"Function: {function.name}", f"Usage: {function.name} - a Python function of this session."]
        return [*lines, "Extended Usage: N/A."] if extended else lines

    @property
    def _store(self) -> CatalogStore:
        return self._session.tables.store

    @property
    def _current(self) -> str:
        return self._session.tables.current


def built_in_functions() -> frozenset[str]:
    """The names of the functions that every session has."""
    from streamcore.plan.function_specs import function_names
    from streamcore.plan.translate import to_duckdb  # noqa: F401 - loads the families of functions

    return function_names()


def _is_built_in(schema: Sequence[str]) -> bool:
    return not schema or [part.lower() for part in schema] in _BUILT_IN


def _already_exists(name: TableName) -> AnalysisException:
    shown = quoted([name.database, name.table] if name.database else [name.table])
    return AnalysisException(
        f"[ROUTINE_ALREADY_EXISTS] Cannot create the routine {shown} because a routine of that name already "
        "exists. Choose a different name, drop or replace the existing routine, or add the IF NOT EXISTS "
        "clause to tolerate a pre-existing routine. SQLSTATE: 42723"
    )


def _not_found(shown: str) -> AnalysisException:
    return AnalysisException(
        f"[ROUTINE_NOT_FOUND] The routine {shown} cannot be found. Verify the spelling and correctness of "
        "the schema and catalog. If you did not qualify the name with a schema and catalog, verify the "
        "current_schema() output, or qualify the name with the correct schema and catalog. To tolerate the "
        "error on drop use DROP ... IF EXISTS. SQLSTATE: 42883"
    )
