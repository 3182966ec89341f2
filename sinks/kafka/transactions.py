"""Transactions of one producer; of all that were made under its transactional id only the newest counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException

from streamcore.sinks.kafka.decisions import Next, after_commit_error
from streamcore.sinks.kafka.outcome import not_opened
from streamcore.sinks.kafka.sending import Sender

if TYPE_CHECKING:
    from confluent_kafka import KafkaError

    from streamcore.sinks.kafka.settings import KafkaSinkSettings

_ATTEMPT: Final = 5.0
# What brokers allow by default: only the sending of a batch counts, yet some are large.
_TIMEOUT: Final = {"transaction.timeout.ms": "900000"}


class TransactionalSender(Sender):
    """A Sender whose rows become visible together.

    To make one ends the transactions of those before it under the same id: what they had not begun to
    commit is aborted, what they had is committed, and they can write nothing more. Raises KafkaUnavailable or
    KafkaRefused.
    """

    def __init__(self, settings: KafkaSinkSettings, transactional_id: str) -> None:
        timeout = {} if "transaction.timeout.ms" in settings.client else _TIMEOUT
        super().__init__(settings, {**timeout, "transactional.id": transactional_id})
        self._fence()

    def _fence(self) -> None:
        until = time.monotonic() + self._settings.patience
        while True:
            try:
                self.producer.init_transactions(min(_ATTEMPT, self._settings.patience))
            except KafkaException as error:
                cause: KafkaError = error.args[0]
                if cause.retriable() and time.monotonic() < until:
                    continue
                asked = "give the sink its transactions"
                raise not_opened(self._settings, asked, cause, str(self.complaints)) from error
            else:
                return

    def begin(self) -> None:
        """Begins a transaction."""
        self.forget_topics()
        self.producer.begin_transaction()

    def commit(self) -> None:
        """Commits it; a KafkaException says that it is not known whether it was."""
        until = time.monotonic() + self._settings.patience
        while True:
            try:
                self.producer.commit_transaction(min(_ATTEMPT, self._settings.patience))
            except KafkaException as error:
                left = until - time.monotonic()
                if after_commit_error(retriable=error.args[0].retriable(), seconds_left=left) is Next.SETTLE:
                    raise
            else:
                return

    def abort(self) -> None:
        """Aborts it if a broker can be told in a moment; else the next producer does, or its time is up."""
        try:
            self.producer.abort_transaction(min(1.0, self._settings.patience))
        except KafkaException:
            return
