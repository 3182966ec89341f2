"""Arrow batches that are made while a statement reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class BatchStream:
    """An input of a statement, made anew for every run; nothing is made for one that no statement reads.

    What goes wrong in the making reaches the engine as text; the error itself is kept in `failure`.
    """

    def __init__(self, schema: pa.Schema, batches: Callable[[], Iterator[pa.RecordBatch]]) -> None:
        self.schema = schema
        self.failure: BaseException | None = None
        self.num_rows = 0
        self._batches = batches

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        import pyarrow as pa

        self.failure, self.num_rows = None, 0
        return pa.RecordBatchReader.from_batches(self.schema, self._counted()).__arrow_c_stream__(
            requested_schema
        )

    def _counted(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches():
                self.num_rows += batch.num_rows
                yield batch
        except Exception as error:
            self.failure = error
            raise
