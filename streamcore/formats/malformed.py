"""Bytes that are not what a schema says, and values that it has no place for, of any format."""

from __future__ import annotations

from enum import Enum, auto

from streamcore.errors import MalformedRecordException, QueryExecutionException


class OnMalformed(Enum):
    """What becomes of a message that is malformed: an error, a struct of nulls, or null."""

    FAIL = auto()
    NULL_FIELDS = auto()
    NULL = auto()


class UnwritableError(QueryExecutionException):
    """A value that a schema has no place for; the message names the field."""


class Malformed(Exception):
    """What is wrong, and where: the names of fields are added on the way out."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []

    def within(self, name: str) -> Malformed:
        """The same error, seen from one level above."""
        self.path.insert(0, name)
        return self

    def __str__(self) -> str:
        return f"field {'.'.join(self.path)}: {self.reason}" if self.path else self.reason


def malformed_record(row: int, reason: object) -> MalformedRecordException:
    """The error of a batch in which a record is malformed, in FAILFAST mode."""
    return MalformedRecordException(
        "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record parsing: "
        f"row {row} of its batch, {reason}. Parse Mode: FAILFAST. To process malformed records as null "
        "result, try setting the option 'mode' as 'PERMISSIVE'. SQLSTATE: 22023"
    )


def malformed_message(row: int, reason: object) -> MalformedRecordException:
    """The same of a Protobuf message."""
    return MalformedRecordException(
        "[MALFORMED_PROTOBUF_MESSAGE] Malformed Protobuf messages are detected in message deserialization: "
        f"row {row} of its batch, {reason}. Parse Mode: FAILFAST. To process malformed protobuf message "
        "as null result, try setting the option 'mode' as 'PERMISSIVE'. SQLSTATE: XX000"
    )
