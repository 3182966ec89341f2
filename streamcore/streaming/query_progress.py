"""From a committed batch to PySpark's progress document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from streamcore.spi.dead_letters import NAME
from streamcore.spi.row import Row
from streamcore.spi.secrets import without_password
from streamcore.streaming.progress import (
    SinkProgress,
    SourceProgress,
    StateOperatorProgress,
    StreamingQueryProgress,
    iso_utc,
    rate,
)
from streamcore.streaming.stateful.operator import MarksRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamcore.execution.stores.warm import StoreState
    from streamcore.streaming.commit_loop import BatchReport
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.micro_batch import States
    from streamcore.streaming.stateful.operator import ModelReport
    from streamcore.streaming.stream_sink import StreamSink
    from streamcore.streaming.stream_source import SourceReader


@dataclass(frozen=True)
class RunIdentity:
    """The ids under which a run reports."""

    query_id: str
    run_id: str
    name: str | None


def progress_of(
    identity: RunIdentity,
    query: QueryDefinition,
    report: BatchReport,
    readers: Sequence[SourceReader],
    sink: StreamSink,
    states: States,
    since_last_ms: float,
) -> StreamingQueryProgress:
    """The progress of one committed batch; `since_last_ms` is the time since the batch before began.

    It is 0 for the first batch of a run, which has no rate of input.
    """
    milliseconds = report.seconds * 1000
    rows = sum(report.outcome.source_rows.values())
    durations = {**report.watch.whole_ms(), "triggerExecution": int(milliseconds)}
    return StreamingQueryProgress(
        id=UUID(identity.query_id),
        runId=UUID(identity.run_id),
        name=identity.name,
        timestamp=iso_utc(report.started_ms),
        batchId=report.record.batch_id,
        batchDuration=int(milliseconds),
        numInputRows=rows,
        inputRowsPerSecond=rate(rows, since_last_ms),
        processedRowsPerSecond=rate(rows, milliseconds),
        durationMs=durations,
        eventTime=_event_time(query, report),
        stateOperators=[_state_operator(query, report, id_, states[id_]) for id_ in query.plan.from_the_sink],
        sources=[_source(reader, report, since_last_ms) for reader in readers],
        sink=SinkProgress(
            description=without_password(sink.description),
            numOutputRows=report.outcome.output_rows,
            metrics={},
        ),
        observedMetrics={**_letters(report), **report.outcome.observed},
        models={
            **{name: {"version": version} for name, version in report.record.models.items()},
            **{id_: _model(model) for id_, model in report.outcome.models.items()},
        },
    )


def _letters(report: BatchReport) -> dict[str, Row]:
    letters = report.outcome.letters
    return {NAME: Row(rows=sum(map(len, letters.values())))} if letters else {}


def _event_time(query: QueryDefinition, report: BatchReport) -> dict[str, str]:
    if all(leaf.watermark is None for leaf in query.plan.leaves):
        return {}
    times = {"watermark": iso_utc(report.record.watermark_ms)}
    seen = report.outcome.event_times
    if seen is not None:
        times["min"], times["max"] = iso_utc(seen.min_ms), iso_utc(seen.max_ms)
        times["avg"] = iso_utc(seen.sum_ms // seen.count)
    return times


def _state_operator(
    query: QueryDefinition, report: BatchReport, id_: str, partitions: Sequence[Mapping[str, StoreState]]
) -> StateOperatorProgress:
    operator, metrics = query.operators[id_], report.outcome.metrics[id_]
    states = [state for stores in partitions for state in stores.values()]
    marks = operator.stores_of_marks if isinstance(operator, MarksRows) else ()
    return StateOperatorProgress(
        operatorName=operator.kind,
        numRowsTotal=sum(
            state.living for stores in partitions for name, state in stores.items() if name not in marks
        ),
        numRowsUpdated=metrics.updated,
        allUpdatesTimeMs=int(metrics.update_seconds * 1000),
        numRowsRemoved=metrics.removed,
        allRemovalsTimeMs=0,
        commitTimeMs=int(metrics.write_seconds * 1000),
        memoryUsedBytes=sum(state.memory_bytes for state in states),
        numRowsDroppedByWatermark=metrics.dropped_late,
        numShufflePartitions=len(partitions),
        numStateStoreInstances=len(states),
        customMetrics={
            **metrics.custom,
            "stateFiles": sum(len(state.chain) for state in states),
            "stateFileBytes": sum(state.file_bytes for state in states),
        },
    )


def _model(model: ModelReport) -> dict[str, Any]:
    return {"version": model.version, "sha256": model.digest, **model.figures}


def _source(reader: SourceReader, report: BatchReport, since_last_ms: float) -> SourceProgress:
    span = report.record.sources[reader.name]
    rows = report.outcome.source_rows.get(reader.name, 0)
    return SourceProgress(
        description=without_password(reader.source.describe()),
        startOffset=json.dumps(span.start),
        endOffset=json.dumps(span.end),
        latestOffset=json.dumps(reader.newest_offset()),
        numInputRows=rows,
        inputRowsPerSecond=rate(rows, since_last_ms),
        processedRowsPerSecond=rate(rows, report.seconds * 1000),
        metrics=dict(reader.metrics(span.end)),
    )
