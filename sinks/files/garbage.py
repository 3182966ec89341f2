"""Which files of an output folder nobody needs any more."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.sinks.files.placing import staging_folder
from streamcore.spi.file_manifest import HIDDEN_FOLDER, rewound_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.sinks.files.manifest_log import ManifestLog


def discard_staged(folder: Path, prefix: str) -> None:
    """Removes what the run whose files start with `prefix` has staged and not committed."""
    for path in _staged_files(folder):
        if path.name.startswith(f"{prefix}-"):
            path.unlink(missing_ok=True)


def remove_orphans(log: ManifestLog, folder: Path, prefix: str, opened_ns: int) -> None:
    """Removes what crashed runs of this query staged and never committed.

    To be called after a commit of this run: an older run that is still alive can then commit nothing of
    what it has staged.  Left alone are files of this run and of other queries, files written since this run
    was opened (a newer run may be staging them), and files that a rewind took back.  Data files in their
    final places are looked at, too: earlier releases wrote them there before they were committed.
    """
    query_prefix = prefix[: prefix.rindex("-") + 1]
    candidates = [
        path for path in (*_staged_files(folder), *_data_files(folder))
        if path.name.startswith(query_prefix) and not path.name.startswith(f"{prefix}-")
    ]  # fmt: skip
    if not candidates:
        return
    needed = {file.path for file in log.read().files}
    needed.update(path for _, _, files in log.garbage() for path in files)
    for path in candidates:
        with contextlib.suppress(FileNotFoundError):
            if path.relative_to(folder).as_posix() not in needed and path.stat().st_mtime_ns < opened_ns:
                path.unlink()


def remove_rewound(log: ManifestLog, folder: Path, before_ms: int) -> None:
    """Removes the files that rewinds before `before_ms` took out of the manifest."""
    for name, time_ms, files in log.garbage():
        if time_ms <= before_ms:
            for path in files:
                (folder / HIDDEN_FOLDER / rewound_path(path)).unlink(missing_ok=True)
            log.drop_garbage_note(name)


def _staged_files(folder: Path) -> list[Path]:
    try:
        return list(staging_folder(folder).iterdir())
    except FileNotFoundError:
        return []


def _data_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[0] not in "._"]
        yield from (Path(parent, name) for name in names if name[0] not in "._")
