"""Read limits: how much a streaming source may hand to one micro-batch (PySpark 4.2's names)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


class ReadLimit:
    """How much new data `latestOffset` may take; one of the classes below."""


@dataclass
class ReadAllAvailable(ReadLimit):
    """Everything there is; limits set by options are ignored."""


@dataclass
class ReadMinRows(ReadLimit):
    """Nothing until at least `min_rows` rows are there."""

    min_rows: int


@dataclass
class ReadMaxRows(ReadLimit):
    """At most about `max_rows` rows."""

    max_rows: int


@dataclass
class ReadMaxFiles(ReadLimit):
    """At most `max_files` files."""

    max_files: int


@dataclass
class ReadMaxBytes(ReadLimit):
    """At most about `max_bytes` bytes (at least one unit of data, so that the query goes on)."""

    max_bytes: int


class SupportsTriggerAvailableNow(ABC):
    """Mixin for readers that can fix, at start, the end offset that an `availableNow` query runs to."""

    @abstractmethod
    def prepareForTriggerAvailableNow(self) -> None:
        """Remember today's end; `latestOffset` must reach it in finitely many calls and never pass it."""
