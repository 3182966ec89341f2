"""Python functions within a fragment: run one behind the other in the fragment's own task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.execution.computing import ComputingStep, MappingStep, step_of
from streamcore.plan.computed_columns import Steps
from streamcore.plan.observed_rows import observed_layout
from streamcore.streaming.picked_columns import picked_columns
from streamcore.streaming.tasks import Computed, FragmentCode, StageCode, Tables

if TYPE_CHECKING:
    from streamcore.plan.computed_columns import FunctionStep
    from streamcore.spi.kept import Keeper
    from streamcore.streaming.fragments import FragmentSql


@dataclass(frozen=True)
class CodeWithFunctions:
    """A fragment that begins as `first`; its rows go through each function and what follows it."""

    first: FragmentCode
    behind: Sequence[tuple[ComputingStep | MappingStep, StageCode]]

    def compute(self, read: Any, sql: FragmentSql, statics: Tables, threads: int, place: Keeper) -> Computed:
        """See `FragmentCode.compute`."""
        found = self.first.compute(read, sql, statics, threads, place)
        observed = dict(found.observed)
        rows = found.rows
        for (function, code), text in zip(self.behind, sql.behind, strict=True):
            computed = function.at(sql.models).run(rows)
            step = code.compute([computed], text, statics, threads, place)
            rows = step.rows
            observed.update(step.observed)
        return Computed(rows, found.rows_read, observed)


def with_functions(first: FragmentCode, steps: Steps) -> FragmentCode:
    """The code of a fragment whose beginning, before its functions, is `first`."""
    if not steps.functions:
        return first
    return CodeWithFunctions(first, [_behind(step) for step in steps.functions])


def _behind(step: FunctionStep) -> tuple[ComputingStep | MappingStep, StageCode]:
    function, key = step_of(step.node), step.rows.key
    picked = picked_columns(step.plan, key)
    return function, StageCode(key, function.names, picked, observed_layout(step.plan))
