"""A streaming query that runs a micro-batch when the test says so: no thread, no waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from streamcore.sql.streaming.starting import open_run
from streamcore.streaming.query_progress import progress_of
from streamcore.testing.clock import ManualClock

if TYPE_CHECKING:
    from types import TracebackType

    from streamcore.sql.streaming.writer import DataStreamWriter
    from streamcore.streaming.progress import StreamingQueryProgress


class SteppedQuery:
    """Runs what a `df.writeStream...` describes, batch by batch; give the writer in the place of `start()`.

    Everything is as in a running query (checkpoint, sink, state), so that a query which is closed, or
    just dropped, after any batch goes on in another `SteppedQuery` or with `start()`.  `clock` gives the
    batch times; the trigger's interval is not waited for.

    >>> from streamcore import Session
    >>> from streamcore.testing.memory_source import MemoryStream
    >>> session = Session.builder.getOrCreate()
    >>> stream = MemoryStream("n int")
    >>> writer = stream.toDF(session).where("n > 1").writeStream.format("memory").queryName("stepped")
    >>> with SteppedQuery(writer) as query:
    ...     first = query.step()
    ...     _ = stream.addData([(1,), (2,), (3,)])
    ...     second = query.step()
    >>> first is None, second.numInputRows, session.table("stepped").count()
    (True, 3, 2)
    """

    def __init__(self, writer: DataStreamWriter, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self._run = open_run(writer.dataframe, writer.described(), self.clock)
        self._last_start_ms: int | None = None

    @property
    def id(self) -> str:
        """The identity of the query, kept in its checkpoint."""
        return self._run.identity.query_id

    def step(self) -> StreamingQueryProgress | None:
        """Runs and commits one batch and returns its progress; None when there is nothing to do.

        Raises what the batch raises, as it is (a running query would wrap it).
        """
        run = self._run
        report = run.loop.run_next()
        if report is None:
            return None
        since = 0 if self._last_start_ms is None else report.started_ms - self._last_start_ms
        self._last_start_ms = report.started_ms
        return progress_of(
            run.identity, run.definition, report, run.readers, run.sink, run.loop.states, since
        )

    def run_dry(self) -> list[StreamingQueryProgress]:
        """Steps until there is nothing to do; the progress of every batch."""
        found = []
        while (progress := self.step()) is not None:
            found.append(progress)
        return found

    def close(self) -> None:
        """Ends the query, as `stop()` does."""
        self._run.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
