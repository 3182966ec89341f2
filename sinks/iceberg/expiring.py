"""Old snapshots of a query leave the table's history, which is otherwise written anew with every batch."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from streamcore.sinks.iceberg.garbage import remove_quietly
from streamcore.sinks.iceberg.history import expired, lineage, snapshots_of

if TYPE_CHECKING:
    from pyiceberg.table import Table

_LOG = logging.getLogger("streamcore.sinks.iceberg")


def expire(table: Table, query_id: str, kept: int) -> None:
    """Takes snapshots of the query out of the table's history, all but about the newest `kept`.

    Their lists of manifests go with them.  Data files that only they named (of replaced rows) stay for the
    table's own maintenance to remove, which alone may know who still reads them.
    """
    snapshots = snapshots_of(table, query_id)
    line = list(lineage(snapshots, table.metadata.current_snapshot_id))[::-1]
    held = {ref.snapshot_id for ref in table.refs().values()}
    gone = expired(line, kept, held)
    if not gone:
        return
    lists = [s.manifest_list for s in table.metadata.snapshots if s.snapshot_id in set(gone)]
    try:
        table.maintenance.expire_snapshots().by_ids(gone).commit()
    except Exception as error:  # noqa: BLE001 - history is tidied after the next batch, whatever failed
        _LOG.warning("snapshots of the query were not expired: %s", type(error).__name__)
        table.refresh()
        return
    remove_quietly(table.io, lists)
