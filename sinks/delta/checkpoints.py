"""Checkpoints of a table's log, and its clean-up, as the table's properties ask for them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from streamcore.delta.log import newest_checkpoint

if TYPE_CHECKING:
    from streamcore.delta.folder import TableFolder

_LOG = logging.getLogger("streamcore.sinks.delta")
_INTERVAL: Final = 100
_INTERVAL_PROPERTY: Final = "delta.checkpointInterval"
_CLEAN_UP_PROPERTY: Final = "delta.enableExpiredLogCleanup"


def keep_up(folder: TableFolder, properties: Mapping[str, str], version: int) -> None:
    """Makes a checkpoint when so many versions have come since the last one, and then cleans up the log."""
    interval = int(properties.get(_INTERVAL_PROPERTY) or _INTERVAL)
    if version - max(newest_checkpoint(folder.log), 0) < interval:
        return
    from deltalake.exceptions import DeltaError

    try:
        handle = folder.handle()
        handle.create_checkpoint()
        if properties.get(_CLEAN_UP_PROPERTY, "true").lower() == "true":
            handle.cleanup_metadata()
    except (DeltaError, OSError) as error:
        # The table is whole without: the next batch tries again.
        _LOG.warning("no checkpoint of the log of %s could be made: %s", folder, error)
