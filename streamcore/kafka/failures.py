"""What an error of the client library means for a read: it passes, records are gone, or it is final."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from confluent_kafka import KafkaError

PASSING: Final = frozenset({
    # The connection, or the client's picture of the cluster, as the library itself reports it.
    "_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "_TIMED_OUT_QUEUE", "_RESOLVE", "_NOENT",
    "_DESTROY_BROKER", "_NODE_UPDATE", "_UNKNOWN_BROKER", "_OUTDATED", "_WAIT_CACHE", "_WAIT_COORD",
    "_IN_PROGRESS", "_PREV_IN_PROGRESS", "_RETRY", "_INTR", "_PARTIAL", "_MSG_TIMED_OUT",
    # What brokers answer while they start, stop, or hand a partition over.
    "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH",
    "OFFSET_NOT_AVAILABLE", "BROKER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE", "PREFERRED_LEADER_NOT_AVAILABLE",
    "ELIGIBLE_LEADERS_NOT_AVAILABLE", "LISTENER_NOT_FOUND", "KAFKA_STORAGE_ERROR", "NETWORK_EXCEPTION",
    "REQUEST_TIMED_OUT", "NOT_CONTROLLER", "COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE",
    "NOT_COORDINATOR", "STALE_BROKER_EPOCH", "STALE_CTRL_EPOCH", "FETCH_SESSION_ID_NOT_FOUND",
    "INVALID_FETCH_SESSION_EPOCH", "UNKNOWN_TOPIC_ID", "INCONSISTENT_TOPIC_ID", "THROTTLING_QUOTA_EXCEEDED",
    "UNSTABLE_OFFSET_COMMIT", "REASSIGNMENT_IN_PROGRESS", "REBOOTSTRAP_REQUIRED",
})  # fmt: skip
"""Errors after which the same request may be answered; the one list for every kind of request."""

_GONE: Final = frozenset({"UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION"})
_OUT_OF_RANGE: Final = frozenset({"OFFSET_OUT_OF_RANGE", "_AUTO_OFFSET_RESET", "_LOG_TRUNCATION"})
_REFUSED: Final = frozenset({"_AUTHENTICATION", "_SSL", "SASL_AUTHENTICATION_FAILED"})
_SAYS_NOTHING: Final = frozenset({"_ALL_BROKERS_DOWN"})
_KEPT: Final = 3


def may_pass(error: KafkaError) -> bool:
    """Whether the same request may succeed a little later."""
    return error.retriable() or error.name() in PASSING


def is_gone(error: KafkaError) -> bool:
    """Whether a broker does not know the topic or partition."""
    return error.name() in _GONE


def is_out_of_range(error: KafkaError) -> bool:
    """Whether the partition holds no record at the place that was asked for."""
    return error.name() in _OUT_OF_RANGE


class Complaints:
    """What a client's connections have reported of late, for the message when nobody answers.

    The client library gets over each of them by itself, so none is an error of its own.
    """

    def __init__(self) -> None:
        self._newest: dict[str, None] = {}
        self.refused = False

    def __call__(self, error: KafkaError) -> None:
        if error.name() in _SAYS_NOTHING:
            return
        self.refused = self.refused or error.name() in _REFUSED
        text = _without_timing(error.str())
        self._newest.pop(text, None)
        self._newest[text] = None
        if len(self._newest) > _KEPT:
            del self._newest[next(iter(self._newest))]

    def forget(self) -> None:
        """Starts anew: a broker has answered."""
        self._newest.clear()
        self.refused = False

    def __str__(self) -> str:
        return "; ".join(self._newest)


def _without_timing(text: str) -> str:
    """The same complaint comes with other milliseconds every time."""
    return re.sub(r" \(after \d+ms in state \w+.*?\)", "", text).strip()
