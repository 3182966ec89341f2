"""What is known of a view, and its form in the files of the catalog."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, Final

from streamcore.spi.types import StructType, schema_from_json
from streamcore.sql.tables.metadata import read_body, unreadable, written
from streamcore.sql.tables.names import TableName

# An older version says that it cannot read this, and does not take a view for a table.
FORMAT: Final = 2


class SchemaMode(Enum):
    """What a view does when the columns of its query are no longer those that they were."""

    BINDING = "BINDING"
    COMPENSATION = "COMPENSATION"
    TYPE_EVOLUTION = "TYPE EVOLUTION"
    EVOLUTION = "EVOLUTION"


@dataclass(frozen=True)
class ViewMetadata:
    """A view: the text of its query, and what that text meant when the view was made.

    `schema` has the view's columns, with their comments; `query_columns` are those of the query that they
    come from, by name, and `names_given` says whether the view names its columns itself. `database` is the
    one in which the names of tables without another are looked for, `settings` are those that the answer
    depends on.  `temporary` are the views of the session that the text of a temporary view names; such a
    view has a name without a database, and is in no file.
    """

    name: TableName
    text: str
    schema: StructType
    query_columns: tuple[str, ...]
    names_given: bool
    database: str
    settings: dict[str, str]
    mode: SchemaMode = SchemaMode.COMPENSATION
    temporary: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    created_ms: int = 0
    created_by: str = ""

    def to_json(self) -> bytes:
        """The file of the catalog."""
        body = asdict(self) | {"schema": json.loads(self.schema.json()), "mode": self.mode.value}
        return written({"kind": "view", **body}, FORMAT)

    @classmethod
    def from_json(cls, data: bytes, place: str) -> ViewMetadata:
        """What `to_json` wrote; raises AnalysisException, naming `place`, for anything else."""
        body: dict[str, Any] = read_body(data, place, FORMAT)
        try:
            if body.pop("kind") != "view":
                raise ValueError("it is no view")
            body["name"] = TableName(**body["name"])
            body["schema"] = schema_from_json(json.dumps(body["schema"]))
            body["query_columns"] = tuple(body["query_columns"])
            body["mode"] = SchemaMode(body["mode"])
            body["temporary"] = tuple(body["temporary"])
            return cls(**body)
        except (KeyError, TypeError, ValueError) as error:
            raise unreadable(place, error) from error


def is_view(data: bytes) -> bool:
    """Whether a file of the catalog describes a view."""
    try:
        body = json.loads(data)
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("kind") == "view"
