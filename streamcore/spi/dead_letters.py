"""Dead letters: records that could not be read, kept with their coordinates and the reason.

A letter is one line of JSON in a file of its batch, below the folder that the option `badRecordsPath` names:
`query=<id>/batch=<N>/letters.json`.  A file is whole or not there, and a batch that is run again replaces its
own, so that a committed batch has each of its letters once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from streamcore.spi.types import StructField, StructType

OPTION: Final = "badRecordsPath"

FILE_PATH: Final = "_metadata.file_path"
"""The column with the URI of a row's file, which sources of files have."""

NAME: Final = "deadLetters"
"""What progress reports call the number of letters of a batch."""


@dataclass(frozen=True)
class LetterBox:
    """Where the letters of one parse or source go: the folder that the user named."""

    path: str


def letters_file(query_id: str, batch_id: int) -> str:
    """The file of a batch's letters, below the folder; readers find `query` and `batch` as columns.

    >>> letters_file("5cd8", 7)
    'query=5cd8/batch=7/letters.json'
    """
    return f"query={query_id}/batch={batch_id}/letters.json"


def letters_text(letters: Sequence[str]) -> bytes:
    """The content of that file."""
    return "".join(f"{letter}\n" for letter in letters).encode()


def with_fields(schema: StructType, more: StructType) -> StructType:
    """The schema with those of the fields at its end that it has not."""
    known = set(schema.fieldNames())
    return StructType([*schema.fields, *(field for field in more.fields if field.name not in known)])


@runtime_checkable
class LocatesRecords(Protocol):
    """A data source that has columns which say where a record came from."""

    def coordinates(self) -> StructType:
        """These columns; it gives them when they are in the schema that it is asked for."""


@runtime_checkable
class LocatedLeaf(Protocol):
    """What a leaf of a plan reads, where it may know where its records came from."""

    def located(self) -> tuple[Any, Sequence[StructField]] | None:
        """The same with the columns that say so, and their fields; None where nobody knows."""
