"""What batch and streaming reads of files share: the files found, as partitions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from streamcore.duck.zones import time_zone
from streamcore.errors import AnalysisException
from streamcore.sources.files.listing import file_uri
from streamcore.sources.files.options import parallelism
from streamcore.sources.files.packing import pack
from streamcore.sources.files.partition import FileInputPartition
from streamcore.sources.files.partition_columns import infer_columns, raw_values, typed_value
from streamcore.spi.dead_letters import FILE_PATH
from streamcore.spi.options import Options
from streamcore.spi.types import StructField, StructType


class DataFile(Protocol):
    """A file to read, found now or logged earlier."""

    @property
    def path(self) -> str:
        """Where it is."""

    @property
    def base(self) -> str:
        """The folder below which folder names carry values."""

    @property
    def size(self) -> int:
        """Bytes."""


@dataclass(frozen=True)
class FileTable:
    """How files are read: their format, schema (partition columns included) and options."""

    format_name: str
    schema: StructType
    options: Options
    recursive: bool

    def partitions(self, files: Sequence[DataFile]) -> list[FileInputPartition]:
        """The files as partitions, in their order."""
        packed = pack(files, parallelism(), lambda file: tuple(self._raw(file).items()))
        plain = dict(self.options)
        return [
            FileInputPartition(
                self.format_name,
                [f.path for f in group],
                self.schema,
                self._constants(group[0]),
                plain,
                sum(f.size for f in group),
            )
            for group in packed
        ]

    def _raw(self, file: DataFile) -> dict[str, str | None]:
        folders = {} if self.recursive else raw_values(file.path, file.base)
        if FILE_PATH not in self.schema.fieldNames():
            return folders
        return {**folders, FILE_PATH: file_uri(file.path)}

    def _constants(self, file: DataFile) -> dict[str, object]:
        values: dict[str, object] = {}
        zone = time_zone(self.options.get("timeZone", "UTC"))
        for name, text in self._raw(file).items():
            field = _field(self.schema, name)
            if field is None:
                continue
            try:
                values[field.name] = typed_value(text, field.dataType, zone)
            except ValueError:
                raise AnalysisException(
                    f"{file.path}: the folder's value {name}={text} is no {field.dataType.simpleString()}, "
                    "which is the column's type; give the column the type string"
                ) from None
        return values


def _field(schema: StructType, name: str) -> StructField | None:
    return next((field for field in schema.fields if field.name.lower() == name.lower()), None)


def with_partition_columns(schema: StructType, files: Sequence[DataFile], *, recursive: bool) -> StructType:
    """`schema` and, after it, the columns in folder names that it lacks."""
    if recursive or not files:
        return schema
    # Folders repeat from file to file: each distinct one is looked at once.
    folders = {(file.path.rpartition("/")[0], file.base) for file in files}
    found = infer_columns(raw_values(f"{folder}/", base) for folder, base in sorted(folders))
    missing = [field for field in found.fields if _field(schema, field.name) is None]
    return StructType(list(itertools.chain(schema.fields, missing)))
