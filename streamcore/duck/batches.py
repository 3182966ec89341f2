"""The rows of a query in batches, while it is computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb

from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 61_440
"""Rows in a batch, more or less: a few megabytes."""

# A reader of Arrow batches has only the text of what went wrong in the query that feeds it.
_BY_WORDS = {
    "Invalid Input Error": duckdb.InvalidInputException,
    "Conversion Error": duckdb.ConversionException,
    "Out of Range Error": duckdb.OutOfRangeException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
    "INTERRUPT Error": duckdb.InterruptException,
    "IO Error": duckdb.IOException,
}


class RowBatches:
    """Iterates the batches of a running query; what it failed with is kept in `failure`.

    Whoever takes the batches may make another error of that one.
    """

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self.failure: duckdb.Error | None = None
        self._reader = reader

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        while True:
            raise_if_interrupted()
            try:
                batch = self._reader.read_next_batch()
            except StopIteration:
                return
            except Exception as error:
                self.failure = _failure(str(error))
                raise self.failure from error
            if batch.num_rows:
                yield batch


def _failure(text: str) -> duckdb.Error:
    """The error that the query would have raised without batches.

    >>> _failure("Conversion Error: Could not convert string 'x' to INT32")
    ConversionException("Conversion Error: Could not convert string 'x' to INT32")
    """
    words = text.partition(":")[0]
    return _BY_WORDS.get(words, duckdb.Error)(text)
