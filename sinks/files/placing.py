"""Data files in their places: committed ones where readers look, those of rewound batches where none does.

What is where follows from the manifest alone, and every act is a rename within one file system: whoever
comes after a crash does what is missing, and nothing is done twice.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.errors import CommitStateUnknown
from streamcore.sinks.files.staging import staged_place
from streamcore.spi.file_manifest import HIDDEN_FOLDER, REWOUND, STAGING, rewound_path
from streamcore.spi.steps import declare, reached
from streamcore.storage.publish import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamcore.sinks.files.manifest_log import ManifestLog

MOVE = declare("sink.files.move", "sink.files")
HIDE = declare("sink.files.hide", "sink.files")


def staging_folder(folder: Path) -> Path:
    """Where the files of a streaming query wait for their commit."""
    return folder / HIDDEN_FOLDER / STAGING


def place_committed(folder: Path, paths: Sequence[str]) -> None:
    """Renames the staged files of a committed batch to their final places, durably.

    Raises CommitStateUnknown when the disk refuses: the batch is committed, and the next start goes on.
    """
    try:
        move_in(folder, staging_folder(folder), paths)
    except OSError as error:
        raise CommitStateUnknown(
            f"a micro-batch is committed to {folder}, but its files could not be moved into their places: "
            f"{error}. Repair the disk, then start the query again: it moves them first"
        ) from error


def move_in(folder: Path, staging: Path, paths: Sequence[str]) -> None:
    """Renames staged files to their final places, durably; those that are there already stay."""
    parents = {(folder / path).parent for path in paths}
    for parent in parents:
        make_folder(parent)
    for path in paths:
        reached(f"{MOVE}:before")
        _rename(staged_place(staging, path), folder / path)
        reached(f"{MOVE}:after")
    for parent in parents:
        sync_folder(parent)


def hide_rewound(log: ManifestLog, folder: Path) -> None:
    """Takes what rewinds took out of the manifest out of the sight of those who list the folder, too."""
    notes = log.garbage()
    if not notes:
        return
    # A rewind that crashed has noted files that are still visible.
    visible = {file.path for file in log.read().files}
    _hide(folder, [path for _, _, paths in notes for path in paths if path not in visible])


def settle(log: ManifestLog, folder: Path) -> None:
    """Does what a run that died between the manifest and the last rename has left to do."""
    staged = set(_names(staging_folder(folder)))
    if staged:
        committed = [file.path for file in log.read().files]
        waiting = [path for path in committed if staged_place(Path(), path).name in staged]
        place_committed(folder, waiting)
    hide_rewound(log, folder)


def _hide(folder: Path, paths: Iterable[str]) -> None:
    shown = [path for path in paths if (folder / path).exists()]
    if not shown:
        return
    make_folder(folder / HIDDEN_FOLDER / REWOUND)
    for path in shown:
        reached(f"{HIDE}:before")
        _rename(folder / path, folder / HIDDEN_FOLDER / rewound_path(path))
        reached(f"{HIDE}:after")
    for parent in {(folder / path).parent for path in shown}:
        sync_folder(parent)


def _rename(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except FileNotFoundError:
        # Another run of the query may have been faster.
        if not target.exists():
            raise


def _names(folder: Path) -> list[str]:
    with contextlib.suppress(FileNotFoundError):
        return [path.name for path in folder.iterdir()]
    return []
