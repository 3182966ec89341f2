"""The dead letters of a query's batches, written before the sink commits.

The file of a batch has the batch's name and is replaced whole: an attempt that died, and the one after it,
leave the same file, and once the batch has committed nobody writes it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.spi import steps
from streamcore.spi.dead_letters import letters_file, letters_text
from streamcore.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamcore.storage import Storage

DEAD_LETTERS = steps.declare("dead-letters", owner="the dead letters of a query")


class LettersOfBatches:
    """Writes the letters of one run of a query; for one thread."""

    def __init__(self, query_id: str) -> None:
        self._query_id = query_id
        self._folders: dict[str, Storage] = {}

    def write(self, batch_id: int, letters: Mapping[str, Sequence[str]]) -> None:
        """Keeps the letters of a batch, by folder; raises StorageError where they cannot be kept."""
        for folder, found in letters.items():
            storage, path = self._storage(folder), letters_file(self._query_id, batch_id)
            if found:
                storage.replace(path, letters_text(found))
            else:
                # An attempt before this one may have left some, of rows that have changed since.
                storage.delete(path)

    def _storage(self, folder: str) -> Storage:
        if folder not in self._folders:
            self._folders[folder] = open_storage(folder, "dead letters")
        return self._folders[folder]
