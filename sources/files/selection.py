"""Which of the new files go into the next micro-batch."""

from __future__ import annotations

from collections.abc import Sequence

from streamcore.sources.files.listing import FoundFile
from streamcore.spi.limits import ReadLimit, ReadMaxBytes, ReadMaxFiles


def in_order(files: Sequence[FoundFile], *, latest_first: bool) -> list[FoundFile]:
    """The files as they are to be read: by change time, then by path."""
    return sorted(files, key=lambda file: (file.modified_ms, file.path), reverse=latest_first)


def take(files: Sequence[FoundFile], limit: ReadLimit) -> int:
    """How many of the files, from the first on, the limit allows; at least one, so that the query goes on."""
    if isinstance(limit, ReadMaxFiles):
        return min(len(files), limit.max_files)
    if not isinstance(limit, ReadMaxBytes):
        return len(files)
    total = 0
    for count, file in enumerate(files):
        total += file.size
        if total > limit.max_bytes:
            return max(1, count)
    return len(files)


def new_enough(files: Sequence[FoundFile], newest_logged_ms: int, max_age_ms: int | None) -> list[FoundFile]:
    """The files no older than the newest one read so far less `max_age_ms` (None: whatever their age)."""
    if max_age_ms is None:
        return list(files)
    return [file for file in files if file.modified_ms >= newest_logged_ms - max_age_ms]
