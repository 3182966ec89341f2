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
) -> None:
    """Commits what `staged` makes of the table, exactly once.

    A commit that is refused because somebody else was quicker is staged again over the newer table; one of
    which nobody knows is looked for.  Both is safe, since the catalog takes a commit over one snapshot only:
    when ours has landed `has_landed` says so, or raises where another run has taken over.

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
            transaction = staged(_trying_once(table))
            reached(f"{PREPARE}:after")
        except StreamcoreError:
            raise
        except Exception as error:
            raise (unknown(lost, address) if lost else not_written(error, address)) from error
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
    except Exception as error:
        raise (unknown(lost, address) if lost else not_written(error, address)) from error
    return has_landed(table)


def _trying_once(table: Table) -> Table:
    """The table with a handle that does not commit again by itself.

    pyiceberg's own retries put a batch on top of whatever has come since: of racing writers all would commit.
    """
    properties = {**table.metadata.properties, _RETRIES: "0"}
    table.metadata = table.metadata.model_copy(update={"properties": properties})
    return table
