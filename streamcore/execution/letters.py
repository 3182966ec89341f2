"""Dead letters on their way from what was observed to the files of their batch."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from streamcore.spi.dead_letters import letters_file, letters_text
from streamcore.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa


def letters_of(measured: pa.Table) -> list[str]:
    """The letters that one Observe has gathered."""
    (found,) = measured.column(0).to_pylist()
    return list(found or ())


def write_letters_of_a_batch_query(letters: Mapping[str, Sequence[str]]) -> None:
    """Folder -> letters, each in a file of this action alone."""
    action = str(uuid4())
    for path, found in letters.items():
        if found:
            storage = open_storage(path, "dead letters")
            storage.put_if_absent(letters_file(action, 0), letters_text(found))
