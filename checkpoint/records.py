"""What a checkpoint says of a batch: the intent (offsets/N) and the outcome (commits/N)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.envelope import FORMAT
from streamcore.checkpoint.state_files import StateFile, stores_from_json, stores_to_json
from streamcore.spi.exactly_once import CommitRecord
from streamcore.storage.canonical import Json, canonical
from streamcore.storage.fields import Fields, integer, text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class OffsetRange:
    """What one source contributes to a batch: from `start` (None: from nothing) up to `end`."""

    start: Json
    end: Json


@dataclass(frozen=True)
class OperatorIntent:
    """What one stateful operator is told in a batch, in milliseconds of event time.

    Rows older than `late_ms` are late; state older than `evict_ms` is closed; `partitions` is how many
    partitions its state has.
    """

    partitions: int
    late_ms: int = 0
    evict_ms: int = 0


@dataclass(frozen=True)
class OffsetRecord:
    """Everything that batch `batch_id` is a function of, written before it runs.

    sources
        Source name -> its range.  Both ends are logged, so that even the first batch is re-run over the
        same rows when the source's idea of "latest" has moved on.
    batch_time_ms
        What `current_timestamp()` gives, milliseconds since 1970-01-01 UTC.
    watermark_ms
        The query's watermark in this batch.
    operators
        Stateful operator -> its watermarks and partitions.
    plan
        The digest of the description of the query (see `streamcore.checkpoint.plans`); "" for none.
    pinned
        Settings that must not change while state depends on them.
    models
        Model name -> digest of the version that this batch reads.
    """

    batch_id: int
    sources: Mapping[str, OffsetRange]
    batch_time_ms: int
    watermark_ms: int = 0
    operators: Mapping[str, OperatorIntent] = field(default_factory=dict)
    plan: str = ""
    pinned: Mapping[str, str] = field(default_factory=dict)
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
            "models": dict(record.models),
            "operators": {
                id_: {"evict": told.evict_ms, "late": told.late_ms, "partitions": told.partitions}
                for id_, told in record.operators.items()
            },
            "pinned": dict(record.pinned),
            "plan": record.plan,
            "query_id": writer.query_id,
            "run_id": writer.run_id,
            "sources": {name: {"start": r.start, "end": r.end} for name, r in record.sources.items()},
            "watermark_ms": record.watermark_ms,
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
        watermark_ms=fields.integer("watermark_ms"),
        operators=fields.mapping("operators", _intent),
        plan=fields.text("plan"),
        pinned=fields.mapping("pinned", text),
        models=fields.mapping("models", text),
    )
    fields.finish()
    return record, writer


def _range(value: Any, key: str) -> OffsetRange:  # noqa: ARG001 - one of the readers for Fields.mapping
    fields = Fields(value)
    found = OffsetRange(fields.any("start"), fields.any("end"))
    fields.finish()
    return found


def _intent(value: Any, key: str) -> OperatorIntent:  # noqa: ARG001 - one of the readers for Fields.mapping
    fields = Fields(value)
    found = OperatorIntent(fields.integer("partitions"), fields.integer("late"), fields.integer("evict"))
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
        The query's watermark for the next batch.
    watermarks
        `withWatermark` by its place in the plan -> how far its own event time has come.
    watermark_out
        Stateful operator -> the watermark of the rows that it has put out.
    source_rows, output_rows
        Rows read per source, and rows handed to the sink (None where nobody counted).
    """

    query_id: str
    batch_id: int
    state: tuple[StateFile, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    next_watermark_ms: int = 0
    watermarks: Mapping[str, int] = field(default_factory=dict)
    watermark_out: Mapping[str, int] = field(default_factory=dict)
    source_rows: Mapping[str, int] = field(default_factory=dict)
    output_rows: int | None = None

    def text(self) -> str:
        """The canonical JSON that a sink stores and commits/N holds."""
        return canonical(
            {
                "batch_id": self.batch_id,
                "format": FORMAT,
                "models": dict(self.models),
                "next_watermark_ms": self.next_watermark_ms,
                "operators": self._operators(),
                "output_rows": self.output_rows,
                "query_id": self.query_id,
                "source_rows": dict(self.source_rows),
                "watermarks": dict(self.watermarks),
            }
        )

    def _operators(self) -> dict[str, Json]:
        names = sorted({*self.watermark_out, *(file.operator for file in self.state)})
        return {
            name: {
                "stores": stores_to_json(file for file in self.state if file.operator == name),
                "watermark_out": self.watermark_out.get(name, 0),
            }
            for name in names
        }

    def record(self) -> CommitRecord:
        """What the sink is handed, and the checkpoint after it."""
        return CommitRecord(self.query_id, self.batch_id, self.text())

    @classmethod
    def parse(cls, body: str) -> CommitBody:
        """The inverse of `text`.

        Raises UnknownFormat when another version wrote it, ValueError when it is no commit body at all.

        >>> CommitBody.parse(CommitBody("a-query", 7, next_watermark_ms=10).text()).batch_id
        7
        """
        fields = Fields.parse(body)
        version = fields.integer("format")
        if version != FORMAT:
            raise UnknownFormat(version)
        operators = fields.mapping("operators", _operator)
        found = cls(
            query_id=fields.text("query_id"),
            batch_id=fields.integer("batch_id"),
            state=tuple(file for name in sorted(operators) for file in operators[name][0]),
            models=fields.mapping("models", text),
            next_watermark_ms=fields.integer("next_watermark_ms"),
            watermarks=fields.mapping("watermarks", integer),
            watermark_out={name: out for name, (_, out) in operators.items()},
            source_rows=fields.mapping("source_rows", integer),
            output_rows=fields.optional_integer("output_rows"),
        )
        fields.finish()
        return found


def _operator(value: Any, name: str) -> tuple[tuple[StateFile, ...], int]:
    fields = Fields(value)
    found = (stores_from_json(name, fields.any("stores")), fields.integer("watermark_out"))
    fields.finish()
    return found


class UnknownFormat(Exception):
    """A commit body of a format that this version does not know."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version
