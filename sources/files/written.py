"""Folders that a streaming query writes: what its manifest names counts, and nothing else does."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamcore.errors import QueryExecutionException
from streamcore.spi.file_manifest import (
    HIDDEN_FOLDER,
    SEGMENTS,
    STAGING,
    DataFile,
    Manifest,
    read_manifest,
    staged_path,
)
from streamcore.storage.local import LocalStorage

_ATTEMPTS: Final = 20


@dataclass(frozen=True)
class CommittedFile:
    """A committed file in its place: absolute path, and what the system says about it."""

    path: str
    facts: os.stat_result


@dataclass
class _Look:
    """One look at what a manifest names; batches are those of files that are not in their places."""

    found: list[tuple[int, CommittedFile]]
    on_their_way: list[int]
    gone: list[DataFile]

    def whole_batches(self) -> list[CommittedFile]:
        end = min(self.on_their_way, default=None)
        return [file for batch_id, file in self.found if end is None or batch_id < end]


def committed_files(
    output: str, wanted: Callable[[str], bool], visit: Callable[[str], None], *, ignore_missing: bool
) -> list[CommittedFile] | None:
    """The committed files that are `wanted` (asked by absolute path); None when no query writes here.

    The answer is whole micro-batches: one whose files are still being moved into their places is left out,
    and so are those after it.  `visit` is told every folder that a commit changes.  Raises
    QueryExecutionException for a file that is nowhere, unless `ignore_missing`.
    """
    hidden = Path(output, HIDDEN_FOLDER)
    if not hidden.is_dir():
        return None
    visit(str(hidden / SEGMENTS))
    visit(str(hidden / STAGING))
    for _ in range(_ATTEMPTS):
        manifest = read_manifest(LocalStorage(hidden))
        if manifest is None:
            return None
        look = _look(output, manifest, wanted)
        if ignore_missing or not look.gone:
            return look.whole_batches()
        # It may have been moved into its place, or rewound, since the manifest was read.
    lost = look.gone[0]
    raise QueryExecutionException(
        f"[FAILED_READ_FILE.FILE_NOT_EXIST] {output}/{lost.path} is gone, though micro-batch {lost.batch_id} "
        f"of the query that writes to {output} has committed it. Restore the file, or read what is left with "
        "option('ignoreMissingFiles', 'true')"
    )


def _look(output: str, manifest: Manifest, wanted: Callable[[str], bool]) -> _Look:
    look = _Look([], [], [])
    for file in manifest.files:
        path = f"{output}/{file.path}"
        if not wanted(path):
            continue
        try:
            look.found.append((file.batch_id, CommittedFile(path, os.stat(path))))  # noqa: PTH116 - 100,000 times
        except FileNotFoundError:
            if Path(output, HIDDEN_FOLDER, staged_path(file.path)).exists():
                look.on_their_way.append(file.batch_id)
            else:
                look.gone.append(file)
    return look
