"""One commit of the catalog: attempted once, its outcome read from the table where it failed or got lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import StreamcoreError
from streamcore.iceberg.failures import not_written, surely_refused, unknown
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from pyiceberg.table import Table, Transaction
    from pyiceberg.table.metadata import TableMetadata

    from streamcore.iceberg.names import TableAddress

_OWNER: Final = "sink.iceberg"
PREPARE: Final = declare("sink.iceberg.prepare", _OWNER)
COMMIT: Final = declare("sink.iceberg.commit", _OWNER)

_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 0.05
_RETRIES: Final = "commit.retry.num-retries"


def commit(
    table: Table,
    address: TableAddress,
    staged: Callable[[Table], Transaction],
    has_landed: Callable[[Table], bool],
    *,
    needs_history: bool = False,
) -> None:
    """Commits what `staged` makes of the table, exactly once.

    A commit that is refused because somebody else was quicker is staged again over the newer table; one of
    which nobody knows is looked for.  Both is safe, since the catalog takes a commit over one snapshot only:
    when ours has landed `has_landed` says so, or raises where another run has taken over.  What is staged
    sees only the snapshots that branches and tags hold, unless it needs all.

    Raises CommitFailed when surely nothing became visible, CommitStateUnknown when that cannot be known.
    """
    lost: Exception | None = None
    refused: Exception | None = None
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS * 2**attempt)
            if _landed(table, address, has_landed, lost):
                return
        try:
            reached(f"{PREPARE}:before")
            transaction = _staged(table, staged, needs_history=needs_history)
            reached(f"{PREPARE}:after")
        except StreamcoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
            raise (unknown(lost, address) if lost else not_written(error, address)) from None
        try:
            reached(f"{COMMIT}:before")
            transaction.commit_transaction()
            reached(f"{COMMIT}:after")
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the table tells what became of the commit
            if surely_refused(error):
                refused = error
            else:
                lost = error
    if _landed(table, address, has_landed, lost):
        return
    raise unknown(lost, address) if lost else not_written(refused or RuntimeError("no attempt"), address)


def _landed(
    table: Table, address: TableAddress, has_landed: Callable[[Table], bool], lost: Exception | None
) -> bool:
    try:
        table.refresh()
    except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
        raise (unknown(lost, address) if lost else not_written(error, address)) from None
    return has_landed(table)


def _staged(table: Table, staged: Callable[[Table], Transaction], *, needs_history: bool) -> Transaction:
    """What is to be committed, on a handle that does not commit again by itself.

    pyiceberg's own retries put a batch on top of whatever has come since: of racing writers all would commit.
    It also copies the table's metadata a dozen times in a commit, with every snapshot there ever was.
    """
    whole = table.metadata.model_copy(update={"properties": {**table.metadata.properties, _RETRIES: "0"}})
    table.metadata = whole if needs_history else _without_history(whole)
    try:
        return staged(table)
    finally:
        table.metadata = whole


def _without_history(metadata: TableMetadata) -> TableMetadata:
    held = {ref.snapshot_id for ref in metadata.refs.values()}
    snapshots = [snapshot for snapshot in metadata.snapshots if snapshot.snapshot_id in held]
    return metadata.model_copy(update={"snapshots": snapshots, "snapshot_log": [], "metadata_log": []})
