"""What a streaming query observes in a micro-batch: partial measures of every task, merged into one row.

A task gives partial measures with its rows, in the same pass; a batch merges those of all tasks when it
has computed its output.  What no task has computed, since nothing came, is measured over no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.duck.quoting import identifier
from streamcore.duck.results import conform
from streamcore.errors import UnsupportedOperationException
from streamcore.execution.engines import slot_engine
from streamcore.execution.letters import letters_of
from streamcore.execution.observed import row_of_measures
from streamcore.plan.logical import Aggregate, LogicalPlan, Observe, Project, Relation
from streamcore.plan.observed_rows import observations, of_calls
from streamcore.plan.partial_aggregates import decompose
from streamcore.plan.rules import names_in_relation
from streamcore.spi.dead_letters import LetterBox
from streamcore.spi.types import to_arrow_type
from streamcore.streaming.fragments import BatchValues, ContextFactory, FragmentText

if TYPE_CHECKING:
    from streamcore.plan.attributes import Attribute
    from streamcore.plan.stages import StagePlan
    from streamcore.spi.kept import Keeper
    from streamcore.spi.row import Row

Partials = Mapping[int, Sequence[pa.Table]]
"""Place in the plan -> the partial measures of each task that ran there."""

_ROWS = "observed"


class QueryObservations:
    """All that a query observes, by its places in the plan."""

    def __init__(self, plan: StagePlan, contexts: ContextFactory) -> None:
        nodes = {node.place: node for f in plan.fragments for node in observations(f.plan)}
        self._places = {place: _Observation(node, contexts) for place, node in sorted(nodes.items())}

    def __bool__(self) -> bool:
        return bool(self._places)

    def in_parts(self, plan: LogicalPlan) -> LogicalPlan:
        """The plan whose observations measure what can be merged."""
        if not self._places:
            return plan
        return plan.transform_up(lambda n: self._places[n.place].in_parts(n) if isinstance(n, Observe) else n)

    def merge(self, partials: Partials, values: BatchValues) -> MergeTask:
        """What makes one row of each observation's partial measures in a batch."""
        return MergeTask(
            [one.statement(partials.get(place, ()), values) for place, one in self._places.items()]
        )

    def rows(self, measured: Sequence[pa.Table]) -> dict[str, Row]:
        """Name -> what was observed; equal observations of one name are reported once."""
        found: dict[str, Row] = {}
        for observation, table in zip(self._places.values(), measured, strict=True):
            if observation.box is None:
                found.setdefault(observation.name, row_of_measures(table, observation.measures))
        return found

    def letters(self, measured: Sequence[pa.Table]) -> dict[str, list[str]]:
        """Folder -> the letters of records that could not be read; every folder of the query is named."""
        found: dict[str, list[str]] = {}
        for observation, table in zip(self._places.values(), measured, strict=True):
            if observation.box is not None:
                found.setdefault(observation.box.path, []).extend(letters_of(table))
        return found


@dataclass(frozen=True)
class MergeTask:
    """Statements, each with the rows that it reads."""

    statements: Sequence[tuple[str, pa.Table]]

    def run(self, place: Keeper) -> list[pa.Table]:
        """See `streamcore.execution.tasks.Task`."""
        engine = slot_engine(place)
        return [engine.run(sql, {_ROWS: rows}) for sql, rows in self.statements]


class _Observation:
    """One Observe of a plan, taken apart."""

    def __init__(self, node: Observe, contexts: ContextFactory) -> None:
        self.name = node.name
        self.measures = node.measures
        self.box = node.receiver if isinstance(node.receiver, LetterBox) else None
        try:
            self._parts = decompose(Aggregate(node.child, (), node.measures))
        except UnsupportedOperationException as error:
            raise UnsupportedOperationException(
                f"observe({node.name!r}, ...) over a stream: {error}"
            ) from error
        self._merging = _Statement(self._merged, self._parts.partial_columns, contexts)
        self._over_nothing = _Statement(self._unmerged, node.child.output, contexts)

    def in_parts(self, node: Observe) -> LogicalPlan:
        # Constants need no rows.
        return replace(node, measures=self._parts.partials) if self._parts.partials else node.child

    def statement(self, partials: Sequence[pa.Table], values: BatchValues) -> tuple[str, pa.Table]:
        return (self._merging if partials else self._over_nothing).over(partials, values)

    def _merged(self, rows: Relation) -> LogicalPlan:
        return Project(Aggregate(rows, (), self._parts.merges), self._parts.finals)

    def _unmerged(self, rows: Relation) -> LogicalPlan:
        return of_calls(self.measures, rows)


class _Statement:
    """A plan over the rows that are given at each run."""

    def __init__(
        self, plan: Callable[[Relation], LogicalPlan], columns: Sequence[Attribute], contexts: ContextFactory
    ) -> None:
        rows = Relation(_ROWS, tuple(columns), source=None)
        names = names_in_relation(rows.columns)
        types = [to_arrow_type(column.data_type) for column in columns]
        self._schema = pa.schema([pa.field(n, t) for n, t in zip(names, types, strict=True)])
        self._text = FragmentText(plan(rows), contexts, [_ROWS])

    def over(self, tables: Sequence[pa.Table], values: BatchValues) -> tuple[str, pa.Table]:
        fitting = [conform(table, self._schema) for table in tables]
        together = pa.concat_tables(fitting) if fitting else self._schema.empty_table()
        return self._text.sql(values).over({_ROWS: identifier(_ROWS)}, careful=True), together
