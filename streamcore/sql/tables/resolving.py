"""From the name of a table or a view to its plan: views of the session first, then tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan.logical import Alias
from streamcore.plan.refusals import table_or_view_not_found
from streamcore.sql.tables.names import parts_of, quoted
from streamcore.sql.tables.reading import table_relation

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.sql.session import Session


def table_or_view(session: Session, name: str) -> Alias:
    """The plan under a name, its columns qualified by the last part; raises when there is none."""
    parts = parts_of(name)
    found = lookup(session, parts)
    if found is None:
        raise table_or_view_not_found(quoted(parts))
    return found


def lookup(session: Session, parts: Sequence[str]) -> Alias | None:
    """The plan of a view of the session (or of all, under `global_temp`) or of a table; None without one."""
    plan: LogicalPlan | None = session.views.lookup(parts)
    if plan is None:
        table = session.tables.find(parts)
        plan = None if table is None else session.tables.relation(table)
    return None if plan is None else Alias(plan, parts[-1])


def table_with_options(session: Session, name: str, options: Mapping[str, str]) -> Alias:
    """As `table_or_view`; options of the source are read for this DataFrame beside those of the table."""
    parts = parts_of(name)
    if not options:
        return table_or_view(session, name)
    if session.views.lookup(parts) is not None:
        raise AnalysisException(f"{name} is a view: its source has its own options")
    table = session.tables.require(parts)
    zone = str(session.conf.get("spark.sql.session.timeZone"))
    return Alias(table_relation(table, session.tables.folder(table), zone, options), parts[-1])
