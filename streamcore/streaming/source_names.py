"""The names by which a query and its checkpoint know the query's sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from streamcore.streaming.stream_source import StreamSource

_EVOLUTION = "[STREAMING_QUERY_EVOLUTION_ERROR"


def named_sources(sources: Sequence[StreamSource]) -> dict[str, StreamSource]:
    """Names for a query's sources: those given with `name(...)`, else by position.

    A stream that is used twice in one plan is two sources; the second takes no name that another was given.
    """
    named: dict[str, StreamSource] = {}
    given = {source.name for source in sources}
    for position, source in enumerate(sources):
        name = source.name or f"source_{position}"
        if name in named or (source.name is None and name in given):
            name = f"{name}_{position}"
            while name in named or name in given:
                name += "_"
        named[name] = source
    return named


def require_names(sources: Sequence[StreamSource]) -> None:
    """Raises AnalysisException unless every source has a name of its own."""
    unnamed = [f"Leaf position {at} - {s.describe()}" for at, s in enumerate(sources) if s.name is None]
    if unnamed:
        raise AnalysisException(
            f"{_EVOLUTION}.UNNAMED_STREAMING_SOURCES_WITH_ENFORCEMENT] Streaming query "
            "evolution error: All streaming sources must be named when spark.sql.streaming.queryEvolution."
            f"enableSourceEvolution is enabled. Unnamed sources found: {', '.join(unnamed)}. Use the name() "
            "method to assign names to all streaming sources. SQLSTATE: 42KDE"
        )
    names = [s.name for s in sources]
    twice = sorted({repr(name) for name in names if names.count(name) > 1})
    if twice:
        raise AnalysisException(
            f"{_EVOLUTION}.DUPLICATE_SOURCE_NAMES] Streaming query evolution error: Duplicate "
            f"streaming source names detected: {', '.join(twice)}. Each streaming source must have a unique "
            "name. SQLSTATE: 42KDE"
        )
