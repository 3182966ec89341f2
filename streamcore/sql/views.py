"""Temporary views: names for plans, in one session or in all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException, TempTableAlreadyExistsException
from streamcore.plan.refusals import backticked, invalid_view_name
from streamcore.sql.arguments import require_kind

if TYPE_CHECKING:
    from streamcore.plan.logical import Alias, LogicalPlan
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
        self._plans: dict[str, tuple[str, LogicalPlan]] = {}

    def create(self, name: str, plan: LogicalPlan, *, replace: bool) -> None:
        """Names a plan; names compare without case."""
        bare = name.rpartition(".")[2].strip("`")
        if not bare or (not replace and bare.lower() in self._plans):
            raise TempTableAlreadyExistsException(
                f"[TEMP_TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create the temporary view {backticked(bare)} "
                "because it "
                "already exists. Choose a different name, drop or replace the existing view. SQLSTATE: 42P07"
            )
        self._plans[bare.lower()] = (bare, plan)

    def drop(self, name: str) -> bool:
        """Forgets a view; whether there was one."""
        return self._plans.pop(name.lower(), None) is not None

    def find(self, name: str) -> LogicalPlan | None:
        """The plan under a name."""
        found = self._plans.get(name.lower())
        return found[1] if found is not None else None

    def names(self) -> list[str]:
        """Every name, sorted."""
        return sorted(name for name, _ in self._plans.values())


class Views(GlobalViews):
    """The views of one session; `global_temp.name` reaches those of the application."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def plan(self, name: str) -> Alias:
        """The plan under a name, its columns qualified by the view's name; raises when there is none."""
        from streamcore.plan.logical import Alias

        found = self.lookup(name)
        if found is None:
            parts = ".".join(backticked(part.strip("`")) for part in name.split("."))
            raise AnalysisException(
                f"[TABLE_OR_VIEW_NOT_FOUND] The table or view {parts} cannot be found. Verify the spelling "
                "and "
                "correctness of the schema and catalog. Make it known with df.createOrReplaceTempView(...). "
                "SQLSTATE: 42P01"
            )
        return Alias(found, name.rpartition(".")[2].strip("`"))

    def lookup(self, name: str) -> LogicalPlan | None:
        """The plan under a plain or `global_temp.` name; None when there is none."""
        prefix, _, bare = name.rpartition(".")
        bare, prefix = bare.strip("`"), prefix.strip("`").lower()
        if prefix == GLOBAL:
            found: LogicalPlan | None = self._session.global_views.find(bare)
            return found
        return self.find(bare)
