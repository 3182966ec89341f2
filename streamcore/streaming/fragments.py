"""Fragments of a streaming query as SQL text, translated once unless a batch's values stand in the text."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from streamcore.plan.codegen import fragment_sql
from streamcore.plan.computed_columns import steps_of
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.translate import TranslationContext

ContextFactory = Callable[["BatchValues", bool], TranslationContext]
"""Makes the translation context of a batch; the flag asks for text that is safe on malformed data."""


@dataclass(frozen=True)
class BatchValues:
    """What expressions may ask of the batch that they run in; `models` are versions of functions, by name."""

    batch_id: int
    batch_time_ms: int
    partition: int = 0
    models: Mapping[str, str] = field(default_factory=dict)


def batch_contexts(
    query_id: str, time_zone: str, *, case_sensitive: bool, draws: Mapping[int, int] | None = None
) -> ContextFactory:
    """Translation contexts of one query: a batch run again computes the same values, whoever runs it."""

    def context(values: BatchValues, careful: bool) -> TranslationContext:
        seed = zlib.crc32(f"{query_id}/{values.batch_id}/{values.partition}".encode())
        return TranslationContext(
            time_zone=time_zone,
            now=dt.datetime.fromtimestamp(values.batch_time_ms / 1000, dt.UTC),
            seed=seed,
            partition=values.partition,
            careful=careful,
            case_sensitive=case_sensitive,
            draws=draws or {},
        )

    return context


_PROBES = (BatchValues(0, 1, 0), BatchValues(1, 90_000_000, 1))


@dataclass(frozen=True)
class FragmentSql:
    """The statement of a fragment in one batch, with marks where the relations' text goes.

    `fast` is right for well-formed data, `careful` for any.  `behind` are the statements over the rows of
    each Python function in the fragment (`streamcore.plan.computed_columns`), in order; `models` are the
    versions of those that have some, by their names.
    """

    fast: str
    careful: str
    behind: tuple[FragmentSql, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)

    def over(self, relations: Mapping[str, str], *, careful: bool) -> str:
        """The statement over these relations."""
        text = self.careful if careful else self.fast
        for key, relation in relations.items():
            text = text.replace(mark(key), relation)
        return text


class FragmentText:
    """The SQL of one plan over the relations `keys` for any batch; translated once where that will do."""

    def __init__(self, plan: LogicalPlan, context: ContextFactory, keys: Iterable[str]) -> None:
        """Translates the plan, so that what cannot be computed fails at the start."""
        steps, keys = steps_of(plan), list(keys)
        self._first = _StepText(steps.first, context, keys)
        self._behind = [_StepText(step.plan, context, [*keys, step.rows.key]) for step in steps.functions]

    @property
    def lasting(self) -> FragmentSql | None:
        """The statement of every batch; None when a batch's own values stand in it."""
        if any(text.lasting is None for text in (self._first, *self._behind)):
            return None
        return self.sql(_PROBES[0])

    def sql(self, values: BatchValues) -> FragmentSql:
        """The statement in a batch."""
        behind = tuple(text.sql(values) for text in self._behind)
        first = self._first.sql(values)
        return replace(first, behind=behind, models=values.models) if behind else first


class _StepText:
    """The SQL of a plan without Python functions."""

    def __init__(self, plan: LogicalPlan, context: ContextFactory, keys: Iterable[str]) -> None:
        self._plan = plan
        self._context = context
        self._marks = {key: mark(key) for key in keys}
        one, other = (self._translated(values, careful=False) for values in _PROBES)
        careful = self._translated(_PROBES[0], careful=True)
        self._kept = FragmentSql(one, careful) if one == other else None

    @property
    def lasting(self) -> FragmentSql | None:
        return self._kept

    def sql(self, values: BatchValues) -> FragmentSql:
        return self._kept or self._of(values)

    def _of(self, values: BatchValues) -> FragmentSql:
        return FragmentSql(self._translated(values, careful=False), self._translated(values, careful=True))

    def _translated(self, values: BatchValues, *, careful: bool) -> str:
        return fragment_sql(self._plan, self._marks, self._context(values, careful))


def mark(key: str) -> str:
    """What stands for a relation in a template; no SQL text holds a zero byte."""
    return f"\0{key}\0"
