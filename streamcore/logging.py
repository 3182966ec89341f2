"""The engine's log: who writes it where, as text or as JSON.

The engine logs below the logger `streamcore` and configures nothing by itself; a program that configures
logging gets the records as from any library.  `configure` is for programs that do not.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from streamcore.errors import IllegalArgumentException

LEVELS: Final = {
    "ALL": logging.NOTSET,
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "WARNING": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
    "OFF": logging.CRITICAL + 1,
}
FORMATS: Final = ("text", "json")

_ROOT: Final = "streamcore"
_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


_here = threading.local()


class _OurHandler(logging.StreamHandler[TextIO]):
    """The handler that `configure` puts in place; there is one at most."""


def configure(format: str = "text", level: str | None = "INFO", stream: TextIO | None = None) -> None:
    """Writes the log of the engine to `stream`, and nowhere else.

    Parameters
    ----------
    format
        `text`, or `json`: one object a line, with `time`, `level`, `logger`, `message` and what belongs to
        the record (`event`, `query_id`, `batch_id`, ...).
    level
        ALL, DEBUG, INFO, WARN, ERROR, OFF; None leaves it as it is.
    stream
        Default: stderr.

    Called again it replaces what it did before.  The root logger and the loggers of others are not touched.
    """
    if format.lower() not in FORMATS:
        raise IllegalArgumentException(
            f"the log's format must be one of {', '.join(FORMATS)}, not {format!r}"
        )
    if level is not None:
        set_level(level)
    root = logging.getLogger(_ROOT)
    for handler in [handler for handler in root.handlers if isinstance(handler, _OurHandler)]:
        root.removeHandler(handler)
    handler = _OurHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonFormatter() if format.lower() == "json" else TextFormatter(_TEXT))
    root.addHandler(handler)
    root.propagate = False


def set_level(name: str) -> None:
    """Sets how much the loggers below `streamcore` say; an error lists the levels there are."""
    level = LEVELS.get(name.upper())
    if level is None:
        raise IllegalArgumentException(f"the log level must be one of {', '.join(LEVELS)}, not {name!r}")
    logging.getLogger(_ROOT).setLevel(level)


def fields(**values: object) -> dict[str, object]:
    """What belongs to a record, for the argument `extra` of a logging call.

    >>> fields(event="started")
    {'streamcore': {'event': 'started'}}
    """
    return {"streamcore": values}


@contextmanager
def about(**values: object) -> Iterator[None]:
    """Records of this thread within the block belong to `values`, such as `query="clicks"`."""
    before = getattr(_here, "about", {})
    _here.about = {**before, **values}
    try:
        yield
    finally:
        _here.about = before


class TextFormatter(logging.Formatter):
    """Lines for people; one that says nothing of its query by itself names it at the end."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        message = super().format(record)
        belongs = {} if hasattr(record, "streamcore") else getattr(_here, "about", {})
        return f"{message} [{', '.join(f'{k} {v}' for k, v in belongs.items())}]" if belongs else message


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for those who collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(_here, "about", {}),
            **getattr(record, "streamcore", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)
