"""The Kafka sink's streaming writer: one transaction per micro-batch, with the rows and the commit record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaException

from streamcore.errors import AnalysisException, QueryExecutionException, StreamcoreError
from streamcore.kafka.rows import RowRefused
from streamcore.sinks.kafka.columns import sent_columns, sent_rows, sent_schema
from streamcore.sinks.kafka.decisions import (
    Turn,
    Verdict,
    has_taken_over,
    ledger_partition,
    may_be_fenced,
    turn_of,
    verdict,
)
from streamcore.sinks.kafka.ledger import Ledger
from streamcore.sinks.kafka.outcome import failed, fenced, out_of_turn, said, unknown
from streamcore.sinks.kafka.tokens import Token, to_records
from streamcore.sinks.kafka.transactions import TransactionalSender
from streamcore.sinks.staging import StagedRows, stage_rows
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from confluent_kafka import KafkaError

    from streamcore.sinks.kafka.settings import KafkaSinkSettings
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.exactly_once import QueryIdentity
    from streamcore.spi.types import StructType

_OWNER = "sink.kafka"
BEGIN = declare("sink.kafka.begin", _OWNER)
ROWS = declare("sink.kafka.rows", _OWNER)
RECORD = declare("sink.kafka.record", _OWNER)
COMMIT = declare("sink.kafka.commit", _OWNER)


class KafkaStreamWriter(ExactlyOnceStreamWriter):
    """Appends the rows of every batch, in each output mode, as Spark's sink does.

    Tasks stage their rows; the driver sends them when all are there. So a transaction is open no longer than
    the sending takes, however long the batch was computed, and a task that is run twice sends nothing twice.
    A copy that was pickled can only `write`.
    """

    def __init__(self, settings: KafkaSinkSettings, schema: StructType) -> None:
        self._settings = settings
        self._at = sent_columns(schema, settings)
        self._query: QueryIdentity | None = None
        self._ledger: Ledger | None = None
        self._sender: TransactionalSender | None = None
        self._newest: Token | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_ledger": None, "_sender": None}

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`; makes the ledger topic when it is missing."""
        self.close()
        self._query = query
        self._ledger = Ledger(self._settings)
        self._ledger.prepare()
        self._take()

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        self._taken()
        return self._newest.record if self._newest else None

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedRows:
        """See `ExactlyOnceStreamWriter.write`."""
        rows = (sent_rows(batch, self._at) for batch in iterator)
        return stage_rows(rows, sent_schema(self._at), self._settings.staging_bytes)

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        """See `ExactlyOnceStreamWriter.commit_batch`."""
        staged = [message for message in messages if isinstance(message, StagedRows)]
        token = Token(self._identity().run_id, record)
        sender = self._ready_for(record)
        try:
            self._fill(sender, staged, token)
        except (KafkaException, RowRefused) as error:
            self._give_up(sender)
            raise self._why_not(error, record) from error
        except BaseException:
            self._give_up(sender)
            raise
        try:
            reached(f"{COMMIT}:before")
            sender.commit()
            reached(f"{COMMIT}:after")
        except KafkaException as error:
            self._settle(record, error.args[0])
        self._newest = token
        _drop(staged)

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Drops what was staged."""
        _drop([message for message in messages if isinstance(message, StagedRows)])

    def rewind(self, record: CommitRecord | None) -> None:
        """Refused, unless the ledger stands there already: what Kafka has committed stays."""
        if self.last_committed() != record:
            wanted = "its first batch" if record is None else f"batch {record.batch_id}"
            raise AnalysisException(
                f"rows that are committed to {self._settings.place} cannot be taken back, so the query "
                f"cannot go back to {wanted}. `streamcore rewind CHECKPOINT --undo` takes the rewind of the "
                "checkpoint back; to write the rows again start with a new checkpoint and startingOffsets "
                "where they begin, into a new topic or one whose readers take a row twice"
            )

    def close(self) -> None:
        """Closes the connections."""
        self._discard()
        if self._ledger is not None:
            self._ledger.close()

    def _take(self) -> TransactionalSender:
        """A new producer that has fenced out all others, and then the newest token, which so is the last."""
        query_id = self._identity().query_id
        self._sender = TransactionalSender(self._settings, f"streamcore-{query_id}")
        try:
            self._newest = self._opened().newest(query_id)
        except BaseException:
            self._discard()
            raise
        return self._sender

    def _taken(self) -> TransactionalSender:
        return self._sender or self._take()

    def _ready_for(self, record: CommitRecord) -> TransactionalSender:
        try:
            sender = self._taken()
        except QueryExecutionException as error:
            raise failed(self._settings, str(error)) from error
        turn = turn_of(record.batch_id, self._newest)
        if turn is Turn.TAKEN:
            raise fenced(self._settings, record)
        if turn is Turn.EARLY:
            raise out_of_turn(self._settings, record, self._newest)
        return sender

    def _fill(self, sender: TransactionalSender, staged: list[StagedRows], token: Token) -> None:
        reached(f"{BEGIN}:before")
        sender.begin()
        reached(f"{BEGIN}:after")
        reached(f"{ROWS}:before")
        for message in staged:
            sender.send(message.tables())
        reached(f"{ROWS}:after")
        reached(f"{RECORD}:before")
        partition = ledger_partition(token.record.query_id)
        sender.send_records(self._settings.ledger_topic, partition, to_records(token))
        sender.flush()
        reached(f"{RECORD}:after")

    def _give_up(self, sender: TransactionalSender) -> None:
        sender.abort()
        self._discard()

    def _why_not(self, error: KafkaException | RowRefused, record: CommitRecord) -> StreamcoreError:
        """What to raise when a transaction could not be filled, which then surely is not committed."""
        if isinstance(error, RowRefused):
            cause, why = error.error, str(error)
        else:
            cause, why = error.args[0], said(error.args[0])
        if cause is not None and self._has_been_replaced(record, cause):
            return fenced(self._settings, record)
        return failed(self._settings, why)

    def _settle(self, record: CommitRecord, error: KafkaError) -> None:
        """Returns when the batch is committed after all, and else raises what has become of it."""
        why = said(error)
        self._discard()
        if self._has_been_replaced(record, error):
            raise fenced(self._settings, record)
        try:
            self._take()
        except StreamcoreError as unanswered:
            raise unknown(self._settings, record, f"{why}; {unanswered}") from unanswered
        found = verdict(record, self._identity().run_id, self._newest)
        if found is Verdict.FENCED:
            raise fenced(self._settings, record)
        if found is Verdict.LOST:
            raise out_of_turn(self._settings, record, self._newest)
        if found is Verdict.NOT_COMMITTED:
            raise failed(self._settings, why)

    def _has_been_replaced(self, record: CommitRecord, error: KafkaError) -> bool:
        """Whether another run is ahead; asked first, for a new producer of ours would fence that one out."""
        identity = self._identity()
        if not may_be_fenced(error.name(), fatal=error.fatal()):
            return False
        try:
            newest = self._opened().newest(identity.query_id)
        except QueryExecutionException:
            return False
        return has_taken_over(record, identity.run_id, newest)

    def _discard(self) -> None:
        if self._sender is not None:
            self._sender.discard()
            self._sender = None

    def _identity(self) -> QueryIdentity:
        if self._query is None:
            raise RuntimeError("open() comes before any other call")
        return self._query

    def _opened(self) -> Ledger:
        if self._ledger is None:
            raise RuntimeError("open() comes before any other call")
        return self._ledger


def _drop(staged: list[StagedRows]) -> None:
    for rows in staged:
        rows.drop()
