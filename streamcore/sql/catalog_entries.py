"""What `session.catalog` lists: rows about catalogs, databases, tables, columns and functions."""

from __future__ import annotations

from typing import NamedTuple


class CatalogMetadata(NamedTuple):
    """A catalog."""

    name: str
    description: str | None


class Database(NamedTuple):
    """A database (schema)."""

    name: str
    catalog: str | None
    description: str | None
    locationUri: str


class Table(NamedTuple):
    """A table or a view."""

    name: str
    catalog: str | None
    namespace: list[str] | None
    description: str | None
    tableType: str
    isTemporary: bool

    @property
    def database(self) -> str | None:
        """The namespace when it has one part."""
        return self.namespace[0] if self.namespace and len(self.namespace) == 1 else None


class TablePartition(NamedTuple):
    """A partition of a table, as `column=value/...`."""

    partition: str


class Column(NamedTuple):
    """A column of a table or a view."""

    name: str
    description: str | None
    dataType: str
    nullable: bool
    isPartition: bool = False
    isBucket: bool = False
    isCluster: bool = False


class Function(NamedTuple):
    """A built-in function."""

    name: str
    catalog: str | None
    namespace: list[str] | None
    description: str | None
    className: str
    isTemporary: bool
