"""Views made, changed and dropped."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked, table_or_view_not_found
from streamcore.spi.types import StructField, StructType
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.tables import refusals
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.names import CATALOG, TableName, quoted
from streamcore.sql.tables.view_metadata import SchemaMode, ViewMetadata
from streamcore.sql.tables.view_plans import Reach, captured, require_as_many
from streamcore.version import __version__

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.sql.session import Session
    from streamcore.sql.statements import Statement
    from streamcore.sql.views import GlobalViews


@dataclass
class NewView:
    """A view as a statement defines it.

    `kept_in` is the catalog, the session, or `global_temp`; `columns` are names and comments, or None where
    they are those of the query.
    """

    name: list[str]
    kept_in: str
    columns: list[tuple[str, str | None]] | None
    is_replacing: bool
    is_lenient: bool
    text: str = ""
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    mode: SchemaMode | None = None


def create_view(statement: Statement, new: NewView) -> None:
    """Makes a view; its query is planned once, so that a wrong one is found now."""
    if new.kept_in == "catalog":
        _create_kept(statement, new)
    else:
        _create_temporary(statement, new)


def _create_temporary(statement: Statement, new: NewView) -> None:
    session = statement.session
    views: GlobalViews = session.views if new.kept_in == "session" else session.global_views
    database = "" if new.kept_in == "session" else new.kept_in
    name = TableName(database, new.name[-1].lower())
    if not new.is_replacing and views.find(new.name[-1]) is not None:
        views.create(new.name[-1], statement.plan(new.text), replace=False)  # raises: the name is taken
    reach = Reach(session.tables.current, frozenset(_all_temporary(session)))
    with session.view_plans.planning(name):
        plan = statement.plan(new.text, reach)
    view = _view(session, name, new, plan, SchemaMode.BINDING)
    named = {".".join(parts).lower() for parts, _ in reach.read}
    view = replace(view, temporary=tuple(sorted(named & set(_all_temporary(session)))))
    # DataFrames that the text names have no text of their own.
    is_text = not statement.frames
    views.create(new.name[-1], view if is_text else _renamed(session, view, plan), replace=new.is_replacing)


def _renamed(session: Session, view: ViewMetadata, plan: LogicalPlan) -> LogicalPlan:
    return frame_of(plan, session).toDF(*view.schema.names).plan


def _all_temporary(session: Session) -> list[str]:
    local = [name.lower() for name in session.views.names()]
    return local + [f"global_temp.{name.lower()}" for name in session.global_views.names()]


def _create_kept(statement: Statement, new: NewView) -> None:
    tables = statement.session.tables
    name = tables.new_name(new.name)
    old = tables.store.entry(name)
    if old is not None and new.is_lenient:
        return
    if isinstance(old, TableMetadata) and new.is_replacing:
        raise refusals.expected_view("CREATE OR REPLACE VIEW", name.quoted)
    if old is not None and not new.is_replacing:
        raise refusals.table_already_exists(name)
    view = _planned(statement, name, new)
    if isinstance(old, ViewMetadata):
        tables.store.replace(view)
    else:
        tables.create(view)


def _planned(statement: Statement, name: TableName, new: NewView) -> ViewMetadata:
    session = statement.session
    if statement.frames:
        raise AnalysisException(
            f"the view {name.quoted} is kept, and a DataFrame is not: save it as a table, or CREATE a "
            "TEMPORARY VIEW"
        )
    reach = Reach(session.tables.current, frozenset(), kept=name, is_new=True)
    with session.view_plans.planning(name):
        plan = statement.plan(new.text, reach)
    session.analysis_settings.require_distinct(
        [column for column, _ in new.columns] if new.columns is not None else [a.name for a in plan.output]
    )
    return _view(session, name, new, plan, SchemaMode.COMPENSATION)


def _view(
    session: Session, name: TableName, new: NewView, plan: LogicalPlan, default: SchemaMode
) -> ViewMetadata:
    output = frame_of(plan, session).schema.fields
    if new.columns is not None:
        require_as_many(name, [column for column, _ in new.columns], [f.name for f in output])
    columns = new.columns if new.columns is not None else [(f.name, None) for f in output]
    fields = [
        StructField(column, found.dataType, found.nullable, _metadata(found, comment))
        for (column, comment), found in zip(columns, output, strict=True)
    ]
    return ViewMetadata(
        name=name,
        text=new.text,
        schema=StructType(fields),
        query_columns=tuple(f.name for f in output),
        names_given=new.columns is not None,
        database=session.tables.current,
        settings=captured(session.conf.get),
        mode=new.mode or default,
        properties=new.properties,
        comment=new.comment,
        created_ms=time.time_ns() // 1_000_000,
        created_by=f"streamcore {__version__}",
    )


def _metadata(found: StructField, comment: str | None) -> dict[str, str]:
    own = dict(found.metadata or {})
    return own if comment is None else {**own, "comment": comment}


def create_file_view(
    session: Session,
    name: str,
    kept_in: str,
    source: str,
    schema: StructType | None,
    options: Mapping[str, str],
    *,
    is_replacing: bool,
) -> None:
    """CREATE TEMPORARY VIEW ... USING: a name for what a reader reads; without a place there are no rows."""
    views = session.views if kept_in == "session" else session.global_views
    has_place = any(key.lower() in ("path", "paths", "url", "dbtable") for key in options)
    if schema is not None and not has_place:
        frame = session.createDataFrame([], schema)
    else:
        reader = session.read.format(source).options(**options)
        frame = (reader if schema is None else reader.schema(schema)).load()
    views.create(name, frame.plan, replace=is_replacing)


# ---- changes -------------------------------------------------------------------------------------


def required_view(session: Session, parts: Sequence[str], statement: str) -> ViewMetadata:
    """The view that is kept under a name; raises AnalysisException for a table, or for nothing."""
    found = session.tables.entry(parts)
    if isinstance(found, TableMetadata):
        raise refusals.expected_view(statement, found.name.quoted)
    if found is None:
        raise table_or_view_not_found(quoted(list(parts)))
    return found


def alter_query(statement: Statement, parts: list[str], text: str) -> None:
    """ALTER VIEW ... AS: another query, with the columns that it has; what is said of the view stays."""
    session = statement.session
    old = session.views.entry(parts)
    if old is not None:
        kept_in = "session" if len(parts) == 1 else "global_temp"
        new = NewView(parts, kept_in, None, is_replacing=True, is_lenient=False, text=text)
        _create_temporary(statement, new)
        return
    view = required_view(session, parts, "ALTER VIEW ... AS")
    new = NewView(parts, "catalog", None, is_replacing=True, is_lenient=False, text=text)
    new.comment, new.properties, new.mode = view.comment, view.properties, view.mode
    session.tables.store.replace(replace(_planned(statement, view.name, new), created_ms=view.created_ms))


def alter_view(
    session: Session,
    parts: Sequence[str],
    statement: str,
    *,
    mode: SchemaMode | None = None,
    added: Mapping[str, str] | None = None,
    gone: Sequence[str] = (),
) -> None:
    """Says something else of a view."""
    if session.views.entry(parts) is not None:
        raise AnalysisException(
            f"[EXPECT_PERMANENT_VIEW_NOT_TEMP] '{statement}' expects a permanent view but "
            f"{quoted(list(parts))} is a temp view. SQLSTATE: 42809"
        )
    view = required_view(session, parts, statement)
    properties = {key: value for key, value in view.properties.items() if key not in gone}
    changed = replace(view, mode=mode or view.mode, properties={**properties, **(added or {})})
    session.tables.store.replace(changed)


def rename_view(session: Session, parts: Sequence[str], new_parts: Sequence[str]) -> None:
    """Gives a view another name in its database."""
    if session.views.entry(parts) is not None:
        session.views.rename(parts, new_parts)
        return
    view, tables = required_view(session, parts, "ALTER VIEW ... RENAME TO"), session.tables
    name = tables.new_name(new_parts if len(new_parts) > 1 else [view.name.database, *new_parts])
    if name.database != view.name.database:
        raise AnalysisException(
            "RENAME TABLE source and destination databases do not match: "
            f"{backticked(view.name.database)} != {backticked(name.database)}"
        )
    tables.create(replace(view, name=name))
    tables.drop_view(view)


def drop_view(session: Session, parts: list[str], *, ignore: bool) -> None:
    """DROP VIEW: a temporary view of that name goes first, as in Spark."""
    if session.views.entry(parts) is not None:
        views = session.views if len(parts) == 1 else session.global_views
        views.drop(parts[-1])
        return
    found = session.tables.entry(parts)
    if isinstance(found, TableMetadata):
        kind = "MANAGED" if found.is_managed else "EXTERNAL"
        raise AnalysisException(
            "[WRONG_COMMAND_FOR_OBJECT_TYPE] The operation DROP VIEW requires a VIEW or METRIC_VIEW. But "
            f"{found.name} is a {kind}. Use DROP TABLE instead. SQLSTATE: 42809"
        )
    if found is not None:
        session.tables.drop_view(found)
    elif not ignore:
        name = session.tables.name_of(parts)
        raise table_or_view_not_found(quoted([CATALOG, name.database, name.table]))
