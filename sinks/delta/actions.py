"""What a commit that only adds rows says."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from streamcore.errors import CommitFailed
from streamcore.sinks.delta.records import INFO, record_info
from streamcore.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.delta.log import Action
    from streamcore.sinks.delta.staging import StagedFile
    from streamcore.spi.exactly_once import CommitRecord


def append_actions(
    files: Sequence[StagedFile], record: CommitRecord, attempt: str, base: int, user_metadata: str | None
) -> list[Action]:
    """The actions of a micro-batch that follows the version `base`."""
    parameters = {"outputMode": "Append", "queryId": record.query_id, "epochId": str(record.batch_id)}
    info = commit_info("STREAMING UPDATE", parameters, files, base, user_metadata)
    info[INFO] = record_info(record, record.query_id, attempt)
    return [
        {"commitInfo": info},
        transaction(record.query_id, record.batch_id),
        *(file.action() for file in files),
    ]


def transaction(application: str, version: int) -> Action:
    """The action that tells how far an application has come."""
    return {"txn": {"appId": application, "version": version, "lastUpdated": _now()}}


def commit_info(
    operation: str,
    parameters: dict[str, str],
    files: Sequence[StagedFile],
    base: int,
    user_metadata: str | None,
) -> dict[str, Any]:
    """The information for people, and for `DESCRIBE HISTORY`."""
    info: dict[str, Any] = {
        "timestamp": _now(),
        "operation": operation,
        "operationParameters": parameters,
        "readVersion": base,
        "isolationLevel": "WriteSerializable",
        "isBlindAppend": True,
        "operationMetrics": {
            "numOutputRows": str(sum(file.rows for file in files)),
            "numOutputBytes": str(sum(file.size for file in files)),
            "numAddedFiles": str(len(files)),
            "numRemovedFiles": "0",
        },
        "engineInfo": f"streamcore/{__version__}",
        "txnId": str(uuid.uuid4()),
    }
    return info if user_metadata is None else {**info, "userMetadata": user_metadata}


def require_present(files: Sequence[StagedFile], required: Sequence[str]) -> None:
    """Raises CommitFailed for a null in a column of the table that may have none."""
    for file in files:
        for name in required:
            has_null = name in file.partition and file.partition[name] is None
            if has_null or file.statistics["nullCount"].get(name):
                raise CommitFailed(
                    f"[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] NOT NULL constraint violated for column: {name}. "
                    "Filter such rows out or give them a value, with coalesce(...) for instance. Nothing "
                    "of the batch is visible. SQLSTATE: 23502"
                )


def _now() -> int:
    return time.time_ns() // 1_000_000
