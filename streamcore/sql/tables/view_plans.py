"""The plans of views that are kept as text: made when asked for, and anew when what they read changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan import modes, older_syntax
from streamcore.plan.attributes import Attribute
from streamcore.plan.refusals import backticked
from streamcore.sql import functions as F
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.tables.names import TableName, quoted
from streamcore.sql.tables.view_metadata import SchemaMode, ViewMetadata

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.sql.session import Session

CAPTURED = (*modes.SETTINGS, *older_syntax.SETTINGS, "spark.sql.caseSensitive")
"""The settings that a view's text is read by, whatever those of the session are later."""


@dataclass
class Reach:
    """What the names in a view's text may mean; `read` are the plans that they turned out to mean.

    `temporary` are the views of the session that the text names; of a view that is kept there are none.
    Of such a view `kept` is the name, and `is_new` while it is made: naming what goes with the session is
    an error then.
    """

    database: str
    temporary: frozenset[str]
    kept: TableName | None = None
    is_new: bool = False
    read: list[tuple[tuple[str, ...], LogicalPlan]] = field(default_factory=list)


@dataclass(frozen=True)
class _Made:
    view: ViewMetadata
    read: Sequence[tuple[tuple[str, ...], LogicalPlan]]
    plan: LogicalPlan


class ViewPlans:
    """The plans of a session's views; one stays the same as long as what it reads does."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: dict[TableName, _Made] = {}
        self._threads = threading.local()

    def of(self, view: ViewMetadata) -> LogicalPlan:
        """The plan that gives the view's columns.

        Raises AnalysisException when the view reads itself, and when the columns of its query are no longer
        what the view needs.
        """
        from streamcore.sql.statements import plan_of_view

        made = self._made.get(view.name)
        if made is None or made.view != view or not self._is_current(made):
            reach = self._reach(view)
            with self.planning(view.name):
                plan = self._columns(view, plan_of_view(self._session, view, reach))
            made = self._made[view.name] = _Made(view, reach.read, plan)
        return made.plan

    @contextmanager
    def planning(self, name: TableName) -> Iterator[None]:
        """While a view's query is planned, reading the view is an error."""
        if name in self._under_way:
            path = [*self._under_way[self._under_way.index(name) :], name]
            shown = " -> ".join(_shown(one) for one in path)
            raise AnalysisException(
                f"[RECURSIVE_VIEW] Recursive view {_shown(name)} detected (cycle: {shown}). SQLSTATE: 42K0H"
            )
        self._under_way.append(name)
        try:
            yield
        finally:
            self._under_way.pop()

    @property
    def _under_way(self) -> list[TableName]:
        """The views whose queries this thread is planning, the outermost first."""
        under_way: list[TableName] = self._threads.__dict__.setdefault("under_way", [])
        return under_way

    def forget(self, name: TableName) -> None:
        """The view is no longer there."""
        self._made.pop(name, None)

    def _is_current(self, made: _Made) -> bool:
        from streamcore.sql.tables.resolving import plan_named

        reach = self._reach(made.view)
        with self.planning(made.view.name):
            found = [(plan_named(self._session, parts, reach), plan) for parts, plan in made.read]
            return all(now is not None and now.child is plan for now, plan in found)

    def _reach(self, view: ViewMetadata) -> Reach:
        kept = view.name if view.name.database not in ("", "global_temp") else None
        return Reach(view.database, frozenset(view.temporary), kept)

    def _columns(self, view: ViewMetadata, plan: LogicalPlan) -> LogicalPlan:
        """The view's columns out of those that its query has now."""
        frame = frame_of(plan, self._session)
        if view.mode is SchemaMode.EVOLUTION and not view.names_given:
            return plan
        places = _places(view, plan.output, self._session.conf.flag("spark.sql.caseSensitive"))
        numbered = frame.toDF(*(f"_{at}" for at in range(len(plan.output))))
        columns = []
        for place, column in zip(places, view.schema.fields, strict=True):
            value = F.col(f"_{place}")
            if view.mode in (SchemaMode.BINDING, SchemaMode.COMPENSATION):
                if view.mode is SchemaMode.BINDING:
                    _require_widening(view, plan.output[place], column.dataType.simpleString())
                value = value.cast(column.dataType)
            columns.append(value.alias(column.name, metadata=column.metadata or {}))
        return numbered.select(*columns).plan


def require_as_many(name: TableName, columns: Sequence[str], found: Sequence[str]) -> None:
    """Raises AnalysisException when a view names more or fewer columns than its query has."""
    if len(columns) == len(found):
        return
    kind, words = ("NOT_ENOUGH", "not enough") if len(found) < len(columns) else ("TOO_MANY", "too many")
    raise AnalysisException(
        f"[CREATE_VIEW_COLUMN_ARITY_MISMATCH.{kind}_DATA_COLUMNS] Cannot create view {_shown(name)}, the "
        f"reason is {words} data columns:\nView columns: {_listed(columns)}.\nData columns: "
        f"{_listed(found)}. SQLSTATE: 21S01"
    )


def captured(settings: Callable[[str], str | None]) -> dict[str, str]:
    """The settings under which a view is made."""
    return {key: str(settings(key)) for key in CAPTURED}


def _places(view: ViewMetadata, output: Sequence[Attribute], case_sensitive: bool) -> list[int]:
    """Where the view's columns are in its query's: by name, and of several of one name in their order."""
    by_name: dict[str, list[int]] = {}
    for place, column in enumerate(output):
        by_name.setdefault(column.name if case_sensitive else column.name.lower(), []).append(place)
    expected: Mapping[str, int] = {}
    places = []
    for name in view.query_columns:
        key = name if case_sensitive else name.lower()
        nth, found = expected.get(key, 0), by_name.get(key, [])
        wanted = sum((one if case_sensitive else one.lower()) == key for one in view.query_columns)
        if len(found) != wanted:
            raise AnalysisException(
                f"[INCOMPATIBLE_VIEW_SCHEMA_CHANGE] The SQL query of view {_shown(view.name)} has an "
                f"incompatible schema change and column {backticked(name)} cannot be resolved. Expected "
                f"{wanted} columns named {backticked(name)} but got [{_listed([o.name for o in output])}].\n"
                f"Please try to re-create the view by running: CREATE OR REPLACE VIEW {view.name} AS "
                f"{view.text}. SQLSTATE: 51024"
            )
        places.append(found[nth])
        expected = {**expected, key: nth + 1}
    return places


_WIDER = ("tinyint", "smallint", "int", "bigint", "float", "double")


def _require_widening(view: ViewMetadata, column: Attribute, wanted: str) -> None:
    found = column.data_type.simpleString()
    is_wider = found in _WIDER and wanted in _WIDER and _WIDER.index(found) <= _WIDER.index(wanted)
    if found != wanted and not is_wider and wanted != "string" and found != "void":
        raise AnalysisException(
            f'[CANNOT_UP_CAST_DATATYPE] Cannot up cast {column.name} from "{found.upper()}" to '
            f'"{wanted.upper()}".\nThe type path of the target object is: the view {_shown(view.name)}. You '
            "can either add an explicit cast to the input data or choose a higher precision type. SQLSTATE: "
            "42846"
        )


def _shown(name: TableName) -> str:
    return name.quoted if name.database else quoted([name.table])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(backticked, names))
