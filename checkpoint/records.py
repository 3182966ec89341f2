"""What a checkpoint says of a batch: the intent (offsets/N) and the outcome (commits/N)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.canonical import Json, canonical
from streamcore.checkpoint.envelope import FORMAT
from streamcore.checkpoint.fields import Fields, anything, integer, text
from streamcore.checkpoint.state_files import StateFile, state_from_json, state_to_json
from streamcore.spi.exactly_once import CommitRecord

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class OffsetRange:
    """What one source contributes to a batch: from `start` (None: from nothing) up to `end`."""

    start: Json
    end: Json


@dataclass(frozen=True)
class OffsetRecord:
    """Everything that batch `batch_id` is a function of, written before it runs.

    sources
        Source name -> its range.  Both ends are logged, so that even the first batch is re-run over the
        same rows when the source's idea of "latest" has moved on.
    late_watermark_ms, eviction_watermark_ms
        Rows older than the first are late; state older than the second is closed.
    batch_time_ms
        What `current_timestamp()` gives, milliseconds since 1970-01-01 UTC.
    pinned
        Settings that must not change while state depends on them.
    state_partitions
        Stateful operator -> number of its partitions.
    models
        Model name -> digest of the version that this batch reads.
    """

    batch_id: int
    sources: Mapping[str, OffsetRange]
    batch_time_ms: int
    late_watermark_ms: int = 0
    eviction_watermark_ms: int = 0
    pinned: Mapping[str, str] = field(default_factory=dict)
    state_partitions: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Writer:
    """Which start of which query wrote a file."""

    query_id: str
    run_id: str
    epoch: int


def offsets_text(record: OffsetRecord, writer: Writer) -> str:
    """The body of offsets/N."""
    return canonical(
        {
            "batch_id": record.batch_id,
            "batch_time_ms": record.batch_time_ms,
            "epoch": writer.epoch,
            "eviction_watermark_ms": record.eviction_watermark_ms,
            "late_watermark_ms": record.late_watermark_ms,
            "models": dict(record.models),
            "pinned": dict(record.pinned),
            "query_id": writer.query_id,
            "run_id": writer.run_id,
            "sources": {name: {"start": r.start, "end": r.end} for name, r in record.sources.items()},
            "state_partitions": dict(record.state_partitions),
        }
    )


def parse_offsets(body: str) -> tuple[OffsetRecord, Writer]:
    """The record in the body of offsets/N, and who wrote it; ValueError when it is not one."""
    fields = Fields.parse(body)
    writer = Writer(fields.text("query_id"), fields.text("run_id"), fields.integer("epoch"))
    record = OffsetRecord(
        batch_id=fields.integer("batch_id"),
        sources=fields.mapping("sources", _range),
        batch_time_ms=fields.integer("batch_time_ms"),
        late_watermark_ms=fields.integer("late_watermark_ms"),
        eviction_watermark_ms=fields.integer("eviction_watermark_ms"),
        pinned=fields.mapping("pinned", text),
        state_partitions=fields.mapping("state_partitions", integer),
        models=fields.mapping("models", text),
    )
    fields.finish()
    return record, writer


def _range(value: Any, key: str) -> OffsetRange:  # noqa: ARG001 - one of the readers for Fields.mapping
    fields = Fields(value)
    found = OffsetRange(fields.any("start"), fields.any("end"))
    fields.finish()
    return found


@dataclass(frozen=True)
class CommitBody:
    """The outcome of a batch: with it, the next batch needs nothing that was computed in this one.

    state
        Every file that makes up the state after this batch, not only the new ones.
    models
        Model name -> digest of the version after this batch.
    next_watermark_ms
        The watermark for the next batch.
    source_rows, output_rows
        Rows read per source, and rows handed to the sink (None where nobody counted).
    operators
        Stateful operator -> what it wants to find again on restart (its schema, ...), as JSON.
    """

    query_id: str
    batch_id: int
    state: tuple[StateFile, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    next_watermark_ms: int = 0
    source_rows: Mapping[str, int] = field(default_factory=dict)
    output_rows: int | None = None
    operators: Mapping[str, Json] = field(default_factory=dict)

    def text(self) -> str:
        """The canonical JSON that a sink stores and commits/N holds."""
        return canonical(
            {
                "batch_id": self.batch_id,
                "format": FORMAT,
                "models": dict(self.models),
                "next_watermark_ms": self.next_watermark_ms,
                "operators": dict(self.operators),
                "output_rows": self.output_rows,
                "query_id": self.query_id,
                "source_rows": dict(self.source_rows),
                "state": state_to_json(self.state),
            }
        )

    def record(self) -> CommitRecord:
        """What the sink is handed, and the checkpoint after it."""
        return CommitRecord(self.query_id, self.batch_id, self.text())

    @classmethod
    def parse(cls, body: str) -> CommitBody:
        """The inverse of `text`.

        Raises UnknownFormat when a newer version wrote it, ValueError when it is no commit body at all.

        >>> CommitBody.parse(CommitBody("a-query", 7, next_watermark_ms=10).text()).batch_id
        7
        """
        fields = Fields.parse(body)
        version = fields.integer("format")
        if version != FORMAT:
            raise UnknownFormat(version)
        found = cls(
            query_id=fields.text("query_id"),
            batch_id=fields.integer("batch_id"),
            state=state_from_json(fields.any("state")),
            models=fields.mapping("models", text),
            next_watermark_ms=fields.integer("next_watermark_ms"),
            source_rows=fields.mapping("source_rows", integer),
            output_rows=fields.optional_integer("output_rows"),
            operators=fields.mapping("operators", anything),
        )
        fields.finish()
        return found


class UnknownFormat(Exception):
    """A commit body of a format that this version does not know."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version
