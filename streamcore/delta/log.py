"""The log of a Delta table: one file of JSON actions per version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from streamcore.storage import Storage

Action = dict[str, Any]
_CHECKPOINT_POINTER = "_last_checkpoint"
_VERSION_DIGITS = 20


@dataclass(frozen=True)
class LoggedFile:
    """A file that a commit adds, removes, or (`change`) tells changed rows by.

    `partition` has the values of the partition columns as text; `path` is relative to the table, or a URI.
    """

    path: str
    size: int
    partition: Mapping[str, str | None]
    data_change: bool = True
    has_deletion_vector: bool = False
    modified_ms: int = 0


@dataclass(frozen=True)
class Commit:
    """One version of a table, as what it changed."""

    version: int
    timestamp_ms: int = 0
    added: tuple[LoggedFile, ...] = ()
    removed: tuple[LoggedFile, ...] = ()
    changes: tuple[LoggedFile, ...] = ()
    transactions: Mapping[str, int] = field(default_factory=dict)
    metadata: Mapping[str, Any] | None = None
    protocol: Mapping[str, Any] | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changes_data(self) -> bool:
        """Whether rows came or went: compaction adds and removes files and changes none."""
        return any(file.data_change for file in (*self.added, *self.removed))


def commit_name(version: int) -> str:
    """The name of a version's file.

    >>> commit_name(7)
    '00000000000000000007.json'
    """
    return f"{version:0{_VERSION_DIGITS}d}.json"


def commit_text(actions: Iterable[Action]) -> bytes:
    """The bytes of a commit; without escapes, of which not every reader knows those of rare letters."""
    texts = (json.dumps(action, separators=(",", ":"), ensure_ascii=False) for action in actions)
    return "".join(f"{text}\n" for text in texts).encode()


def parse_commit(version: int, data: bytes) -> Commit:
    """A commit from its bytes.

    >>> parse_commit(3, b'{"txn":{"appId":"q","version":9}}').transactions
    {'q': 9}
    """
    found: dict[str, list[Any]] = {}
    for line in data.splitlines():
        if line.strip():
            for kind, body in json.loads(line).items():
                found.setdefault(kind, []).append(body)
    info = found.get("commitInfo", [{}])[0]
    return Commit(
        version=version,
        timestamp_ms=int(info.get("inCommitTimestamp") or info.get("timestamp") or 0),
        added=tuple(map(_file, found.get("add", ()))),
        removed=tuple(map(_file, found.get("remove", ()))),
        changes=tuple(map(_file, found.get("cdc", ()))),
        transactions={one["appId"]: one["version"] for one in found.get("txn", ())},
        metadata=next(iter(found.get("metaData", ())), None),
        protocol=next(iter(found.get("protocol", ())), None),
        info=info,
    )


def read_commit(log: Storage, version: int) -> Commit | None:
    """A version's commit; None when there is no such version, or no longer."""
    try:
        return parse_commit(version, log.get(commit_name(version)))
    except FileNotFoundError:
        return None


def newest_checkpoint(log: Storage) -> int:
    """The version up to which the log may have been cleaned up; -1 when there is no checkpoint."""
    try:
        return int(json.loads(log.get(_CHECKPOINT_POINTER))["version"])
    except (FileNotFoundError, ValueError, KeyError):
        return -1


def versions(log: Storage) -> list[int]:
    """The versions whose commits are in the log, in their order."""
    names = (name.removesuffix(".json") for name in log.list("") if name.endswith(".json"))
    return sorted(int(name) for name in names if len(name) == _VERSION_DIGITS and name.isdigit())


def _file(body: Mapping[str, Any]) -> LoggedFile:
    return LoggedFile(
        path=unquote(body["path"]),
        size=int(body.get("size") or 0),
        partition=dict(body.get("partitionValues") or {}),
        data_change=bool(body.get("dataChange", True)),
        has_deletion_vector=body.get("deletionVector") is not None,
        modified_ms=int(body.get("modificationTime") or 0),
    )
