"""What a micro-batch did, in PySpark's JSON fields."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any


def iso_utc(ms: int) -> str:
    """Milliseconds since the epoch as Spark prints them.

    >>> iso_utc(1_700_000_000_123)
    '2023-11-14T22:13:20.123Z'
    """
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


class ProgressDict(dict[str, Any]):
    """A dict whose fields can also be read as attributes, as PySpark's progress objects."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}") from None

    @property
    def json(self) -> str:
        """The compact JSON text."""
        return json.dumps(self, default=str)

    @property
    def prettyJson(self) -> str:
        """The JSON text with an indentation of two."""
        return json.dumps(self, indent=2, default=str)

    def __str__(self) -> str:
        return self.prettyJson


class StateOperatorProgress(ProgressDict):
    """One stateful operator: rows kept, updated, removed and dropped as late."""


class SourceProgress(ProgressDict):
    """One source: the offset range of the batch, and its rows."""


class SinkProgress(ProgressDict):
    """The sink: rows written."""


class StreamingQueryProgress(ProgressDict):
    """One micro-batch.

    Fields: id, runId, name, timestamp, batchId, batchDuration, numInputRows, inputRowsPerSecond,
    processedRowsPerSecond, durationMs, eventTime, stateOperators, sources, sink, observedMetrics.
    """


def rate(rows: int, milliseconds: float) -> float:
    """Rows per second; 0.0 when no time has passed."""
    return rows * 1000.0 / milliseconds if milliseconds > 0 else 0.0


class Stopwatch:
    """Adds up the milliseconds of named phases of one batch."""

    def __init__(self) -> None:
        self._phases: dict[str, float] = {}

    def add(self, phase: str, seconds: float) -> None:
        """Adds to a phase."""
        self._phases[phase] = self._phases.get(phase, 0.0) + seconds * 1000

    def whole_ms(self) -> dict[str, int]:
        """The phases in whole milliseconds, by name."""
        return {name: int(value) for name, value in sorted(self._phases.items())}
