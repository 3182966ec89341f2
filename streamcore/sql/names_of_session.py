"""What names in a query mean besides columns and built-in functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.plan.session_names import shown_as
from streamcore.sql.tables import refusals
from streamcore.sql.tables.names import quoted

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.resolution import Names
    from streamcore.plan.sql_tables import QueryScope
    from streamcore.sql.inlining import Inlining
    from streamcore.sql.session import Session
    from streamcore.sql.tables.function_metadata import SqlFunction
    from streamcore.sql.tables.names import TableName


class NamesOfSession:
    """The variables of a session, and its functions that are kept as SQL text.

    Functions without a database are looked for in `database`, or in the current one. In the text of what is
    kept, `kept`, nothing may be named that goes with the session.
    """

    def __init__(self, session: Session, database: str | None = None, kept: TableName | None = None) -> None:
        self._session = session
        self._database = database
        self._kept = kept

    def variable(self, parts: Sequence[str], names: Names) -> exp.Expression | None:
        """The value of a variable, or a field of it; None when there is none of this name."""
        for length in range(1, min(len(parts), 3) + 1):
            found = self._session.variables.find(parts[:length])
            if found is not None and self._kept is not None:
                raise refusals.temporary_in_kept(self._kept, "VARIABLE", quoted(list(parts)))
            if found is not None:
                value = shown_as(found.expression, found.shown)
                return names.fields(value, found.data_type, parts[length:])
        return None

    def function(self, parts: Sequence[str], call: exp.Anonymous, names: Names) -> exp.Expression | None:
        """The resolved expression that a call stands for; None when there is no such function."""
        if self._kept is not None and call.name.lower() in self._session.python_functions:
            raise refusals.temporary_in_kept(self._kept, "FUNCTION", quoted(list(parts)))
        function = self._function(parts)
        if function is not None:
            return self._inlining.value(function, call, names)
        if len(parts) == 1:
            return None
        # Other functions are known by their last part alone.
        self._session.function_catalog.require(parts)
        return names.resolve(call)

    def table_function(
        self, parts: Sequence[str], call: exp.Anonymous, scope: QueryScope
    ) -> LogicalPlan | None:
        """The plan that a call in FROM stands for; None when there is no such function."""
        function = self._function(parts)
        return None if function is None else self._inlining.table(function, call, scope)

    def _function(self, parts: Sequence[str]) -> SqlFunction | None:
        functions = self._session.function_catalog
        found = functions.sql_function(parts, self._database)
        if found is not None and self._kept is not None and not found.name.database:
            raise refusals.temporary_in_kept(self._kept, "FUNCTION", quoted(list(parts)))
        return found

    @property
    def _inlining(self) -> Inlining:
        return self._session.function_catalog.inlining
