"""Observations of batch plans: which are computed, and how their receivers get what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from streamcore.duck.results import conform
from streamcore.execution.letters import letters_of, write_letters_of_a_batch_query
from streamcore.execution.rows import rows_of
from streamcore.plan.logical import LogicalPlan, Observe
from streamcore.plan.observed_rows import observations
from streamcore.plan.observing import check_names
from streamcore.spi.dead_letters import LetterBox
from streamcore.spi.types import StructField, StructType, to_arrow_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from streamcore.plan.attributes import NamedExpression
    from streamcore.spi.row import Row


@runtime_checkable
class Receiver(Protocol):
    """Takes what one Observe of a batch plan has observed."""

    @property
    def is_waiting(self) -> bool:
        """Whether it has got nothing yet: only the first action counts."""

    def take(self, row: Row) -> None:
        """The measures, under their names."""


def heard(plan: LogicalPlan) -> LogicalPlan:
    """The plan without observations that nobody waits for; raises for two of one name."""
    if not observations(plan):
        return plan
    check_names(plan)
    return plan.transform_up(_without_unheard)


def _without_unheard(node: LogicalPlan) -> LogicalPlan:
    if not isinstance(node, Observe) or isinstance(node.receiver, LetterBox):
        return node
    return node if isinstance(node.receiver, Receiver) and node.receiver.is_waiting else node.child


def hand_out(plan: LogicalPlan, measured: Sequence[tuple[int, pa.Table]]) -> None:
    """Gives the receivers of a plan what was observed, place by place."""
    if not measured:
        return
    letters: dict[str, list[str]] = {}
    for node, (_, found) in zip(observations(plan), measured, strict=True):
        if isinstance(node.receiver, Receiver):
            node.receiver.take(row_of_measures(found, node.measures))
        elif isinstance(node.receiver, LetterBox):
            letters.setdefault(node.receiver.path, []).extend(letters_of(found))
    write_letters_of_a_batch_query(letters)


def row_of_measures(measured: pa.Table, measures: Sequence[NamedExpression]) -> Row:
    """The one row of a table as PySpark's Row of these measures."""
    fields = [StructField(m.attribute.name, m.attribute.data_type, m.attribute.nullable) for m in measures]
    schema = StructType(fields)
    return rows_of(conform(measured, to_arrow_schema(schema)), schema)[0]
