"""What a person sees while it runs: one line that is rewritten at a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from streamcore.sql.streaming import StreamingQuery

_EVERY_S = {True: 0.2, False: 2.0}  # at a terminal, elsewhere


class Display:
    """Draws the state of the queries now and then."""

    def __init__(self, queries: Sequence[StreamingQuery], seconds: float, out: TextIO = sys.stdout) -> None:
        self._queries = queries
        self._seconds = seconds
        self._out = out
        self._is_terminal = out.isatty()
        self._began = time.monotonic()
        self._drawn = 0.0

    def draw(self, produced: int) -> None:
        """Draw, unless the last line is still fresh."""
        now = time.monotonic()
        if now - self._drawn >= _EVERY_S[self._is_terminal]:
            self._drawn = now
            self._write(progress_line(now - self._began, self._seconds, produced, self._queries))

    def close(self) -> None:
        """Leave the last line standing."""
        if self._is_terminal:
            self._out.write("\n")
            self._out.flush()

    def _write(self, line: str) -> None:
        self._out.write(f"\r{line}\033[K" if self._is_terminal else f"{line}\n")
        self._out.flush()


def progress_line(now: float, end: float, produced: int, queries: Sequence[StreamingQuery]) -> str:
    """Return rows/s, batch time and lag of the slower query, and the watermark of the first."""
    latest = [query.lastProgress for query in queries]
    if any(progress is None for progress in latest):
        return f"{now:4.1f}/{end:.0f} s  produced {produced:,}  waiting for the first micro-batches"
    speed = min(progress["processedRowsPerSecond"] for progress in latest)
    batch = max(progress["durationMs"].get("triggerExecution", 0) for progress in latest)
    lag = max(produced - _read_so_far(progress) for progress in latest)
    return (
        f"{now:4.1f}/{end:.0f} s  produced {produced:,}  {speed:8,.0f} rows/s  batch {batch:4d} ms  "
        f"lag {max(lag, 0):6,} events  watermark {_watermark(latest[0])[11:19] or '-'}"
    )


def watermark_of(query: StreamingQuery) -> str:
    """Return the watermark that the query has reached, as ISO text; empty when there is none yet."""
    progress = query.lastProgress
    return "" if progress is None else _watermark(progress)


def _watermark(progress: Any) -> str:
    return str(progress["eventTime"].get("watermark", ""))


def _read_so_far(progress: Any) -> int:
    ends = progress["sources"][0]["endOffset"]
    by_topic = json.loads(ends) if isinstance(ends, str) else ends
    return sum(sum(partitions.values()) for partitions in by_topic.values())
