"""The commit records of a query: in the commit itself, and as a file, since a log is cleaned up in time.

A file is written before the commit that it belongs to, under a name of its attempt, and removed when a later
batch is committed.  So the file of the newest batch is there; where a crashed attempt left another one, the
commit says whose it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from streamcore.delta.log import Commit, read_commit, versions
from streamcore.errors import CheckpointMismatch, CommitFailed, CommitStateUnknown
from streamcore.spi.exactly_once import CommitRecord
from streamcore.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.delta.folder import TableFolder

INFO: Final = "streamcore"
"""The key of a commit's information under which the record is."""
NOTHING: Final = -1
_OWNER: Final = "owner.json"


@dataclass(frozen=True)
class RecordName:
    """The name of a record's file."""

    query_id: str
    batch_id: int
    attempt: str

    def __str__(self) -> str:
        return f"{self.query_id}.{self.batch_id}.{self.attempt}.json"


def record_name(text: str) -> RecordName | None:
    """What a file's name says; None for one of another kind.

    >>> record_name("0d1e-22.7.ab.json")
    RecordName(query_id='0d1e-22', batch_id=7, attempt='ab')
    """
    parts = text.removesuffix(".json").rsplit(".", 2)
    if len(parts) != 3 or not parts[1].isdigit():
        return None
    return RecordName(parts[0], int(parts[1]), parts[2])


def record_info(record: CommitRecord | None, query_id: str, attempt: str) -> dict[str, Any]:
    """What a commit's information says of the record; None is for a table that was set back to nothing."""
    batch_id, body = (record.batch_id, record.body) if record else (NOTHING, "")
    return {"queryId": query_id, "batchId": batch_id, "attempt": attempt, "record": body}


def info_of(commit: Commit, query_id: str) -> dict[str, Any] | None:
    """What a commit says of a batch of this query; None when it is not one of the query."""
    info = commit.info.get(INFO)
    return info if isinstance(info, dict) and info.get("queryId") == query_id else None


def claim(folder: TableFolder, query_id: str) -> None:
    """Makes the table this query's; CheckpointMismatch when it is another's."""
    try:
        folder.records.put_if_absent(_OWNER, json.dumps({"queryId": query_id}).encode())
    except StorageError as error:
        raise CommitFailed(f"{folder} cannot be written: {error}") from error
    require_no_other(folder, query_id)


def require_no_other(folder: TableFolder, query_id: str) -> None:
    """Raises CheckpointMismatch when the table is another query's."""
    try:
        found = json.loads(folder.records.get(_OWNER))["queryId"]
    except FileNotFoundError:
        return
    if found != query_id:
        raise CheckpointMismatch(
            f"{folder} holds the output of the streaming query {found}, not of this one ({query_id}): its "
            "checkpoint is another one or was made anew. Start with the checkpoint of that query, or write "
            "to another table; to let several queries write to this one set option('sharedTable', 'true'), "
            "with which a query whose checkpoint was lost writes its rows a second time"
        )


def keep(folder: TableFolder, record: CommitRecord, attempt: str) -> RecordName:
    """Writes a record's file."""
    name = RecordName(record.query_id, record.batch_id, attempt)
    try:
        folder.records.put_if_absent(str(name), record.body.encode())
    except StorageError as error:
        raise CommitFailed(
            f"the commit record could not be written to {folder}: {error}. Nothing of the batch is visible"
        ) from error
    return name


def forget_before(folder: TableFolder, kept: RecordName) -> None:
    """Removes the files of earlier batches, and those of other attempts at the one that is kept."""
    for name in _names(folder, kept.query_id):
        if name.batch_id <= kept.batch_id and name != kept:
            folder.records.delete(str(name))


def forget_after(folder: TableFolder, query_id: str, batch_id: int) -> None:
    """Removes the files of later batches, which were taken back."""
    for name in _names(folder, query_id):
        if name.batch_id > batch_id:
            folder.records.delete(str(name))


def kept_record(folder: TableFolder, query_id: str, batch_id: int, version: int) -> CommitRecord:
    """The record of the query's newest batch, which the table at `version` says it is.

    Raises CommitStateUnknown when it is neither in a file nor in the log.
    """
    found = [name for name in _names(folder, query_id) if name.batch_id == batch_id]
    if len(found) == 1:
        return CommitRecord(query_id, batch_id, folder.records.get(str(found[0])).decode())
    commit = newest_commit(folder, query_id, version)
    info = info_of(commit, query_id) if commit else None
    if info is None or info["batchId"] != batch_id:
        raise CommitStateUnknown(
            f"{folder} holds batch {batch_id} of this query, and its commit record is neither in the log, "
            f"which was cleaned up, nor in {folder.records.location}: restore that folder, or start with a "
            "new checkpoint and a new table"
        )
    return CommitRecord(query_id, batch_id, info["record"])


def newest_commit(folder: TableFolder, query_id: str, version: int) -> Commit | None:
    """The newest commit of this query up to a version, as far back as the log goes."""
    for commit in commits_back(folder, version):
        if info_of(commit, query_id) is not None:
            return commit
    return None


def commits_back(folder: TableFolder, version: int) -> Iterator[Commit]:
    """The commits from a version back, as far as the log goes."""
    for number in reversed([one for one in versions(folder.log) if one <= version]):
        commit = read_commit(folder.log, number)
        if commit is None:
            return
        yield commit


def _names(folder: TableFolder, query_id: str) -> list[RecordName]:
    found = map(record_name, folder.records.list(""))
    return [name for name in found if name is not None and name.query_id == query_id]
