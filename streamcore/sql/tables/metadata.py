"""What is known of a table and of a database, and its form in the files of the catalog."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from streamcore.errors import AnalysisException
from streamcore.spi.sized_texts import as_text
from streamcore.spi.types import StructField, StructType, schema_from_json
from streamcore.sql.tables.names import TableName

_FORMAT: Final = 1


@dataclass(frozen=True)
class Buckets:
    """What CLUSTERED BY and `bucketBy` said: noted and shown for programs that ask; no file goes by it."""

    count: int
    columns: tuple[str, ...]
    sorted_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableMetadata:
    """A table: the columns of its files, then those in the names of its folders.

    `location` is None for a managed table, whose folder follows from its name, so that a warehouse can be
    moved.  `provider` is the format of the files and `options` are those of its source and its sink.
    `is_unfinished` says that a writer has begun with the rows of these columns.
    """

    name: TableName
    provider: str
    schema: StructType
    partition_by: tuple[str, ...] = ()
    cluster_by: tuple[str, ...] = ()
    location: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    created_ms: int = 0
    created_by: str = ""
    is_unfinished: bool = False
    buckets: Buckets | None = None
    statistics: dict[str, int] | None = None

    @property
    def is_managed(self) -> bool:
        """Whether the files belong to the table, and go with it."""
        return self.location is None

    @property
    def read_schema(self) -> StructType:
        """The columns of a DataFrame that reads the table: any may be null, as in Spark."""
        return StructType([_as_read(column) for column in self.schema.fields])

    def to_json(self) -> bytes:
        """The file of the catalog."""
        body = asdict(self) | {"schema": json.loads(self.schema.json())}
        return written(body, _FORMAT)

    @classmethod
    def from_json(cls, data: bytes, place: str) -> TableMetadata:
        """What `to_json` wrote; raises AnalysisException, naming `place`, for anything else."""
        body = read_body(data, place, _FORMAT)
        try:
            body["name"] = TableName(**body["name"])
            body["schema"] = schema_from_json(json.dumps(body["schema"]))
            for key in ("partition_by", "cluster_by"):
                body[key] = tuple(body[key])
            if body.get("buckets") is not None:
                body["buckets"] = _buckets(**body["buckets"])
            return cls(**body)
        except (KeyError, TypeError, ValueError) as error:
            raise unreadable(place, error) from error


def _buckets(count: int, columns: Sequence[str], sorted_by: Sequence[str]) -> Buckets:
    return Buckets(int(count), tuple(columns), tuple(sorted_by))


@dataclass(frozen=True)
class DatabaseMetadata:
    """A database; `location` is None where its folder follows from its name."""

    name: str
    location: str | None = None
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The file of the catalog."""
        return written(asdict(self), _FORMAT)

    @classmethod
    def from_json(cls, data: bytes, place: str) -> DatabaseMetadata:
        """What `to_json` wrote; raises AnalysisException, naming `place`, for anything else."""
        body = read_body(data, place, _FORMAT)
        try:
            return cls(**body)
        except TypeError as error:
            raise unreadable(place, error) from error


def _as_read(column: StructField) -> StructField:
    found = as_text(column)
    return StructField(found.name, found.dataType, nullable=True, metadata=found.metadata)


def written(body: dict[str, Any], version: int) -> bytes:
    """A file of the catalog."""
    return json.dumps({"format": version, **body}, indent=1).encode() + b"\n"


def read_body(data: bytes, place: str, version: int) -> dict[str, Any]:
    """What `written` wrote; raises AnalysisException, naming `place`, for anything else."""
    try:
        body: dict[str, Any] = json.loads(data)
        found = body.pop("format")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise unreadable(place, error) from error
    if found != version:
        raise AnalysisException(
            f"{place} is of format {found}, and this version reads format {version}: use the version that "
            "wrote it, or a newer one"
        )
    return body


def unreadable(place: str, error: Exception) -> AnalysisException:
    """A file of the catalog that nobody wrote so."""
    return AnalysisException(
        f"{place} is no description of a table, view or database: {error!r}. Restore the file"
    )
