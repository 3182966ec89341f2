"""The functions that a session knows by name: built-in ones, and those that were registered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.sql.catalog_entries import Function
from streamcore.sql.tables.names import CATALOG, quoted

if TYPE_CHECKING:
    from streamcore.sql.session import Session

_BUILT_IN = "system.builtin"


class FunctionCatalog:
    """What SHOW FUNCTIONS, DESCRIBE FUNCTION and `session.catalog` tell of functions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def names(self, kinds: Sequence[str] = ("system", "user")) -> list[str]:
        """The names of built-in functions (`system`) and of registered ones (`user`), sorted."""
        found: set[str] = set()
        if "system" in kinds:
            found |= built_in_functions()
        if "user" in kinds:
            found |= set(self._session.python_functions)
        return sorted(found)

    def find(self, parts: Sequence[str]) -> Function | None:
        """A function by the parts of its name; None when there is none."""
        name = parts[-1].lower()
        space = ".".join(parts[:-1]).lower()
        if space in ("", "session", "system.session") and name in self._session.python_functions:
            return Function(name, None, None, None, "", isTemporary=True)
        if space in ("", "builtin", _BUILT_IN) and name in built_in_functions():
            return Function(name, None, None, None, "", isTemporary=True)
        return None

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
        function = self.require(parts)
        is_own = function.name in self._session.python_functions
        what = "a Python function of this session" if is_own else "a built-in function"
        lines = [f"Function: {function.name}", f"Usage: {function.name} - {what}."]
        return [*lines, "Extended Usage: N/A."] if extended else lines

    @property
    def _current(self) -> str:
        return self._session.tables.current


def built_in_functions() -> frozenset[str]:
    """The names of the functions that every session has."""
    from streamcore.plan.function_specs import function_names
    from streamcore.plan.translate import to_duckdb  # noqa: F401 - loads the families of functions

    return function_names()
