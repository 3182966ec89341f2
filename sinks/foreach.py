"""`foreach` and `foreachBatch`: the user's own functions as sinks; at-least-once, as in PySpark."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, cast

from streamcore.errors import IllegalArgumentException
from streamcore.spi.datasource import DataSourceStreamWriter, WriterCommitMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class ForeachStreamWriter(DataSourceStreamWriter):
    """Hands every row to a function, or to an object with `process` and perhaps `open` and `close`.

    Partitions run at the same time: each works with a copy of the object, whose attributes (a connection
    made in `open`) are its own.  A function is shared.

    The engine calls `write_partition` in the task, where it knows the partition and the batch.  A batch
    that is run again comes with the same number: `open` may return False to skip what it has seen.
    """

    def __init__(self, target: object) -> None:
        self._target = target
        if callable(getattr(target, "process", None)):
            self._check_optional("open")
            self._check_optional("close")
        elif not callable(target):
            raise IllegalArgumentException(
                "[ATTRIBUTE_NOT_CALLABLE] Attribute `process` in provided object `f` is not callable: "
                "foreach() takes a function of one row, or an object with a method process(row) and "
                "optionally open(partition_id, epoch_id) and close(error); "
                f"{type(target).__name__} is neither"
            )

    def write(self, iterator: Iterator[Any]) -> WriterCommitMessage:
        """As `write_partition` for partition 0 of batch 0, for callers that know neither."""
        return self.write_partition(iterator, 0, 0)

    def write_partition(self, rows: Iterable[Any], partition_id: int, epoch_id: int) -> WriterCommitMessage:
        """Opens, processes each row unless `open` returned False, and closes with the error, if any."""
        if hasattr(self._target, "process"):
            _run(copy.copy(self._target), rows, partition_id, epoch_id)
        else:
            _process_all(cast("Callable[[Any], Any]", self._target), rows)
        return WriterCommitMessage()

    def _check_optional(self, name: str) -> None:
        method = getattr(self._target, name, None)
        if method is not None and not callable(method):
            raise IllegalArgumentException(
                f"[ATTRIBUTE_NOT_CALLABLE] Attribute `{name}` in provided object `f` is not callable: "
                "it is no method of the foreach() object"
            )


def _run(target: Any, rows: Iterable[Any], partition_id: int, epoch_id: int) -> None:
    open_ = getattr(target, "open", None)
    close = getattr(target, "close", None)
    # As in PySpark, close is not called when open itself fails.
    wanted = open_ is None or open_(partition_id, epoch_id)
    error: Exception | None = None
    try:
        if wanted:
            _process_all(target.process, rows)
    except Exception as raised:
        error = raised
        raise
    finally:
        if close is not None:
            close(error)


def _process_all(process: Callable[[Any], Any], rows: Iterable[Any]) -> None:
    for row in rows:
        process(row)


class ForeachBatchWriter(DataSourceStreamWriter):
    """Calls a function with every micro-batch's DataFrame and its number.

    The engine builds the DataFrame and uses `call`; the number is the same when a batch is run again.
    """

    def __init__(self, function: Callable[[Any, int], None]) -> None:
        if not callable(function):
            raise IllegalArgumentException(
                "foreachBatch() takes a function of a DataFrame and a batch number"
            )
        self._function = function

    def call(self, df: Any, batch_id: int) -> None:
        """Runs the user's function."""
        self._function(df, batch_id)

    def write(self, iterator: Iterator[Any]) -> WriterCommitMessage:
        """Never called by the engine: rows reach the user's function as a DataFrame."""
        raise NotImplementedError("foreachBatch writes by call(df, batch_id)")
