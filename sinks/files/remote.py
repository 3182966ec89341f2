"""What streaming and batch writers into an object store share."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.errors import CommitFailed
from streamcore.sinks.files.staging import Layout, StagedFiles, stage, staged_place
from streamcore.spi.file_manifest import HIDDEN_FOLDER, OWNER
from streamcore.storage.errors import StorageError
from streamcore.storage.objects.folder import ObjectFolder, object_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa


def stage_remotely(
    batches: Iterator[pa.RecordBatch], layout: Layout, folder: ObjectFolder, place: Callable[[str], str]
) -> StagedFiles:
    """Writes the rows of one task into files of this machine, and uploads them to where `place` says.

    Raises CommitFailed when disk or store does not take them; what was uploaded is removed then.
    """
    with tempfile.TemporaryDirectory(prefix="streamcore-staging-") as scratch:
        here = dataclasses.replace(layout, staging=Path(scratch))
        staged = stage(batches, here)
        upload(staged, here, folder, place)
        return staged


def upload(staged: StagedFiles, layout: Layout, folder: ObjectFolder, place: Callable[[str], str]) -> None:
    """Uploads what is staged on this machine; raises as `stage_remotely` does."""
    files = {place(file.path): staged_place(layout.staging, file.path) for file in staged.files}
    try:
        folder.upload_all(files)
    except StorageError as error:
        raise CommitFailed(
            f"the rows could not be written to {layout.where}: {error}. Nothing of this batch is visible; "
            "start the query again when the store is well"
        ) from error


def is_written_by_a_stream(uri: str) -> bool:
    """Whether a streaming query writes to the folder or to one above it."""
    scheme, _, rest = uri.partition("://")
    parts = rest.rstrip("/").split("/")
    above = (f"{scheme}://{'/'.join(parts[:end])}" for end in range(len(parts), 0, -1))
    return any(object_folder(place).look(f"{HIDDEN_FOLDER}/{OWNER}") is not None for place in above)


def is_hidden(path: str) -> bool:
    """Whether an object is no data: its name, or that of a folder above it, begins with a mark."""
    return any(part[0] in "._" for part in path.split("/") if part)
