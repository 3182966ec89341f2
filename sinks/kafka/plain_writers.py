"""Writers without a commit record: at least once for streams, and for data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from confluent_kafka import KafkaException

from streamcore.errors import CommitFailed, CommitStateUnknown, QueryExecutionException
from streamcore.kafka.rows import RowRefused
from streamcore.sinks.kafka.columns import sent_columns, sent_rows, sent_schema
from streamcore.sinks.kafka.outcome import said
from streamcore.sinks.kafka.sending import Sender
from streamcore.sinks.kafka.transactions import TransactionalSender
from streamcore.sinks.staging import StagedRows, stage_rows
from streamcore.spi.datasource import DataSourceArrowWriter, DataSourceStreamArrowWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.sinks.kafka.settings import KafkaSinkSettings
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.types import StructType


class KafkaPlainStreamWriter(DataSourceStreamArrowWriter):
    """Sends the rows of a batch when all of them are there, without a transaction: at least once."""

    def __init__(self, settings: KafkaSinkSettings, schema: StructType) -> None:
        self._settings = settings
        self._at = sent_columns(schema, settings)
        self._sender: Sender | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_sender": None}

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedRows:
        """Stages one partition."""
        return _staged(iterator, self._at, self._settings)

    def commit(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Sends the rows, and returns when brokers hold all of them."""
        self._sender = self._sender or Sender(self._settings)
        self._sender.forget_topics()
        try:
            _send(self._sender, messages, self._settings)
        except BaseException:
            self.close()
            raise
        self.abort(messages, batchId)

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Drops what was staged."""
        _drop(messages)

    def close(self) -> None:
        """Closes the connections."""
        if self._sender is not None:
            self._sender.discard()
            self._sender = None


class KafkaBatchWriter(DataSourceArrowWriter):
    """Sends a data set in one transaction, or without one when the options say so."""

    def __init__(self, settings: KafkaSinkSettings, schema: StructType) -> None:
        self._settings = settings
        self._at = sent_columns(schema, settings)

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedRows:
        """Stages one partition."""
        return _staged(iterator, self._at, self._settings)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Sends all rows."""
        try:
            if self._settings.transactional:
                self._send_in_a_transaction(messages)
            else:
                sender = Sender(self._settings)
                try:
                    _send(sender, messages, self._settings)
                finally:
                    sender.discard()
        finally:
            self.abort(messages)

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Drops what was staged."""
        _drop(messages)

    def _send_in_a_transaction(self, messages: list[WriterCommitMessage | None]) -> None:
        sender = TransactionalSender(self._settings, f"streamcore-batch-{uuid4()}")
        try:
            self._fill(sender, messages)
            sender.commit()
        except KafkaException as error:
            raise CommitStateUnknown(
                f"it is not known whether the rows were committed to {self._settings.place}: "
                f"{said(error.args[0])}. See whether they are there before they are "
                "written again"
            ) from error
        finally:
            sender.discard()

    def _fill(self, sender: TransactionalSender, messages: list[WriterCommitMessage | None]) -> None:
        try:
            sender.begin()
            _send(sender, messages, self._settings)
        except BaseException as error:
            sender.abort()
            if isinstance(error, QueryExecutionException | KafkaException):
                why = said(error.args[0]) if isinstance(error, KafkaException) else str(error)
                raise CommitFailed(
                    f"the rows were not written to {self._settings.place}: {why}. No reader of committed "
                    "records sees any of them"
                ) from error
            raise


def _staged(batches: Iterator[pa.RecordBatch], at: dict[str, int], settings: KafkaSinkSettings) -> StagedRows:
    rows = (sent_rows(batch, at) for batch in batches)
    return stage_rows(rows, sent_schema(at), settings.staging_bytes)


def _send(sender: Sender, messages: list[WriterCommitMessage | None], settings: KafkaSinkSettings) -> None:
    """Sends and flushes; raises QueryExecutionException for the first row that was not delivered."""
    try:
        for message in messages:
            if isinstance(message, StagedRows):
                sender.send(message.tables())
        sender.flush()
    except RowRefused as refused:
        raise QueryExecutionException(
            f"not every row was written to {settings.place}: {refused}"
        ) from refused


def _drop(messages: list[WriterCommitMessage | None]) -> None:
    for message in messages:
        if isinstance(message, StagedRows):
            message.drop()
