"""Structured Streaming's classes under the path where PySpark users look for them."""

from __future__ import annotations

from streamcore.errors import StreamingQueryException
from streamcore.sql.streaming.listener import (
    QueryIdleEvent,
    QueryProgressEvent,
    QueryStartedEvent,
    QueryTerminatedEvent,
    StreamingQueryListener,
)
from streamcore.sql.streaming.manager import StreamingQueryManager
from streamcore.sql.streaming.query import StreamingQuery
from streamcore.sql.streaming.reader import DataStreamReader
from streamcore.sql.streaming.writer import DataStreamWriter

__all__ = [
    "DataStreamReader",
    "DataStreamWriter",
    "QueryIdleEvent",
    "QueryProgressEvent",
    "QueryStartedEvent",
    "QueryTerminatedEvent",
    "StreamingQuery",
    "StreamingQueryException",
    "StreamingQueryListener",
    "StreamingQueryManager",
]
