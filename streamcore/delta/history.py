"""Which version of a table a moment means."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from streamcore.delta.log import read_commit, versions
from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from streamcore.delta.folder import TableFolder


def version_from(folder: TableFolder, instant_ms: int) -> int:
    """The first version that was committed at or after an instant."""
    found = -1
    newest_ms = 0
    for number in reversed(versions(folder.log)):
        committed_ms = _committed_ms(folder, number)
        newest_ms = max(newest_ms, committed_ms)
        if committed_ms < instant_ms:
            break
        found = number
    if found < 0:
        raise _too_late(instant_ms, newest_ms)
    return found


def version_at(folder: TableFolder, instant_ms: int) -> int:
    """The version that was the newest at an instant."""
    oldest_ms, newest_ms = 0, 0
    for number in reversed(versions(folder.log)):
        oldest_ms = _committed_ms(folder, number)
        newest_ms = max(newest_ms, oldest_ms)
        if instant_ms > newest_ms:
            raise _too_late(instant_ms, newest_ms)
        if oldest_ms <= instant_ms:
            return number
    raise AnalysisException(
        f"[DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION] The provided timestamp ({_shown(instant_ms)}) is "
        f"before the earliest version available to this table ({_shown(oldest_ms)}). Please use a timestamp "
        f"after {_shown(oldest_ms)}. SQLSTATE: 42816"
    )


def _committed_ms(folder: TableFolder, version: int) -> int:
    commit = read_commit(folder.log, version)
    return 0 if commit is None else commit.timestamp_ms


def _too_late(instant_ms: int, newest_ms: int) -> AnalysisException:
    return AnalysisException(
        f"[DELTA_TIMESTAMP_GREATER_THAN_COMMIT] Timestamp {_shown(instant_ms)} is after the table's latest "
        f"version ({_shown(newest_ms)}). Use a timestamp at or before {_shown(newest_ms)}. SQLSTATE: 42816"
    )


def _shown(instant_ms: int) -> str:
    moment = dt.datetime.fromtimestamp(instant_ms / 1000, dt.UTC)
    return moment.isoformat(" ", "milliseconds")
