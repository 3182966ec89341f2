"""Groups handed to Python with a state for each key: how a call is put into the plan, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.analysis import named
from streamcore.plan.attributes import Attribute, attribute, passed_through
from streamcore.plan.grouping import contains_aggregate
from streamcore.plan.logical import LogicalPlan, Project, StatefulGroups
from streamcore.plan.refusals import aggregate_in_group_by, unresolved_column
from streamcore.plan.time_windows import expand_time_windows, is_session_window
from streamcore.spi.time_modes import EVENT_TIME, NO_TIME, PROCESSING_TIME

if TYPE_CHECKING:
    from streamcore.plan.analysis import AnalysisSettings
    from streamcore.spi.types import StructType

_MODES = ("append", "update", "complete")


InitialState = tuple[LogicalPlan, tuple[Attribute, ...], tuple[Attribute, ...]]
"""Rows, and their columns that are keys, and those that the function sees."""


@dataclass(frozen=True, eq=False)
class GroupsFunction:
    """What is called for each group, as far as the plan has to know.

    Parameters
    ----------
    call
        The method of GroupedData that made it.
    kind
        What progress reports call the operator.
    output_mode
        `append` or `update`, as it was given to that method.
    time_mode
        By which time keys are called without rows, and state expires.
    kept
        What each key keeps, in words that two starts can compare: name -> kind and types.
    gone
        Names of what an earlier version kept and this one lets go.
    event_time
        The column of the result that has the event time, for operators behind; empty for none.
    program
        What the engine runs; opaque to the plan.
    """

    call: str
    kind: str
    output_mode: str
    time_mode: str
    kept: dict[str, str]
    gone: frozenset[str]
    event_time: str
    program: Any

    def __str__(self) -> str:
        return self.call


def function_mode(text: str) -> str:
    """The output mode of a function: `append` or `update`."""
    mode = text.lower()
    if mode not in _MODES:
        raise IllegalArgumentException(
            f"[STREAMING_OUTPUT_MODE.INVALID] Invalid streaming output mode: {text}. Accepted output modes "
            "are 'Append', 'Complete', 'Update'. SQLSTATE: 42KDE"
        )
    return mode


def time_mode(text: str) -> str:
    """The time mode of a processor, in lower case."""
    mode = text.lower()
    if mode not in (NO_TIME, PROCESSING_TIME, EVENT_TIME):
        raise IllegalArgumentException(
            f"[STATEFUL_PROCESSOR_UNKNOWN_TIME_MODE] Unknown time mode {text}. Accepted timeMode modes are "
            "'none', 'processingTime', 'eventTime'. SQLSTATE: 42802"
        )
    return mode


def stateful_groups(
    child: LogicalPlan,
    keys: Sequence[exp.Expression],
    function: GroupsFunction,
    output: StructType,
    settings: AnalysisSettings,
    initial: InitialState | None = None,
) -> StatefulGroups:
    """The rows of `child` grouped by `keys` and handed to `function`, which gives rows of `output`.

    Raises AnalysisException when the keys of the initial state are of other types.
    """
    below, key_columns = with_keys(child, keys, settings)
    columns = tuple(attribute(f.name, f.dataType, f.nullable) for f in output.fields)
    if function.event_time:
        columns = _with_event_time(columns, function, child)
    if initial is None:
        return StatefulGroups(below, key_columns, child.output, function, columns)
    _check_same_types(key_columns, initial[1])
    return StatefulGroups(below, key_columns, child.output, function, columns, *initial)


def _check_same_types(keys: Sequence[Attribute], initial: Sequence[Attribute]) -> None:
    expected, found = ([key.data_type.simpleString() for key in side] for side in (keys, initial))
    if expected != found:
        raise AnalysisException(
            f"the initial state is grouped by ({', '.join(found)}), and the rows are grouped by "
            f"({', '.join(expected)}): the types have to be the same"
        )


def with_keys(
    child: LogicalPlan, keys: Sequence[exp.Expression], settings: AnalysisSettings
) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
    """The child with the keys among its columns, and the keys."""
    if not keys:
        raise AnalysisException(
            "groupBy() without columns makes no groups for a function that keeps state; group by a literal, "
            "as groupBy(F.lit(0)), to keep one state for all rows"
        )
    for key in keys:
        if contains_aggregate(key):
            raise aggregate_in_group_by(key.sql(dialect="spark"))
        if any(is_session_window(call) for call in key.find_all(exp.Anonymous)):
            raise AnalysisException(
                "session_window cannot group rows for a function that keeps state; keep the session in the "
                "state, and close it by a timer or a timeout"
            )
    below, expanded = expand_time_windows(child, tuple(keys), settings.names(child))
    names = settings.names(below)
    found = [named(key, names) for key in expanded]
    computed = [key for key in found if not key.is_reference]
    if computed or below is not child:
        below = Project(below, (*map(passed_through, child.output), *computed))
    by_id = {column.id: column for column in below.output}
    return below, tuple(by_id[key.attribute.id] for key in found)


def _with_event_time(
    columns: tuple[Attribute, ...], function: GroupsFunction, child: LogicalPlan
) -> tuple[Attribute, ...]:
    if not any(column.name == function.event_time for column in columns):
        raise unresolved_column([function.event_time], [column.name for column in columns])
    delays = [a.watermark_delay_ms for a in child.output if a.watermark_delay_ms is not None]
    delay = delays[0] if delays else 0
    return tuple(
        replace(column, watermark_delay_ms=delay) if column.name == function.event_time else column
        for column in columns
    )


def check_groups(node: StatefulGroups, output_mode: str) -> None:
    """Raises AnalysisException for what PySpark refuses, too."""
    function = node.function
    if function.output_mode != output_mode:
        raise AnalysisException(
            f"{function.call} in {function.output_mode} mode is not supported with {output_mode.title()} "
            "output mode on a streaming DataFrame/Dataset"
        )
    has_watermark = any(a.watermark_delay_ms is not None for a in node.child.output)
    if function.time_mode == EVENT_TIME and not has_watermark:
        raise AnalysisException(
            "Watermark must be specified in the query using '[Dataset/DataFrame].withWatermark()' for using "
            f"event-time timeout in a {function.call}. Event-time timeout not supported without watermark."
        )
