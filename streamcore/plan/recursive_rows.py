"""WITH RECURSIVE as plan nodes."""

from __future__ import annotations

from dataclasses import dataclass

from streamcore.plan.attributes import Attribute
from streamcore.plan.logical import LogicalPlan


@dataclass(frozen=True)
class RecursiveRows(LogicalPlan):
    """A leaf: the rows that the step of a recursion gave last, under the name of its `key`."""

    key: str
    columns: tuple[Attribute, ...]

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.columns


@dataclass(frozen=True)
class Recursion(LogicalPlan):
    """The rows of `anchor`, then those of `step` over the rows before, until it gives none.

    `step` reads `RecursiveRows` of the `key`; more than `most_levels` steps, or `most_rows` rows, are an
    error (None: no bound).
    """

    anchor: LogicalPlan
    step: LogicalPlan
    key: str
    columns: tuple[Attribute, ...]
    most_levels: int | None
    most_rows: int | None

    @property
    def output(self) -> tuple[Attribute, ...]:
        return self.columns
