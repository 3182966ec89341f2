"""What a micro-batch did, in PySpark's fields."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self
from uuid import UUID

from streamcore.spi.row import Row


def iso_utc(ms: int) -> str:
    """Milliseconds since the epoch as Spark prints them.

    >>> iso_utc(1_700_000_000_123)
    '2023-11-14T22:13:20.123Z'
    """
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


_Conversions = Mapping[str, Callable[[Any], Any]]


class Progress(dict[str, Any]):
    """A dict whose fields can also be read as attributes, as PySpark's progress objects.

    Subclasses name their `FIELDS`, in the order of the JSON text, those that are left out of it when they are
    empty, and how fields become JSON values and come from them where they are none.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ()
    LEFT_OUT_WHEN_EMPTY: ClassVar[tuple[str, ...]] = ()
    TO_JSON: ClassVar[_Conversions] = {}
    FROM_JSON: ClassVar[_Conversions] = {}

    def __init__(self, **values: Any) -> None:
        if {*values} != {*self.FIELDS}:
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.FIELDS)}, not {', '.join(values)}")
        super().__init__({name: values[name] for name in self.FIELDS})

    @classmethod
    def fromJson(cls, j: Mapping[str, Any]) -> Self:
        """The progress of a parsed JSON text; what the text leaves out is empty."""
        given = {**{name: {} for name in cls.LEFT_OUT_WHEN_EMPTY}, **j}
        return cls(**{name: _converted(cls.FROM_JSON, name, given[name]) for name in cls.FIELDS})

    def document(self) -> dict[str, Any]:
        """The fields as JSON values."""
        left_out = {name for name in self.LEFT_OUT_WHEN_EMPTY if not self[name]}
        shown = (name for name in self.FIELDS if name not in left_out)
        return {name: _converted(self.TO_JSON, name, self[name]) for name in shown}

    def __getattr__(self, name: str) -> Any:
        if name in self.FIELDS:
            return super().__getitem__(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def json(self) -> str:
        """The compact JSON text."""
        return json.dumps(self.document(), default=json_value)

    @property
    def prettyJson(self) -> str:
        """The JSON text with an indentation of four."""
        return json.dumps(self.document(), indent=4, default=json_value)

    def __str__(self) -> str:
        return self.prettyJson

    def __repr__(self) -> str:
        return self.prettyJson


def _converted(conversions: _Conversions, name: str, value: Any) -> Any:
    return conversions[name](value) if name in conversions else value


class StateOperatorProgress(Progress):
    """One stateful operator: rows kept, updated, removed and dropped as late."""

    FIELDS = (
        "operatorName", "numRowsTotal", "numRowsUpdated", "allUpdatesTimeMs", "numRowsRemoved",
        "allRemovalsTimeMs", "commitTimeMs", "memoryUsedBytes", "numRowsDroppedByWatermark",
        "numShufflePartitions", "numStateStoreInstances", "customMetrics",
    )  # fmt: skip
    LEFT_OUT_WHEN_EMPTY = ("customMetrics",)


_OFFSETS = ("startOffset", "endOffset", "latestOffset")


class SourceProgress(Progress):
    """One source: the offset range of the batch, and its rows.

    An offset is a JSON text; in the JSON text of the progress it is what this text says.
    """

    FIELDS = (
        "description", *_OFFSETS, "numInputRows", "inputRowsPerSecond", "processedRowsPerSecond", "metrics",
    )  # fmt: skip
    LEFT_OUT_WHEN_EMPTY = ("metrics",)
    TO_JSON = dict.fromkeys(_OFFSETS, json.loads)
    FROM_JSON = dict.fromkeys(
        _OFFSETS, lambda offset: offset if isinstance(offset, str) else json.dumps(offset)
    )


class SinkProgress(Progress):
    """The sink: rows written."""

    FIELDS = ("description", "numOutputRows", "metrics")
    LEFT_OUT_WHEN_EMPTY = ("metrics",)


def _documents(parts: Sequence[Progress]) -> list[dict[str, Any]]:
    return [part.document() for part in parts]


_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}


def _measured(value: Any) -> Any:
    """A measure as Spark writes it where JSON has no number or no object for it.

    >>> _measured([float("nan"), -math.inf, {"a": 0.5}, {1: "x"}])
    ['NaN', '-Infinity', {'a': 0.5}, [{'key': 1, 'value': 'x'}]]
    """
    if isinstance(value, float) and not math.isfinite(value):
        return _NOT_FINITE.get(value, "NaN")
    if isinstance(value, list | tuple):
        return [_measured(item) for item in value]
    if not isinstance(value, dict):
        return value
    if all(isinstance(key, str) for key in value):
        return {key: _measured(item) for key, item in value.items()}
    return [{"key": _measured(key), "value": _measured(item)} for key, item in value.items()]


class StreamingQueryProgress(Progress):
    """One micro-batch.

    As in PySpark the attributes `id` and `runId` are UUIDs, `progress["id"]` and `progress["runId"]` texts;
    `observedMetrics` are Rows by name.  `models`, which PySpark does not have, are what each model that
    the query trains says of itself, by the name of its operator, and the versions of those that it serves.
    """

    FIELDS = (
        "id", "runId", "name", "timestamp", "batchId", "batchDuration", "numInputRows",
        "inputRowsPerSecond", "processedRowsPerSecond", "durationMs", "eventTime", "stateOperators",
        "sources", "sink", "observedMetrics", "models",
    )  # fmt: skip
    LEFT_OUT_WHEN_EMPTY = ("eventTime", "observedMetrics", "models")
    TO_JSON: ClassVar[_Conversions] = {
        "stateOperators": _documents,
        "sources": _documents,
        "sink": Progress.document,
        "observedMetrics": lambda rows: {
            name: _measured(row.asDict(recursive=True)) for name, row in rows.items()
        },
        "models": _measured,
    }
    FROM_JSON: ClassVar[_Conversions] = {
        "id": UUID,
        "runId": UUID,
        "stateOperators": lambda parts: [StateOperatorProgress.fromJson(part) for part in parts],
        "sources": lambda parts: [SourceProgress.fromJson(part) for part in parts],
        "sink": SinkProgress.fromJson,
        "observedMetrics": lambda rows: {name: Row(**fields) for name, fields in rows.items()},
    }

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return str(value) if key in ("id", "runId") else value


def json_value(value: object) -> object:
    """What JSON has no values for: decimals as numbers, times and all else as texts.

    >>> json.dumps([Decimal("1.50"), datetime(2024, 1, 1), b"ab"], default=json_value)
    '[1.5, "2024-01-01 00:00:00", "YWI="]'
    """
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return str(value)


def rate(rows: int, milliseconds: float) -> float:
    """Rows per second, to one decimal place; 0.0 when no time has passed."""
    return round(rows * 1000.0 / milliseconds, 1) if milliseconds > 0 else 0.0


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
