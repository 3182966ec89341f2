"""The logical plan: one small frozen dataclass per operator, expressions already resolved.

The DataFrame API and SQL text both build these nodes; a streaming query is the same plan with a
streaming leaf.  A node's `output` is computed from its parts and never stored apart from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Any

from streamcore.plan.attributes import Attribute, NamedExpression

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.plan.python_groups import GroupsFunction
    from streamcore.spi.computed import ColumnsFunction, RowsFunction
    from streamcore.spi.models import OnlineModel


@dataclass(frozen=True, eq=False)
class LogicalPlan:
    """Base of all nodes."""

    @property
    def output(self) -> tuple[Attribute, ...]:
        """The columns that this node yields, in order."""
        raise NotImplementedError

    @cached_property
    def children(self) -> tuple[LogicalPlan, ...]:
        """The inputs, in order."""
        found: list[LogicalPlan] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, LogicalPlan):
                found.append(value)
            elif isinstance(value, tuple) and value and isinstance(value[0], LogicalPlan):
                found.extend(value)
        return tuple(found)

    def with_children(self, children: tuple[LogicalPlan, ...]) -> LogicalPlan:
        """The same node over other inputs."""
        remaining = iter(children)
        changed: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, LogicalPlan):
                changed[field.name] = next(remaining)
            elif isinstance(value, tuple) and value and isinstance(value[0], LogicalPlan):
                changed[field.name] = tuple(next(remaining) for _ in value)
        return replace(self, **changed) if changed else self

    def walk(self) -> Iterator[LogicalPlan]:
        """This node and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def transform_up(self, rule: Callable[[LogicalPlan], LogicalPlan]) -> LogicalPlan:
        """The plan with `rule` applied to every node, children first."""
        children = tuple(child.transform_up(rule) for child in self.children)
        node = self if all(map(is_, children, self.children)) else self.with_children(children)
        return rule(node)

    @cached_property
    def is_streaming(self) -> bool:
        """Whether any leaf is a stream."""
        return any(child.is_streaming for child in self.children)


@dataclass(frozen=True, eq=False)
class Relation(LogicalPlan):
    """A leaf: something that the engine reads.

    `source` is opaque to the plan (a local Arrow table, a batch read, a stream); `key` names what is read in
    generated SQL and in the execution's table of inputs; `columns` are those of the source that are read.
    A source may stand in a plan several times: see `streamcore.plan.leaves`.  A leaf is pickled without it:
    tasks bring what they read, and a plan travels to say what is computed.
    """

    key: str
    columns: tuple[Attribute, ...]
    source: Any
    is_stream: bool = False

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.columns

    @cached_property
    def is_streaming(self) -> bool:
        """Whether this is a stream."""
        return self.is_stream

    def __reduce__(self) -> tuple[Any, ...]:
        return Relation, (self.key, self.columns, None, self.is_stream)


@dataclass(frozen=True)
class Project(LogicalPlan):
    """select / withColumn / drop."""

    child: LogicalPlan
    expressions: tuple[NamedExpression, ...]

    @property
    def output(self) -> tuple[Attribute, ...]:
        return tuple(e.attribute for e in self.expressions)


@dataclass(frozen=True)
class Filter(LogicalPlan):
    """Keeps the rows for which `condition` is true (neither false nor null)."""

    child: LogicalPlan
    condition: exp.Expression

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class Aggregate(LogicalPlan):
    """groupBy(keys).agg(measures); no keys means one row.

    A measure is an expression over aggregate calls, whose arguments read the child's columns.
    The output is the keys, then the measures.
    """

    child: LogicalPlan
    keys: tuple[NamedExpression, ...]
    measures: tuple[NamedExpression, ...]

    @property
    def output(self) -> tuple[Attribute, ...]:
        return tuple(e.attribute for e in (*self.keys, *self.measures))


@dataclass(frozen=True)
class Generate(LogicalPlan):
    """One row per element of an array or map expression (explode, posexplode, inline, sliding windows)."""

    child: LogicalPlan
    generator: exp.Expression
    columns: tuple[Attribute, ...]
    is_outer: bool = False

    @property
    def output(self) -> tuple[Attribute, ...]:
        return (*self.child.output, *self.columns)


@dataclass(frozen=True, eq=False)
class ComputedColumns(LogicalPlan):
    """Columns that a Python function computes from `inputs`, row by row; it may also drop rows.

    A fragment of SQL ends below it, and another begins above (see `streamcore.plan.computed_columns`).
    """

    child: LogicalPlan
    inputs: tuple[Attribute, ...]
    function: ColumnsFunction
    columns: tuple[Attribute, ...]

    @property
    def output(self) -> tuple[Attribute, ...]:
        return (*self.child.output, *self.columns)


@dataclass(frozen=True, eq=False)
class MappedRows(LogicalPlan):
    """What a Python function makes of rows, part by part: other rows, of other columns, in any number.

    With `group`, a column by which the child is sorted, rows of the same group are in the same part.
    """

    child: LogicalPlan
    function: RowsFunction
    columns: tuple[Attribute, ...]
    group: Attribute | None = None

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.columns


PythonNode = ComputedColumns | MappedRows
"""What ends a fragment of SQL: rows are handed to Python, and another begins with what comes back."""


@dataclass(frozen=True)
class Sessions(LogicalPlan):
    """Session windows: each row's own window, joined with those that it overlaps or touches.

    `window` is a row's own window, from its time to the end of its gap; among the rows of equal `keys`
    windows are joined.  The output is the child's columns and the joined window, under the attribute of
    `window`; rows whose own window is null or empty are dropped.
    """

    child: LogicalPlan
    keys: tuple[NamedExpression, ...]
    window: NamedExpression

    @property
    def output(self) -> tuple[Attribute, ...]:
        return (*self.child.output, self.window.attribute)


