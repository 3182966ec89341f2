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


def batch_contexts(query_id: str, time_zone: str, *, case_sensitive: bool) -> ContextFactory:
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
        )

    return context


_PROBES = (BatchValues(0, 1, 0), BatchValues(1, 90_000_000, 1))


class FragmentText:
    """The SQL of one plan for any batch."""

    def __init__(self, plan: LogicalPlan, context: ContextFactory) -> None:
        self._plan = plan
        self._context = context
        self._depends_on_batch: bool | None = None
        self._kept: dict[tuple[tuple[tuple[str, str], ...], bool], str] = {}

    def sql(self, relations: Mapping[str, str], values: BatchValues, *, careful: bool) -> str:
        """The statement over these relations (see `fragment_sql`)."""
        if self._is_batch_dependent(relations):
            return fragment_sql(self._plan, relations, self._context(values, careful))
        key = (tuple(sorted(relations.items())), careful)
        text = self._kept.get(key)
        if text is None:
            if len(self._kept) >= 64:
                self._kept.clear()
            text = self._kept[key] = fragment_sql(self._plan, relations, self._context(values, careful))
        return text

    def check(self, keys: Iterable[str]) -> None:
        """Translates the plan over these relations, so that what cannot be computed fails at the start."""
        self._is_batch_dependent({key: f'"{key}"' for key in keys})

    def _is_batch_dependent(self, relations: Mapping[str, str]) -> bool:
        careful = False
        if self._depends_on_batch is None:
            texts = {fragment_sql(self._plan, relations, self._context(v, careful)) for v in _PROBES}
            self._depends_on_batch = len(texts) > 1
        return self._depends_on_batch
