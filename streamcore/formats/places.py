"""Where a value stands in a Spark type and in a schema, and which field of one is which of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamcore.spi.types import StructField, StructType


class Unfit(Exception):
    """A Spark type and a schema that do not fit."""


@dataclass(frozen=True)
class Place:
    """Where a value stands, in the words of messages."""

    sql: tuple[str, ...] = ()
    format: tuple[str, ...] = ()

    def within(self, sql: str, other: str | None = None) -> Place:
        """The place of a part."""
        return Place((*self.sql, sql), (*self.format, other or sql))

    def in_words(self, format_name: str) -> str:
        """Both sides of the place."""
        return f"SQL {shown_path(self.sql)} to {format_name} {shown_path(self.format)}"

    def full_name(self, name: str) -> str:
        """A name behind the names that lead to it."""
        return ".".join((*self.sql, name))


def shown_path(path: Sequence[str]) -> str:
    """A path of names as messages write it."""
    return f"field '{'.'.join(path)}'" if path else "top-level record"


def match_field(sql: StructType, name: str, at: Place) -> StructField | None:
    """The field of that name, in any case."""
    found = [each for each in sql.fields if each.name == name]
    found = found or [each for each in sql.fields if each.name.lower() == name.lower()]
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise Unfit(
            f"Searching for '{name}' in the SQL schema at {shown_path(at.sql)} gave several fields: {names}"
        )
    return found[0] if found else None
