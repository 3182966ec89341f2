"""A table set back to what it was after a batch of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException, CheckpointMismatch
from streamcore.sinks.delta.records import NOTHING, commits_back, info_of, record_info
from streamcore.sinks.delta.through_library import commit_properties

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from streamcore.delta.folder import TableFolder
    from streamcore.spi.exactly_once import CommitRecord


def set_back(
    folder: TableFolder, handle: DeltaTable, query_id: str, record: CommitRecord | None, attempt: str
) -> None:
    """Restores the table to the version that the record's batch made (None: to before the first batch).

    Raises AnalysisException, with the way out, when others have changed the table since, or when what is
    needed of its log or its files is gone.
    """
    batch_id = record.batch_id if record else NOTHING
    held = handle.transaction_version(query_id)
    if held is None or held == batch_id:
        if held is None and record is not None:
            raise CheckpointMismatch(f"{folder} holds no batch of this query, so it cannot be rewound to one")
        return
    version = _version_after(folder, query_id, batch_id, handle.version())
    _restore(folder, handle, version, query_id, record, attempt)


def _version_after(folder: TableFolder, query_id: str, batch_id: int, newest: int) -> int:
    for commit in commits_back(folder, newest):
        info = info_of(commit, query_id)
        if info is not None and info["batchId"] == batch_id:
            return commit.version
        if info is not None and batch_id == NOTHING and info["batchId"] == 0:
            return commit.version - 1
        if info is None and (commit.changes_data or commit.metadata is not None):
            raise AnalysisException(
                f"{folder} cannot be rewound: version {commit.version} is another writer's "
                f"({commit.info.get('operation', 'unknown')}), and going back would take its changes away. "
                "Restore the table by hand (DeltaTable.restore) and write the rows of others again, or "
                "write the query's output to a new table"
            )
    raise AnalysisException(
        f"{folder} cannot be rewound to batch {batch_id}: its log was cleaned up, and no longer goes back "
        "that far. Write the query's output to a new table"
    )


def _restore(
    folder: TableFolder,
    handle: DeltaTable,
    version: int,
    query_id: str,
    record: CommitRecord | None,
    attempt: str,
) -> None:
    from deltalake.exceptions import DeltaError

    batch_id = record.batch_id if record else NOTHING
    info = record_info(record, query_id, attempt)
    try:
        handle.restore(
            version, commit_properties=commit_properties((query_id, batch_id), info, user_metadata=None)
        )
    except (DeltaError, OSError) as error:
        raise AnalysisException(
            f"{folder} could not be restored to version {version}: {' '.join(str(error).split())}. Where "
            "files of that version were vacuumed, write the query's output to a new table"
        ) from error
