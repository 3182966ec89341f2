"""The life of a query in the log: its start, each committed batch in one line, how it ended."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from streamcore.errors import StreamcoreError, StreamingQueryException
from streamcore.logging import fields
from streamcore.spi.secrets import without_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamcore.spi.exactly_once import Guarantee
    from streamcore.streaming.progress import StreamingQueryProgress
    from streamcore.streaming.query_progress import RunIdentity

_log = logging.getLogger("streamcore.streaming")


class QueryLog:
    """Writes what happens to one run of a query; no record holds a password or a row."""

    def __init__(self, identity: RunIdentity) -> None:
        self._identity = identity
        self.label = identity.name or identity.query_id

    def started(
        self, batch_id: int, offsets: Mapping[str, object], guarantee: Guarantee, sink: str, checkpoint: str
    ) -> None:
        """The query has recovered, and begins with batch `batch_id` at `offsets`."""
        _log.info(
            "query %s started: batch %d from %s into %s, %s, checkpoint %s",
            self.label, batch_id, dict(offsets), without_password(sink), guarantee.value,
            without_password(checkpoint),
            extra=self._fields(
                "started", batch_id=batch_id, offsets=dict(offsets), guarantee=guarantee.value,
                sink=without_password(sink), checkpoint=without_password(checkpoint),
            ),
        )  # fmt: skip

    def committed(self, progress: StreamingQueryProgress) -> None:
        """A batch is committed."""
        if not _log.isEnabledFor(logging.INFO):
            return
        ends = {number: json.loads(source.endOffset) for number, source in enumerate(progress.sources)}
        rows_out = progress.sink.numOutputRows
        _log.info(
            "query %s batch %d committed: %d rows in, %d out, %d ms, up to %s",
            self.label, progress.batchId, progress.numInputRows, rows_out, progress.batchDuration,
            ", ".join(map(str, ends.values())),
            extra=self._fields(
                "committed", batch_id=progress.batchId, rows_in=progress.numInputRows, rows_out=rows_out,
                milliseconds=progress.batchDuration, offsets=ends,
            ),
        )  # fmt: skip

    def stopped(self, reason: str, batch_id: int) -> None:
        """The query has ended well; `batch_id` is the batch that a next start begins with."""
        _log.info(
            "query %s ended before batch %d: %s", self.label, batch_id, reason,
            extra=self._fields("stopped", batch_id=batch_id, reason=reason),
        )  # fmt: skip

    def failed(self, error: StreamingQueryException, batch_id: int) -> None:
        """The query has ended with an error; with a traceback where nobody raised it on purpose."""
        is_known = isinstance(error.cause, StreamcoreError) and not _log.isEnabledFor(logging.DEBUG)
        _log.error(
            "%s", error.message, exc_info=None if is_known else error.cause,
            extra=self._fields(
                "failed", batch_id=batch_id, error=type(error.cause).__name__, reason=error.message
            ),
        )  # fmt: skip

    def _fields(self, event: str, **values: object) -> dict[str, object]:
        ids = {"query": self._identity.name, "query_id": self._identity.query_id}
        return fields(event=event, **ids, run_id=self._identity.run_id, **values)
