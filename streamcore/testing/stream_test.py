"""A streaming query under test: add data, move the clock, check the answer, stop, crash, start again.

In the spirit of Spark's own StreamTest.  Nothing runs in the background and nothing waits: every batch
runs when the test asks for it, with the engine, checkpoint and commit protocol of a running query.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import tempfile
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from streamcore.errors import IllegalArgumentException
from streamcore.spi import steps
from streamcore.testing.clock import ManualClock
from streamcore.testing.stepped_query import SteppedQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from types import TracebackType

    from streamcore.sql.dataframe import DataFrame
    from streamcore.streaming.progress import StreamingQueryProgress
    from streamcore.testing.memory_source import MemoryStream

_serial = itertools.count()


class SimulatedCrash(BaseException):
    """Ends a batch at a step of the commit protocol; no handler of the engine takes it for a failure."""


class StreamTest:
    """One streaming query, written to memory, that a test drives by hand.

    Parameters
    ----------
    df
        What the query computes; its streams are `MemoryStream`s, or any replayable source.
    outputMode
        append, update or complete.
    checkpointLocation
        A folder; by default a temporary one that goes with the test.
    clock
        Gives the batch times; by default a `ManualClock` that stands at 0.

    Every check first runs what there is to run, as Spark's does.  Rows are compared as a bag: their order
    does not matter, their number does.

    >>> from streamcore import Session
    >>> from streamcore.testing.memory_source import MemoryStream
    >>> words = MemoryStream("word string")
    >>> counts = words.toDF(Session.builder.getOrCreate()).groupBy("word").count()
    >>> with StreamTest(counts, "update") as test:
    ...     _ = test.addData(words, ["a", "b", "a"]).checkNewAnswer([("a", 2), ("b", 1)])
    ...     _ = test.stopStream().startStream()
    ...     _ = test.addData(words, ["a"]).checkNewAnswer([("a", 3)])
    ...     _ = test.addData(words, ["b"]).crashAt("sink-commit:after").startStream()
    ...     _ = test.checkNewAnswer([("b", 2)])
    """

    def __init__(
        self,
        df: DataFrame,
        outputMode: str = "append",
        checkpointLocation: str | None = None,
        clock: ManualClock | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self._mode = outputMode
        self._df = df
        self._table = f"stream_test_{next(_serial)}"
        self._open_parts = contextlib.ExitStack()
        self._folder = checkpointLocation or self._open_parts.enter_context(tempfile.TemporaryDirectory())
        self._query: SteppedQuery | None = None
        self._checked = 0
        self._before_last = 0
        self._last: StreamingQueryProgress | None = None
        self.startStream()

    # ---- what happens ----------------------------------------------------------------------------

    def addData(self, stream: MemoryStream, rows: Iterable[Any]) -> Self:
        """Appends rows (tuples, Rows, dicts, or single values) to a stream."""
        stream.addData(rows)
        return self

    def advanceManualClock(self, seconds: float) -> Self:
        """Moves the clock on, for batch times and processing-time timers."""
        self.clock.advance(seconds)
        return self

    def processNextBatch(self) -> Self:
        """Runs one batch; AssertionError when there is nothing to do."""
        assert self._step(), "there was no batch to run: no new data, and nothing that a watermark closes"
        return self

    def processAllAvailable(self) -> Self:
        """Runs batches until there is nothing to do."""
        while self._step():
            pass
        return self

    def stopStream(self) -> Self:
        """Ends the query as `query.stop()` does, between two batches."""
        self._running().close()
        self._query = None
        return self

    def startStream(self, df: DataFrame | None = None) -> Self:
        """Starts the query again with its checkpoint; `df` in the place of what it computed, if given.

        Raises what `start()` raises, for example when the changed query does not fit the checkpoint.
        """
        if self._query is not None:
            raise IllegalArgumentException("the stream is already running; call stopStream() first")
        self._df = self._df if df is None else df
        writer = self._df.writeStream.format("memory").queryName(self._table).outputMode(self._mode)
        self._query = SteppedQuery(writer.option("checkpointLocation", self._folder), self.clock)
        return self

    def crashAt(self, point: str) -> Self:
        """Runs what is available and ends the query at a step of the commit protocol, half-way through.

        `point` is "<step>:before" or "<step>:after", one of `streamcore.spi.steps.crash_points()`.  The
        rest of the batch does not happen, but this process goes on, so that what `finally` clauses do is
        done; to see a process die as by kill -9, use `streamcore.testing.crash_points`.

        Raises AssertionError when no batch came to that point.
        """
        if point not in steps.crash_points():
            known = ", ".join(steps.crash_points())
            raise IllegalArgumentException(f"there is no point {point!r} in the commit protocol: {known}")
        with _crashing_at(point):
            try:
                self.processAllAvailable()
            except SimulatedCrash:
                return self.stopStream()
        raise AssertionError(f"no batch came to {point}: there was nothing to run")

    def expectFailure(self, error: type[Exception]) -> Self:
        """Runs what is available, which must fail with `error`; the query is stopped then."""
        try:
            self.processAllAvailable()
        except error:
            return self.stopStream()
        raise AssertionError(f"the query did not fail; {error.__name__} was expected")

    # ---- what must hold --------------------------------------------------------------------------

    def checkAnswer(self, expected: Iterable[Any]) -> Self:
        """All rows that the sink holds are `expected`."""
        self._process_if_running()
        rows = self._rows()
        self._checked = len(rows)
        return self._compare(rows, expected, "the rows of the sink")

    def checkNewAnswer(self, expected: Iterable[Any]) -> Self:
        """The rows that came since the last check are `expected`; in complete mode, all rows."""
        self._process_if_running()
        rows = self._rows()
        new = rows if self._mode == "complete" else rows[self._checked :]
        self._checked = len(rows)
        return self._compare(new, expected, "the rows since the last check")

    def checkLastBatch(self, expected: Iterable[Any]) -> Self:
        """The rows of the newest batch are `expected`."""
        self._process_if_running()
        rows = self._rows()
        last = rows if self._mode == "complete" else rows[self._before_last :]
        return self._compare(last, expected, "the rows of the last batch")

    def assertOnQuery(self, holds: Callable[[StreamingQueryProgress], bool], message: str = "") -> Self:
        """`holds` is true of the progress of the newest batch."""
        self._process_if_running()
        assert self._last is not None, "no batch has run"
        assert holds(self._last), message or f"it does not hold of {self._last.prettyJson}"
        return self

    @property
    def lastProgress(self) -> StreamingQueryProgress | None:
        """The progress of the newest batch."""
        return self._last

    # ---- the query -------------------------------------------------------------------------------

    def close(self) -> None:
        """Ends the query and forgets its checkpoint and its rows."""
        if self._query is not None:
            self.stopStream()
        self._df.sparkSession.catalog.dropTempView(self._table)
        self._open_parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> SteppedQuery:
        if self._query is None:
            raise IllegalArgumentException("the stream is not running; call startStream() first")
        return self._query

    def _process_if_running(self) -> None:
        if self._query is not None:
            self.processAllAvailable()

    def _step(self) -> bool:
        before = len(self._rows())
        progress = self._running().step()
        if progress is None:
            return False
        self._before_last, self._last = before, progress
        return True

    def _rows(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._df.sparkSession.table(self._table).collect()]

    def _compare(self, found: Sequence[tuple[Any, ...]], expected: Iterable[Any], what: str) -> Self:
        wanted = [row if isinstance(row, tuple | list) else (row,) for row in expected]
        missing, unexpected = _differences(wanted, found), _differences(found, wanted)
        lines = [f"  missing:    {row}" for row in missing]
        lines += [f"  unexpected: {row}" for row in unexpected]
        assert not lines, "\n".join([f"{what} are not those expected", *lines])
        return self


def _differences(rows: Sequence[Any], others: Sequence[Any]) -> list[str]:
    """The rows, as text, that `others` do not have as often."""
    texts = {_comparable(row): repr(tuple(row)) for row in rows}
    more = Counter(map(_comparable, rows)) - Counter(map(_comparable, others))
    return sorted(texts[key] for key in more.elements())


def _comparable(value: Any) -> Hashable:
    """A value that is equal and hashable where two values of a row are the same; NaN equals NaN."""
    if isinstance(value, float) and math.isnan(value):
        return ("NaN",)
    if isinstance(value, dict):
        return frozenset((_comparable(key), _comparable(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_comparable, value))
    return bytes(value) if isinstance(value, bytearray) else value


@contextlib.contextmanager
def _crashing_at(point: str) -> Iterator[None]:
    def listener(reached: str) -> None:
        if reached == point:
            raise SimulatedCrash(point)

    steps.listen(listener)
    try:
        yield
    finally:
        steps.listen(None)


__all__ = ["SimulatedCrash", "StreamTest"]
