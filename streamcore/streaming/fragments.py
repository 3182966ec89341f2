"""Fragments of a streaming query as SQL text, translated once unless a batch's values stand in the text."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from streamcore.plan.codegen import fragment_sql
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.translate import TranslationContext

ContextFactory = Callable[["BatchValues", bool], TranslationContext]
"""Makes the translation context of a batch; the flag asks for text that is safe on malformed data."""


@dataclass(frozen=True)
class BatchValues:
    """What expressions may ask of the batch that they run in."""

    batch_id: int
    batch_time_ms: int
    partition: int = 0


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


class FragmentText:
    """The SQL of one plan for any batch: translated once, with marks where the relations' text goes."""

    def __init__(self, plan: LogicalPlan, context: ContextFactory) -> None:
        self._plan = plan
        self._context = context
        self._depends_on_batch: bool | None = None
        self._kept: dict[bool, str] = {}

    def sql(self, relations: Mapping[str, str], values: BatchValues, *, careful: bool) -> str:
        """The statement over these relations (see `fragment_sql`)."""
        text = self._template(relations, values, careful=careful)
        for key, relation in relations.items():
            text = text.replace(_mark(key), relation)
        return text

    def check(self, keys: Iterable[str]) -> None:
        """Translates the plan over these relations, so that what cannot be computed fails at the start."""
        self._is_batch_dependent(keys)

    def _template(self, keys: Iterable[str], values: BatchValues, *, careful: bool) -> str:
        if self._is_batch_dependent(keys):
            return self._translated(keys, values, careful=careful)
        if careful not in self._kept:
            self._kept[careful] = self._translated(keys, values, careful=careful)
        return self._kept[careful]

    def _is_batch_dependent(self, keys: Iterable[str]) -> bool:
        if self._depends_on_batch is None:
            names = list(keys)
            texts = {self._translated(names, values, careful=False) for values in _PROBES}
            self._depends_on_batch = len(texts) > 1
        return self._depends_on_batch

    def _translated(self, keys: Iterable[str], values: BatchValues, *, careful: bool) -> str:
        return fragment_sql(self._plan, {key: _mark(key) for key in keys}, self._context(values, careful))


def _mark(key: str) -> str:
    """What stands for a relation in a template; no SQL text holds a zero byte."""
    return f"\0{key}\0"
