"""The connector contract: PySpark 4's Python Data Source API, name for name.

A connector written for PySpark runs here unchanged, and our own connectors are written against the
same classes.  The engine asks objects what they can do (it never checks the class), so a connector
that inherits PySpark's own base classes is accepted too.  What exactly-once needs beyond this is the
one addition in `streamcore.spi.exactly_once`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.spi.limits import ReadAllAvailable, ReadLimit

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.types import StructType

Offset = dict[str, Any]
"""Where a reader stands: a dict of JSON values, possibly nested."""


class MethodNotImplemented(UnsupportedOperationException):
    """A method of this contract that a connector does not have."""


def is_missing_method(error: NotImplementedError) -> bool:
    """Whether a connector lacks the method that was called, so that another way may be tried.

    An UnsupportedOperationException of the connector's own is not that: it refuses an option, say, and its
    message is the user's. PySpark's base classes raise a NotImplementedError of their own.

    >>> is_missing_method(NotImplementedError()), is_missing_method(UnsupportedOperationException("not so"))
    (True, False)
    """
    return isinstance(error, MethodNotImplemented) or not isinstance(error, UnsupportedOperationException)


def _not_implemented(owner: object, method: str) -> MethodNotImplemented:
    return MethodNotImplemented(f"{type(owner).__name__} does not implement {method}()")


class DataSource(ABC):
    """A named kind of source or sink, made anew for every read or write with its options.

    Options arrive as a case-insensitive mapping of strings.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        self.options = options

    @classmethod
    def name(cls) -> str:
        """The short name used with `format(...)`; the class name unless overridden."""
        return cls.__name__

    def schema(self) -> StructType | str:
        """The schema of the data when the user gives none; a StructType or DDL text."""
        raise _not_implemented(self, "schema")

    def reader(self, schema: StructType) -> DataSourceReader:
        """A batch reader for `schema`."""
        raise _not_implemented(self, "reader")

    def writer(self, schema: StructType, overwrite: bool) -> DataSourceWriter:
        """A batch writer; `overwrite` is true for `mode("overwrite")`."""
        raise _not_implemented(self, "writer")

    def streamWriter(self, schema: StructType, overwrite: bool) -> DataSourceStreamWriter:
        """A streaming writer; `overwrite` is true in complete output mode."""
        raise _not_implemented(self, "streamWriter")

    def simpleStreamReader(self, schema: StructType) -> SimpleDataSourceStreamReader:
        """A streaming reader that reads in the driver; tried when `streamReader` is not implemented."""
        raise _not_implemented(self, "simpleStreamReader")

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        """A streaming reader whose partitions are read in parallel."""
        raise _not_implemented(self, "streamReader")


class InputPartition:
    """One unit of parallel reading; must pickle when tasks run in worker processes."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        attributes = ", ".join(f"{k}={v!r}" for k, v in self.__dict__.items())
        return f"{type(self).__name__}({attributes})"


@dataclass(frozen=True)
class Filter:
    """A predicate offered to `DataSourceReader.pushFilters`; subclasses live in `streamcore.spi.filters`."""


class DataSourceReader(ABC):
    """Reads a bounded data set."""

    def pushFilters(self, filters: list[Filter]) -> Iterable[Filter]:
        """Takes what it can apply and returns the rest; all are returned by default."""
        return filters

    def partitions(self) -> Sequence[InputPartition]:
        """The parts to read in parallel; one by default."""
        return [InputPartition(None)]

    @abstractmethod
    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]] | Iterator[pa.RecordBatch]:
        """The rows of one partition as tuples, Rows or Arrow record batches."""


class DataSourceStreamReader(ABC):
    """Reads an unbounded data set by offset ranges (start exclusive of what was read, end inclusive)."""

    def initialOffset(self) -> Offset:
        """Where a new query starts; never asked again once a checkpoint holds offsets."""
        raise _not_implemented(self, "initialOffset")

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        """The end of the next micro-batch that begins at `start`; `start` itself when there is nothing.

        The older signature without arguments is accepted from third-party readers.
        """
        raise _not_implemented(self, "latestOffset")

    def getDefaultReadLimit(self) -> ReadLimit:
        """The limit that the options ask for."""
        return ReadAllAvailable()

    def reportLatestOffset(self) -> Offset | None:
        """The newest offset there is, for progress and lag; None when unknown."""
        return None

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        """Splits an offset range; must give the same data for the same range at any later time."""
        raise _not_implemented(self, "partitions")

    @abstractmethod
    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]] | Iterator[pa.RecordBatch]:
        """The rows of one partition; stateless, may run in any thread or process."""

    def commit(self, end: Offset) -> None:  # noqa: B027 - optional hook
        """Everything up to `end` is committed and will not be asked for again."""

    def stop(self) -> None:  # noqa: B027 - optional hook
        """The query has ended; free what is held."""


class SimpleDataSourceStreamReader(ABC):
    """A reader that reads and plans in one call, in the driver; for light sources."""

    def initialOffset(self) -> Offset:
        """Where a new query starts."""
        raise _not_implemented(self, "initialOffset")

    @abstractmethod
    def read(self, start: Offset) -> tuple[Iterator[tuple[Any, ...]], Offset]:
        """Rows from `start` on, and the offset after them."""

    @abstractmethod
    def readBetweenOffsets(self, start: Offset, end: Offset) -> Iterator[tuple[Any, ...]]:
        """The same rows again, for a replay after a failure."""

    def commit(self, end: Offset) -> None:  # noqa: B027 - optional hook
        """Everything up to `end` is committed."""


@dataclass
class WriterCommitMessage:
    """What a write task hands to the driver's `commit`; subclass it to carry facts about the data."""


class DataSourceWriter(ABC):
    """Writes a bounded data set; `commit` after all tasks, `abort` after a failure."""

    @abstractmethod
    def write(self, iterator: Iterator[Any]) -> WriterCommitMessage:
        """Writes the rows of one partition."""

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:  # noqa: B027 - optional hook
        """Makes the written data visible."""

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:  # noqa: B027 - optional hook
        """Discards what was written; a message is None where its task failed."""


class DataSourceArrowWriter(DataSourceWriter):
    """A batch writer whose `write` takes an iterator of Arrow record batches."""

    @abstractmethod
    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        """Writes the record batches of one partition."""


class DataSourceStreamWriter(ABC):
    """Writes micro-batches; at-least-once, unless it inherits `ExactlyOnceStreamWriter`."""

    @abstractmethod
    def write(self, iterator: Iterator[Any]) -> WriterCommitMessage:
        """Writes the rows of one partition of one micro-batch."""

    def commit(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:  # noqa: B027
        """Makes a micro-batch visible; the same batchId may come again after a failure."""

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:  # noqa: B027
        """Discards the output of a failed micro-batch; a message is None where its task failed."""


class DataSourceStreamArrowWriter(DataSourceStreamWriter):
    """A streaming writer whose `write` takes an iterator of Arrow record batches."""

    @abstractmethod
    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        """Writes the record batches of one partition of one micro-batch."""
