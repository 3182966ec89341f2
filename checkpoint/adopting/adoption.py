"""What of a Spark checkpoint can be gone on from: decided from its facts, with the reason where not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.adopting.spark_files import SeenFile, is_of_kafka, log_entry
from streamcore.errors import AnalysisException, CheckpointCorrupted, CheckpointError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.checkpoint.adopting.spark_checkpoint import SparkCheckpoint, SparkSource


@dataclass(frozen=True)
class AdoptedSource:
    """A source to go on with.

    `end` is its offset, None for one that begins at its beginning; `seen` are the files that were read,
    `open_files` those that an uncommitted batch may have read besides.
    """

    name: str
    end: Any
    planned_end: Any = None
    seen: tuple[SeenFile, ...] = ()
    open_files: tuple[SeenFile, ...] = ()


@dataclass(frozen=True)
class Adoption:
    """What is adopted: the sources under the names that our query knows them by."""

    came_from: str
    spark_query_id: str
    batch_id: int
    planned: int | None
    sources: tuple[AdoptedSource, ...]


def plan_adoption(found: SparkCheckpoint, names: Sequence[str] = ()) -> Adoption:
    """What to adopt of a checkpoint; `names` are the sources' names in our query, in Spark's order.

    Without names they are the names that Spark knows them by, or those that a query gives by position.
    Raises CheckpointError for state and for sources that have no counterpart, AnalysisException when the
    names do not fit.
    """
    sources = tuple(
        _adopted(found, source, name)
        for source, name in zip(found.sources, _names(found, names), strict=True)
    )
    if found.has_state:
        raise CheckpointError(_why_not_state(found, sources))
    return Adoption(found.location, found.query_id, found.committed, found.planned, sources)


def _names(found: SparkCheckpoint, given: Sequence[str]) -> list[str]:
    known = [source.name for source in found.sources]
    if not given:
        return known if found.is_named else [f"source_{name}" for name in known]
    if len(given) != len(known) or len(set(given)) != len(given):
        raise AnalysisException(
            f"the query of {found.location} reads {len(known)} sources, in this order: "
            f"{'; '.join(_shown(source) for source in found.sources)}. Give each a name of its own, with one "
            f"--source NAME for each; {len(set(given))} were given"
        )
    return list(given)


def _shown(source: SparkSource) -> str:
    return f"{source.name} at {json.dumps(source.end)}"


def _adopted(found: SparkCheckpoint, source: SparkSource, name: str) -> AdoptedSource:
    end = source.first if source.end is None else source.end
    planned = source.planned_end
    if source.entries is not None and isinstance(end, int):
        end, planned = {"logOffset": end}, None if planned is None else {"logOffset": planned}  # before 2.2
    entry = log_entry(end)
    if end is None or is_of_kafka(end):
        return AdoptedSource(name, end, planned)
    if entry is None:
        raise CheckpointError(_why_not_source(found, source))
    seen = _seen(found, source, entry)
    last = log_entry(planned)
    following = () if last is None else tuple(f for f in _all_files(source) if entry < f.entry <= last)
    return AdoptedSource(name, {"logOffset": entry}, planned, seen, following)


def _seen(found: SparkCheckpoint, source: SparkSource, last: int) -> tuple[SeenFile, ...]:
    """The files of all entries up to `last`; one that is missing would be read again."""
    numbers = {number for number, is_compact in source.entries or () if not is_compact}
    compact = [number for number, is_compact in source.entries or () if is_compact]
    reaches = max((number for number in compact if number <= last), default=-1)
    missing = [n for n in range(reaches + 1, last + 1) if n not in numbers]
    if missing and not any(number >= last for number in compact):
        raise CheckpointCorrupted(
            f"{found.location}/sources/{source.name}/{missing[0]} is missing: it says which files Spark has "
            "read. Restore it from a backup"
        )
    return tuple(file for file in _all_files(source) if file.entry <= last)


def _all_files(source: SparkSource) -> list[SeenFile]:
    """Every file once: a compacted entry repeats those of the entries before it."""
    entries = source.entries or {}
    return list(dict.fromkeys(file for key in sorted(entries) for file in entries[key]))


def _why_not_source(found: SparkCheckpoint, source: SparkSource) -> str:
    return (
        f"the source {source.name} of {found.location} stands at {json.dumps(source.end)}, which is "
        f"{_kind_of(source.end)}: offsets of Kafka and of files (text, csv, json, parquet, orc) are adopted. "
        "Start the query with a new checkpoint and a new output, this source where that offset says"
    )


def _kind_of(end: Any) -> str:
    if isinstance(end, int):
        return "an offset of a rate, socket or memory source, whose rows are gone"
    if isinstance(end, dict):
        for key, kind in _OTHERS.items():
            if key in end:
                return kind
    return "an offset of a source that has no counterpart here"


_OTHERS = {
    "reservoirId": 'an offset of a Delta table (read on with the option "startingVersion")',
    "snapshot_id": "an offset of an Iceberg table",
    "timestamp": "an offset of a rate source",
}


def _why_not_state(found: SparkCheckpoint, sources: Sequence[AdoptedSource]) -> str:
    return (
        f"the query of {found.location} has state (state/), which Spark keeps in the form of its own "
        "operators: without it, counts would begin at nothing and duplicates come again. Either compute the "
        "state anew: start the query here with a new checkpoint from where its sources begin, and a new "
        "output; or, when the state may begin empty, let the sources begin where Spark has stopped: "
        + "; ".join(_start_of(source) for source in sources)
    )


def _start_of(source: AdoptedSource) -> str:
    if is_of_kafka(source.end):
        return f'{source.name} with option("startingOffsets", {json.dumps(json.dumps(source.end))})'
    if not source.seen:
        return f"{source.name} where it begins"
    newest = max(file.modified_ms for file in source.seen)
    return f"{source.name} after {len(source.seen)} files, the newest of which was changed at {newest} ms"
