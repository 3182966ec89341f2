"""Files to read, and how they are put into partitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from streamcore.delta.partition_values import partition_value
from streamcore.sources.delta.partition import DeltaInputPartition
from streamcore.sources.files.options import parallelism
from streamcore.sources.files.packing import pack
from streamcore.spi.types import LongType, StringType, StructField, StructType, TimestampType

if TYPE_CHECKING:
    from streamcore.delta.folder import TableFolder
    from streamcore.delta.log import LoggedFile

CHANGE_TYPE: Final = "_change_type"
COMMIT_VERSION: Final = "_commit_version"
COMMIT_TIMESTAMP: Final = "_commit_timestamp"
CHANGE_FIELDS: Final = (
    StructField(CHANGE_TYPE, StringType()),
    StructField(COMMIT_VERSION, LongType()),
    StructField(COMMIT_TIMESTAMP, TimestampType()),
)


@dataclass(frozen=True)
class ReadFile:
    """A file and the columns whose values are not in it."""

    path: str
    size: int
    constants: Mapping[str, Any]


def with_change_columns(schema: StructType) -> StructType:
    """The table's columns, and those that tell of changes."""
    return StructType([*schema.fields, *CHANGE_FIELDS])


def read_file(file: LoggedFile, schema: StructType, more: Mapping[str, Any]) -> ReadFile:
    """A file that a commit names; `more` are values besides those of its partition columns."""
    types = {field.name: field.dataType for field in schema.fields}
    values = {
        name: partition_value(text, types[name]) for name, text in file.partition.items() if name in types
    }
    return ReadFile(file.path, file.size, {**values, **more})


def partitions_of(
    folder: TableFolder, schema: StructType, files: Iterable[ReadFile]
) -> list[DeltaInputPartition]:
    """The files in partitions of some size, in their order."""
    packed = pack(list(files), parallelism(), lambda file: tuple(file.constants.items()))
    return [
        DeltaInputPartition(
            folder,
            [file.path for file in group],
            schema,
            group[0].constants,
            sum(file.size for file in group),
        )
        for group in packed
    ]
