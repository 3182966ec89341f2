"""Checkpoint storage and the commit protocol, imported as `streamcore.checkpoint`."""

from __future__ import annotations

from streamcore.checkpoint.checkpoint import Checkpoint
from streamcore.checkpoint.metadata import STATE_HASH
from streamcore.checkpoint.records import CommitBody, OffsetRange, OffsetRecord, OperatorIntent
from streamcore.checkpoint.recovery import StartPoint, recover
from streamcore.checkpoint.state_files import StateFile

__all__ = [
    "STATE_HASH",
    "Checkpoint",
    "CommitBody",
    "OffsetRange",
    "OffsetRecord",
    "OperatorIntent",
    "StartPoint",
    "StateFile",
    "recover",
]
