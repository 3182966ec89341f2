"""Structured Streaming's classes under the path where PySpark users look for them."""

from __future__ import annotations

from streamcore.errors import StreamingQueryException
from streamcore.execution.python_state.group_state import GroupState, GroupStateTimeout
from streamcore.execution.python_state.processor import StatefulProcessor, StatefulProcessorHandle
from streamcore.execution.python_state.states import (
    ExpiredTimerInfo,
    ListState,
    MapState,
    TimerValues,
    ValueState,
)
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
from streamcore.sql.streaming.tws_tester import TwsTester
from streamcore.sql.streaming.writer import DataStreamWriter

__all__ = [
    "DataStreamReader",
    "DataStreamWriter",
    "ExpiredTimerInfo",
    "GroupState",
    "GroupStateTimeout",
    "ListState",
    "MapState",
    "QueryIdleEvent",
    "QueryProgressEvent",
    "QueryStartedEvent",
    "QueryTerminatedEvent",
    "StatefulProcessor",
    "StatefulProcessorHandle",
    "StreamingQuery",
    "StreamingQueryException",
    "StreamingQueryListener",
    "StreamingQueryManager",
    "TimerValues",
    "TwsTester",
    "ValueState",
]