@dataclass(frozen=True)
class Join(LogicalPlan):
    """A join; `condition` is None for a cross join.

    `how` is inner, cross, left, right, full, leftsemi or leftanti.
    """

    left: LogicalPlan
    right: LogicalPlan
    how: str
    condition: exp.Expression | None

    @property
    def output(self) -> tuple[Attribute, ...]:
        if self.how in ("leftsemi", "leftanti"):
            return self.left.output
        left, right = self.left.output, self.right.output
        if self.how in ("right", "full"):
            left = tuple(replace(a, nullable=True) for a in left)
        if self.how in ("left", "full"):
            right = tuple(replace(a, nullable=True) for a in right)
        return (*left, *right)


@dataclass(frozen=True)
class Union(LogicalPlan):
    """Rows of all inputs, columns by position; `columns` are the output."""

    inputs: tuple[LogicalPlan, ...]
    columns: tuple[Attribute, ...]

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.columns


@dataclass(frozen=True)
class SortOrder:
    """One ORDER BY term; Spark's default is nulls first when ascending, last when descending."""

    expression: exp.Expression
    ascending: bool = True
    nulls_first: bool = True


@dataclass(frozen=True)
class Sort(LogicalPlan):
    """A total order."""

    child: LogicalPlan
    orders: tuple[SortOrder, ...]

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class Limit(LogicalPlan):
    """At most `count` rows after skipping `offset`; None means no bound."""

    child: LogicalPlan
    count: int | None
    offset: int = 0

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class FirstRows(LogicalPlan):
    """The first `count` rows of a stream, in order of arrival: what a limit means where rows never end."""

    child: LogicalPlan
    count: int

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class Distinct(LogicalPlan):
    """One row per distinct value of `keys` (all columns for `distinct()`)."""

    child: LogicalPlan
    keys: tuple[Attribute, ...]
    within_watermark: bool = False

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class StatefulGroups(LogicalPlan):
    """The rows of each group handed to Python, which remembers something for each key.

    `keys` and `values` are columns of the child: those that groups are made by, and those that the function
    sees.  `function` says what is called and what it keeps (see `streamcore.plan.python_groups`); `columns`
    are what it gives.  `initial` are rows that it sees before all others, with keys and values of their own.
    """

    child: LogicalPlan
    keys: tuple[Attribute, ...]
    values: tuple[Attribute, ...]
    function: GroupsFunction
    columns: tuple[Attribute, ...]
    initial: LogicalPlan | None = None
    initial_keys: tuple[Attribute, ...] = ()
    initial_values: tuple[Attribute, ...] = ()

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.columns


@dataclass(frozen=True)
class TrainModel(LogicalPlan):
    """Rows with what a model says of each before it learns from them; the model is kept from batch to batch.

    `inputs` are the columns of the child that the model reads, in its order; `columns` are what comes behind
    those of the child: the predictions, and the version that predicted, which is the batch that it had
    last learned from.  Where the model itself is wanted (`gives_model`), one row with it comes out in the
    place of the rows, and `columns` are all there are (see `streamcore.plan.training`).
    """

    child: LogicalPlan
    inputs: tuple[Attribute, ...]
    model: OnlineModel
    columns: tuple[Attribute, ...]
    gives_model: bool = False

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.columns if self.gives_model else (*self.child.output, *self.columns)


@dataclass(frozen=True)
class SetOperation(LogicalPlan):
    """INTERSECT or EXCEPT, with or without ALL."""

    left: LogicalPlan
    right: LogicalPlan
    kind: str
    is_all: bool

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.left.output


@dataclass(frozen=True)
class Sample(LogicalPlan):
    """A Bernoulli sample."""

    child: LogicalPlan
    fraction: float
    seed: int

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class Alias(LogicalPlan):
    """A name under which the columns below may be qualified; `namespace` is what may stand before it."""

    child: LogicalPlan
    name: str
    namespace: tuple[str, ...] = ()

    @property
    def output(self) -> tuple[Attribute, ...]:
        return tuple(replace(a, qualifier=self.name, namespace=self.namespace) for a in self.child.output)


@dataclass(frozen=True)
class Watermark(LogicalPlan):
    """withWatermark: rows later than the newest `event_time` minus `delay_ms` may be dropped."""

    child: LogicalPlan
    event_time: Attribute
    delay_ms: int

    @property
    def output(self) -> tuple[Attribute, ...]:
        return tuple(
            replace(a, watermark_delay_ms=self.delay_ms) if a.id == self.event_time.id else a
            for a in self.child.output
        )


@dataclass(frozen=True)
class Repartition(LogicalPlan):
    """The rows spread over `count` parts: evenly, or to the part that `number` (from 0) says."""

    child: LogicalPlan
    count: int
    number: NamedExpression | None = None

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class Coalesce(LogicalPlan):
    """The rows in `count` parts at most, each made of whole parts."""

    child: LogicalPlan
    count: int

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output


@dataclass(frozen=True)
class Observe(LogicalPlan):
    """observe(): aggregates of the rows that pass here, reported beside the result under `name`.

    A measure is an expression over aggregate calls and constants. `receiver` takes them in a batch query;
    it is opaque to the plan. `place` tells the places of a streaming plan apart.
    """

    child: LogicalPlan
    name: str
    measures: tuple[NamedExpression, ...]
    receiver: Any = None
    place: int = 0

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.child.output
