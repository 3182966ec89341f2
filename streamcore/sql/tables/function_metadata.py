"""What is known of a function that is SQL text, and its form in the files of the catalog."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from streamcore.sql.tables.metadata import read_body, unreadable, written
from streamcore.sql.tables.names import TableName

_FORMAT: Final = 1


@dataclass(frozen=True)
class Parameter:
    """A parameter, or a column of what a function gives; types and defaults are SQL text."""

    name: str
    type_text: str
    default: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class SqlFunction:
    """A function whose body is SQL text: an expression or a query.

    A temporary one has a name without a database, and is in no file. `returns` is the type of the value, and
    of a table None, whose columns are in `columns`. `database` and `settings` are those under which the
    function was made, and by which its text is read.
    """

    name: TableName
    parameters: tuple[Parameter, ...]
    returns: str | None
    columns: tuple[Parameter, ...]
    body: str
    is_query: bool
    database: str
    settings: dict[str, str]
    comment: str | None = None
    is_deterministic: bool | None = None
    created_ms: int = 0
    created_by: str = ""
    temporary: tuple[str, ...] = field(default=())

    @property
    def is_table(self) -> bool:
        """Whether the function gives a table."""
        return self.returns is None

    @property
    def shown(self) -> str:
        """The name as names of columns show it."""
        return str(self.name) if self.name.database else self.name.table

    @property
    def least(self) -> int:
        """The fewest arguments of a call."""
        return sum(parameter.default is None for parameter in self.parameters)

    def to_json(self) -> bytes:
        """The file of the catalog."""
        return written({"kind": "function", **asdict(self)}, _FORMAT)

    @classmethod
    def from_json(cls, data: bytes, place: str) -> SqlFunction:
        """What `to_json` wrote; raises AnalysisException, naming `place`, for anything else."""
        body: dict[str, Any] = read_body(data, place, _FORMAT)
        try:
            if body.pop("kind") != "function":
                raise ValueError("it is no function")
            body["name"] = TableName(**body["name"])
            for key in ("parameters", "columns"):
                body[key] = tuple(Parameter(**one) for one in body[key])
            body["temporary"] = tuple(body["temporary"])
            return cls(**body)
        except (KeyError, TypeError, ValueError) as error:
            raise unreadable(place, error) from error
