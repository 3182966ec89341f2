"""Structured Streaming's classes under the path where PySpark users look for them."""

from __future__ import annotations

from streamcore.errors import StreamingQueryException
from streamcore.streaming.listener import (
    QueryIdleEvent,
    QueryProgressEvent,
    QueryStartedEvent,
    QueryTerminatedEvent,
    StreamingQueryListener,
)
from streamcore.streaming.manager import StreamingQueryManager
from streamcore.streaming.query import StreamingQuery
from streamcore.streaming.reader import DataStreamReader
from streamcore.streaming.writer import DataStreamWriter

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
