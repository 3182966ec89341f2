"""GroupState: what a function of `applyInPandasWithState` is handed of its key's state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from streamcore.errors import (
    ArgumentTypeError,
    IllegalArgumentException,
    StreamcoreError,
    UnsupportedOperationException,
)
from streamcore.execution.python_state.cells import plain
from streamcore.spi.types import StructType


class StateNotExists(StreamcoreError, ValueError):
    """The value of a state that has none was asked for."""


class GroupStateTimeout:
    """When a key that gets no rows is called all the same."""

    NoTimeout: str = "NoTimeout"
    ProcessingTimeTimeout: str = "ProcessingTimeTimeout"
    EventTimeTimeout: str = "EventTimeTimeout"


TIMEOUTS = (
    GroupStateTimeout.NoTimeout,
    GroupStateTimeout.ProcessingTimeTimeout,
    GroupStateTimeout.EventTimeTimeout,
)


@dataclass(frozen=True)
class GroupTimes:
    """The times of a batch in milliseconds, and by which of them keys time out.

    `watermark_ms` is None where no stream has a watermark.
    """

    timeout: str
    processing_ms: int
    watermark_ms: int | None

    @property
    def threshold_ms(self) -> int | None:
        """Keys whose timeout lies before this have timed out; None when none does."""
        if self.timeout == GroupStateTimeout.ProcessingTimeTimeout:
            return self.processing_ms
        return self.watermark_ms if self.timeout == GroupStateTimeout.EventTimeTimeout else None


class GroupState:
    """The state of one key, for one call of the function."""

    NO_TIMESTAMP: int = -1

    def __init__(
        self, value: tuple[Any, ...] | None, schema: StructType, times: GroupTimes, *, has_timed_out: bool
    ) -> None:
        self._value = value
        self._schema = schema
        self._times = times
        self._has_timed_out = has_timed_out
        self._is_touched = False
        self._timeout_ms = GroupState.NO_TIMESTAMP

    @property
    def exists(self) -> bool:
        """Whether the key has a state."""
        return self._value is not None

    @property
    def get(self) -> tuple[Any, ...]:
        """The state; raises ValueError when there is none."""
        if self._value is None:
            raise StateNotExists(
                "[STATE_NOT_EXISTS] State is either not defined or has already been removed."
            )
        return self._value

    @property
    def getOption(self) -> tuple[Any, ...] | None:
        """The state; None when there is none."""
        return self._value

    @property
    def hasTimedOut(self) -> bool:
        """Whether the function is called because the key has timed out."""
        return self._has_timed_out

    @property
    def oldTimeoutTimestamp(self) -> int:
        """Always -1: a call begins without a timeout."""
        return GroupState.NO_TIMESTAMP

    def update(self, newValue: tuple[Any, ...]) -> None:
        """Puts a state in the place of the one that is there."""
        if newValue is None:
            raise ArgumentTypeError("[CANNOT_BE_NONE] Argument `newValue` cannot be None.")
        if len(newValue) != len(self._schema.fields):
            raise IllegalArgumentException(
                f"the state is {self._schema.simpleString()}: {len(self._schema.fields)} values, not "
                f"{len(newValue)}"
            )
        self._value = tuple(map(plain, newValue))
        self._is_touched = True

    def remove(self) -> None:
        """Removes the state."""
        self._value = None
        self._is_touched = True

    def setTimeoutDuration(self, durationMs: Any) -> None:
        """Lets the key time out this many milliseconds after the processing time of the batch."""
        if isinstance(durationMs, str):
            raise ArgumentTypeError("[NOT_EXPECTED_TYPE] Argument `durationMs` should be int, got str.")
        if self._times.timeout != GroupStateTimeout.ProcessingTimeTimeout:
            raise _cannot("set timeout duration", "enabling processing time timeout")
        if durationMs <= 0:
            raise _not_positive("durationMs", durationMs)
        self._timeout_ms = int(durationMs) + self._times.processing_ms

    def setTimeoutTimestamp(self, timestampMs: int | dt.datetime) -> None:
        """Lets the key time out when the watermark has passed this time (milliseconds since the epoch)."""
        if self._times.timeout != GroupStateTimeout.EventTimeTimeout:
            raise _cannot("set timeout timestamp", "enabling event time timeout")
        if isinstance(timestampMs, dt.datetime):
            timestampMs = int(timestampMs.timestamp() * 1000)
        if timestampMs <= 0:
            raise _not_positive("timestampMs", timestampMs)
        watermark_ms = self._times.watermark_ms
        if watermark_ms is not None and timestampMs < watermark_ms:
            raise IllegalArgumentException(
                f"[INVALID_TIMEOUT_TIMESTAMP] Timeout timestamp ({timestampMs}) cannot be earlier than the "
                f"current watermark ({watermark_ms})."
            )
        self._timeout_ms = int(timestampMs)

    def getCurrentWatermarkMs(self) -> int:
        """The watermark of the batch, in milliseconds."""
        if self._times.watermark_ms is None:
            raise _cannot("get event time watermark timestamp", "setting watermark")
        return self._times.watermark_ms

    def getCurrentProcessingTimeMs(self) -> int:
        """The processing time of the batch, in milliseconds; the same whenever the batch is run."""
        return self._times.processing_ms

    def __str__(self) -> str:
        return f"GroupState({self._value if self.exists else '<undefined>'})"

    # ---- what the engine asks after the call ---------------------------------------------------------

    @property
    def timeout_ms(self) -> int | None:
        """The timeout that the call has set; None when it has set none."""
        return None if self._timeout_ms == GroupState.NO_TIMESTAMP else self._timeout_ms

    @property
    def is_changed(self) -> bool:
        """Whether the call has changed the state, or set a timeout."""
        return self._is_touched or self._timeout_ms != GroupState.NO_TIMESTAMP


def _cannot(what: str, without: str) -> UnsupportedOperationException:
    return UnsupportedOperationException(
        f"[CANNOT_WITHOUT] Cannot {what} without {without} in applyInPandasWithState."
    )


def _not_positive(name: str, value: object) -> IllegalArgumentException:
    return IllegalArgumentException(
        f"[VALUE_NOT_POSITIVE] Value for `{name}` must be positive, got {value!r}."
    )
