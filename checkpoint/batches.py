"""The two logs, offsets/N and commits/N: read with every check, written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.checkpoint.envelope import damaged, seal, unknown, unseal
from streamcore.checkpoint.names import COMMITS, OFFSETS, named, numbered
from streamcore.checkpoint.records import (
    CommitBody,
    OffsetRecord,
    UnknownFormat,
    Writer,
    offsets_text,
    parse_offsets,
)
from streamcore.errors import CheckpointCorrupted, CheckpointError, CheckpointMismatch
from streamcore.spi.exactly_once import CommitRecord

if TYPE_CHECKING:
    from streamcore.storage import Storage


class BatchLogs:
    """offsets/ and commits/ of one query."""

    def __init__(self, storage: Storage, query_id: str) -> None:
        self._storage = storage
        self._query_id = query_id

    def planned(self) -> list[int]:
        """The batches with an intent, in order."""
        return numbered(self._storage, OFFSETS)

    def committed(self) -> list[int]:
        """The batches with an outcome, in order."""
        return numbered(self._storage, COMMITS)

    def offsets(self, batch_id: int) -> tuple[OffsetRecord, Writer]:
        """Raises CheckpointCorrupted when offsets/N is missing or damaged."""
        path = f"{OFFSETS}/{batch_id}"
        file, body = self._read(OFFSETS, path)
        try:
            record, writer = parse_offsets(body)
        except ValueError as error:
            raise damaged(file, str(error)) from error
        self._check_identity(file, batch_id, record.batch_id, writer.query_id)
        return record, writer

    def commit(self, batch_id: int) -> CommitRecord:
        """Raises CheckpointCorrupted when commits/N is missing or damaged."""
        path = f"{COMMITS}/{batch_id}"
        file, text = self._read(COMMITS, path)
        body = parse_commit(text, file)
        self._check_identity(file, batch_id, body.batch_id, body.query_id)
        return CommitRecord(self._query_id, batch_id, text)

    def put_offsets(self, record: OffsetRecord, writer: Writer) -> bool:
        """False when offsets/N is there with another content; the same content is our own earlier try."""
        return self._put(f"{OFFSETS}/{record.batch_id}", seal(OFFSETS, offsets_text(record, writer)))

    def put_commit(self, record: CommitRecord) -> bool:
        """False when commits/N is there with another content."""
        return self._put(f"{COMMITS}/{record.batch_id}", seal(COMMITS, record.body))

    def remove_offsets(self, batch_id: int) -> None:
        """Removes offsets/N."""
        self._storage.delete(f"{OFFSETS}/{batch_id}")

    def remove_commit(self, batch_id: int) -> None:
        """Removes commits/N."""
        self._storage.delete(f"{COMMITS}/{batch_id}")

    def _put(self, path: str, data: bytes) -> bool:
        return self._storage.put_if_absent(path, data) or self._storage.get(path) == data

    def _read(self, kind: str, path: str) -> tuple[str, str]:
        file = named(self._storage, path)
        try:
            return file, unseal(kind, self._storage.get(path), file)
        except FileNotFoundError:
            raise CheckpointCorrupted(
                f"{file} is missing. Restore it from a backup, or go back to a batch before it with "
                "`streamcore rewind CHECKPOINT --to BATCH`"
            ) from None

    def _check_identity(self, file: str, batch_id: int, found: int, query_id: str) -> None:
        if found != batch_id:
            raise damaged(file, f"it is the file of batch {found} under another name")
        if query_id != self._query_id:
            raise CheckpointMismatch(
                f"{file} belongs to the query {query_id}, and the checkpoint to {self._query_id}: files of "
                "two checkpoints were mixed. Restore the checkpoint from a backup"
            )


def parse_commit(text: str, file: str) -> CommitBody:
    """The body of a commit record; `file` names where it was found.

    Raises CheckpointError for an unknown format, CheckpointCorrupted for anything else that does not fit.
    """
    try:
        return CommitBody.parse(text)
    except UnknownFormat as error:
        raise CheckpointError(unknown(file, error.version)) from error
    except ValueError as error:
        raise damaged(file, str(error)) from error
