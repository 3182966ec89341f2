"""From the name of a table or a view to its plan: views of the session first, then tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan.logical import Alias
from streamcore.plan.refusals import table_or_view_not_found
from streamcore.sql.tables import refusals
from streamcore.sql.tables.names import CATALOG, parts_of, quoted
from streamcore.sql.tables.other_catalogs import is_elsewhere, relation
from streamcore.sql.tables.reading import table_relation
from streamcore.sql.tables.view_metadata import ViewMetadata

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.sql.session import Session
    from streamcore.sql.tables.view_plans import Reach


def table_or_view(session: Session, name: str) -> Alias:
    """The plan under a name, its columns qualified by the last part; raises when there is none."""
    parts = parts_of(name)
    found = lookup(session, parts)
    if found is None:
        raise table_or_view_not_found(quoted(parts))
    return found


def lookup(session: Session, parts: Sequence[str], reach: Reach | None = None) -> Alias | None:
    """The plan of a view of the session (or of all, under `global_temp`), or of a table or view that is kept.

    With `reach` the names are those in the text of a view.  None when nothing has this name.
    """
    found = plan_named(session, parts, reach)
    if found is None:
        return None
    if reach is not None:
        reach.read.append((tuple(parts), found.child))
    return found


def plan_named(session: Session, parts: Sequence[str], reach: Reach | None) -> Alias | None:
    """As `lookup`, without noting that it is read."""
    if reach is not None and reach.is_new and reach.kept and session.views.entry(parts) is not None:
        raise refusals.temporary_in_kept(reach.kept, "VIEW", quoted(list(parts)))
    if reach is None or ".".join(parts).lower() in reach.temporary:
        plan: LogicalPlan | None = session.views.lookup(parts)
        if plan is not None:
            return Alias(plan, parts[-1], tuple(parts[:-1]))
    if is_elsewhere(session, parts):
        return Alias(relation(session, parts), parts[-1], tuple(parts[:-1]))
    entry = session.tables.entry(parts, None if reach is None else reach.database)
    if entry is None:
        return None
    qualifiers = (CATALOG, entry.name.database)
    if isinstance(entry, ViewMetadata):
        return Alias(session.view_plans.of(entry), parts[-1], qualifiers)
    return Alias(session.tables.relation(entry), parts[-1], qualifiers)


def table_with_options(session: Session, name: str, options: Mapping[str, str]) -> Alias:
    """As `table_or_view`; options of the source are read for this DataFrame beside those of the table."""
    parts = parts_of(name)
    if not options:
        return table_or_view(session, name)
    if session.views.lookup(parts) is not None:
        raise AnalysisException(f"{name} is a view: its source has its own options")
    if is_elsewhere(session, parts):
        return Alias(relation(session, parts, options), parts[-1], tuple(parts[:-1]))
    table = session.tables.require(parts)
    zone = str(session.conf.get("spark.sql.session.timeZone"))
    return Alias(table_relation(table, session.tables.folder(table), zone, options), parts[-1])
