"""What two starts of a query have otherwise, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One thing that a query has otherwise than its checkpoint; `way_out` may say how to go on anyway."""

    what: str
    old: str
    new: str
    way_out: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.old} -> {self.new}"


@dataclass(frozen=True)
class Verdict:
    """What a comparison found: differences that forbid going on, and those that do not."""

    refused: tuple[Difference, ...] = ()
    accepted: tuple[Difference, ...] = ()


def changed(what: str, old: Any, new: Any, way_out: str = "") -> list[Difference]:
    """The difference between two values of a description; none when they are equal."""
    return [] if old == new else [Difference(what, _shown(old), _shown(new), way_out)]


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value) or "none"
    return "none" if value is None else str(value)
