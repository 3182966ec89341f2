"""Every error that streamcore raises on purpose.

One root, `StreamcoreError`, so that a caller can tell our refusals from bugs.  The names that PySpark
users catch (`AnalysisException`, `StreamingQueryException`, ...) are kept.  Two classes matter to the
commit protocol and must never be confused: `CommitFailed` (nothing became visible: retry) and
`CommitStateUnknown` (it may or may not be visible: stop, and ask the sink on restart).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamcore.query_context import QueryContext


class StreamcoreError(Exception):
    """Root of all errors raised on purpose by streamcore.

    A message may begin with a condition in brackets and end with a SQLSTATE, as Spark's do; programs can
    ask for them instead of searching the text. Instead of a message, `errorClass` and `messageParameters`
    can be given, as PySpark's errors take them.

    >>> error = StreamcoreError("[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012")
    >>> error.getCondition(), error.getSqlState()
    ('DIVIDE_BY_ZERO', '22012')
    """

    def __init__(
        self,
        message: object = None,
        errorClass: str | None = None,
        messageParameters: Mapping[str, str] | None = None,
    ) -> None:
        self._parameters = dict(messageParameters or {})
        text = _described(errorClass, messageParameters or {}) if message is None else message
        super().__init__(*(() if text is None else (text,)))

    def getCondition(self) -> str | None:
        """The name of the condition, such as `DIVIDE_BY_ZERO`; None when the message names none."""
        found = re.match(r"\s*\[([A-Z0-9_.]+)\]", str(self))
        return found[1] if found else None

    def getErrorClass(self) -> str | None:
        """`getCondition` under its old name."""
        return self.getCondition()

    def getSqlState(self) -> str | None:
        """The SQLSTATE; None when the message names none."""
        found = re.search(r"SQLSTATE: (\w{5})", str(self))
        return found[1] if found else None

    def getMessageParameters(self) -> dict[str, str]:
        """The parameters that the error was made with; empty where it was made with a message."""
        return dict(self._parameters)

    def getQueryContext(self) -> list[QueryContext]:
        """The place in SQL text that the error is about; empty where none is known."""
        return []

    def getMessage(self) -> str:
        """The whole message."""
        return str(self)


def _described(condition: str | None, parameters: Mapping[str, str]) -> str | None:
    if condition is None:
        return None
    return " ".join([f"[{condition}]", *(f"{name}={value}" for name, value in parameters.items())])


# ---- what the user wrote -------------------------------------------------------------------------


class Span(NamedTuple):
    """Characters of a parsed text; of a call they are those of the function's name."""

    first: int
    last: int
    is_call: bool = False


class AnalysisException(StreamcoreError):
    """A query that cannot be planned: an unknown column, a type that does not fit, an unsupported mode.

    `span` is the place in SQL text while the text itself is not known yet.
    """

    span: Span | None = None
    _context: QueryContext | None = None

    def locate(self, context: QueryContext) -> None:
        """Says the place in the message, and to who asks; only the first place counts."""
        if self._context is None:
            self._context = context
            self.args = (f"{self}; line {context.line} pos {context.column}",)

    def getQueryContext(self) -> list[QueryContext]:
        """The place in SQL text that the error is about; empty where none is known."""
        return [] if self._context is None else [self._context]


class ParseException(AnalysisException):
    """SQL text, a DDL schema or an interval that cannot be parsed."""


class SparkNoSuchElementException(AnalysisException):
    """Something that is asked for by its key is not there."""


class TempTableAlreadyExistsException(AnalysisException):
    """For programs that import it: as in PySpark, what is raised for a second view is AnalysisException."""


class IllegalArgumentException(StreamcoreError, ValueError):
    """An option or argument outside its domain; the message names it and the values that are allowed."""


class ArgumentTypeError(StreamcoreError, TypeError):
    """An argument is of a kind that the function does not take."""


class UnsupportedOperationException(StreamcoreError, NotImplementedError):
    """A known PySpark operation or option that streamcore does not offer; the message says what to use."""


class ArithmeticException(StreamcoreError, ArithmeticError):
    """Overflow or division by zero in an expression under ANSI rules."""


class DateTimeException(StreamcoreError):
    """A date, time or timestamp that cannot be parsed or is out of range."""


class NumberFormatException(StreamcoreError):
    """Text that cannot be cast to a number under ANSI rules."""


class QueryExecutionException(StreamcoreError):
    """A batch query or a micro-batch failed while it ran; the cause is chained."""


class PythonException(QueryExecutionException):
    """A function of the user failed in a worker; the message has its traceback, `__cause__` the exception."""


class MalformedRecordException(StreamcoreError):
    """A record that does not fit its schema was read in FAILFAST mode."""


class CheckFailed(StreamcoreError, AssertionError):
    """What a test asserts does not hold; `data` has more of it where that was asked for."""

    data: object = None


class ObservationError(CheckFailed):
    """An Observation that is read before it observes anything, or is used a second time."""


# ---- streaming -----------------------------------------------------------------------------------


class WorkInterrupted(StreamcoreError):
    """Work was ended before it was done, because it was asked to end; nothing of it is visible."""


class StreamingQueryException(StreamcoreError):
    """A streaming query ended with an error; `cause` holds it and `message` says it."""

    def __init__(self, message: str, cause: BaseException | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause

    def __str__(self) -> str:
        return self.message

    def getSqlState(self) -> str:
        """That of a query that failed, whatever its cause says."""
        return "XXKST"


class StreamingTimeout(StreamcoreError, TimeoutError):
    """A streaming query has not ended within the time that it was given."""


class SourceUnavailable(QueryExecutionException):
    """A source could not be reached in time; nothing was lost, and the same batch may be tried again."""


class OffsetsLost(StreamcoreError):
    """Offsets that the query still needs are gone from the source (expired, or the topic was deleted)."""


class GuaranteeRefused(AnalysisException):
    """Exactly-once was asked for (or is needed) over a source or sink that cannot give it."""


# ---- the commit protocol -------------------------------------------------------------------------


class CommitFailed(StreamcoreError):
    """The sink's commit did not take effect: nothing is visible, and the same batch may be tried again."""


class CommitStateUnknown(StreamcoreError):
    """The outcome of the sink's commit is unknown: stop, touch nothing, ask the sink at the next start."""


class CheckpointError(StreamcoreError):
    """A checkpoint that cannot be used as it is; the message names the file and the way out."""


class CheckpointCorrupted(CheckpointError):
    """A file of the checkpoint is truncated, edited or missing."""


class CheckpointFenced(CheckpointError):
    """Another driver owns this checkpoint; this one has stopped before it changed anything."""


class CheckpointMismatch(CheckpointError):
    """Checkpoint, sink and query do not belong together (ahead, behind, another query, another schema)."""


# ---- the model store -----------------------------------------------------------------------------


class ModelStoreError(StreamcoreError):
    """What was asked of a model store cannot be done; the message names the way out."""


class ModelNotFound(ModelStoreError, LookupError):
    """A version, alias or tag that the model store does not have, or no longer."""


class ModelConflict(ModelStoreError):
    """Another writer was faster: the alias or tag is not what this one expected it to be."""


class ModelDamaged(ModelStoreError):
    """A file of the model store is truncated, edited or missing; the message names it."""
