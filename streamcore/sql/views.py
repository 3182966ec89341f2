"""Temporary views: names for plans, in one session or in all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked, invalid_view_name
from streamcore.sql.arguments import require_kind
from streamcore.sql.tables.names import TableName
from streamcore.sql.tables.view_metadata import ViewMetadata

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.sql.session import Session

GLOBAL = "global_temp"


def view_name(name: str) -> str:
    """The name, which is one for a view: letters, digits and _, or anything in backticks."""
    require_kind(name, "name", str, "str")
    if not re.fullmatch(r"\w+|`[^`]+`", name):
        raise invalid_view_name(name)
    return name


class GlobalViews:
    """Views that all sessions of an application see, under `global_temp`."""

    def __init__(self) -> None:
        self._views: dict[str, tuple[str, LogicalPlan | ViewMetadata]] = {}

    def create(self, name: str, view: LogicalPlan | ViewMetadata, *, replace: bool) -> None:
        """Names a plan, or the text of a query; names compare without case."""
        bare = name.rpartition(".")[2].strip("`")
        if not bare or (not replace and bare.lower() in self._views):
            raise AnalysisException(
                f"[TEMP_TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create the temporary view {backticked(bare)} "
                "because it "
                "already exists. Choose a different name, drop or replace the existing view. SQLSTATE: 42P07"
            )
        self._views[bare.lower()] = (bare, view)

    def drop(self, name: str) -> bool:
        """Forgets a view; whether there was one."""
        return self._views.pop(name.lower(), None) is not None

    def find(self, name: str) -> LogicalPlan | ViewMetadata | None:
        """What is under a name."""
        found = self._views.get(name.lower())
        return found[1] if found is not None else None

    def names(self) -> list[str]:
        """Every name, sorted."""
        return sorted(name for name, _ in self._views.values())


class Views(GlobalViews):
    """The views of one session; `global_temp.name` reaches those of the application."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def entry(self, parts: Sequence[str]) -> LogicalPlan | ViewMetadata | None:
        """A view by the parts of its name, of which `global_temp` may be the first; or None."""
        if len(parts) == 2 and parts[0].lower() == GLOBAL:
            return self._session.global_views.find(parts[1])
        return self.find(parts[0]) if len(parts) == 1 else None

    def rename(self, parts: Sequence[str], new_parts: Sequence[str]) -> None:
        """Gives a view another name in the same place."""
        views = self if len(parts) == 1 else self._session.global_views
        found = views.find(parts[-1])
        if isinstance(found, ViewMetadata):
            found = replace(found, name=TableName(found.name.database, new_parts[-1].lower()))
        if found is not None:
            views.create(new_parts[-1], found, replace=False)
            views.drop(parts[-1])

    def lookup(self, parts: Sequence[str]) -> LogicalPlan | None:
        """The plan of a view by the parts of its name; or None."""
        found = self.entry(parts)
        return self._session.view_plans.of(found) if isinstance(found, ViewMetadata) else found
