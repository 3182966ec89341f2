"""Names of tables and databases, as they are written and as they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamcore.errors import AnalysisException, ParseException
from streamcore.plan.refusals import backticked

CATALOG = "spark_catalog"
DEFAULT = "default"

_PART = re.compile(r"`((?:[^`]|``)+)`|([^.`\s]+)")
_KEPT = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class TableName:
    """A table in its database, both in lower case: names compare without it, and name files and folders."""

    database: str
    table: str

    def __str__(self) -> str:
        return f"{CATALOG}.{self.database}.{self.table}"

    @property
    def quoted(self) -> str:
        """The name as messages show it."""
        return quoted((CATALOG, self.database, self.table))


def quoted(parts: tuple[str, ...] | list[str]) -> str:
    """A name of several parts as messages show it.

    >>> quoted(["db", "t"])
    '`db`.`t`'
    """
    return ".".join(map(backticked, parts))


def parts_of(name: str) -> list[str]:
    """The parts of a dotted name.

    >>> parts_of("db.`odd.name`")
    ['db', 'odd.name']
    """
    parts, at = [], 0
    while found := _PART.match(name, at):
        parts.append(found[2] if found[1] is None else found[1].replace("``", "`"))
        at = found.end()
        if at == len(name):
            return parts
        if name[at] != ".":
            break
        at += 1
    raise ParseException(f"[PARSE_SYNTAX_ERROR] Syntax error in the name {name!r}. SQLSTATE: 42601")


def kept_name(name: str) -> str:
    """The name under which a new table or database is kept; raises for one that cannot be a folder's."""
    if not _KEPT.fullmatch(name.lower()):
        raise AnalysisException(
            f"[INVALID_SCHEMA_OR_RELATION_NAME] {backticked(name)} is not a valid name for tables/schemas. "
            "Valid names only contain alphabet characters, numbers and _. SQLSTATE: 42602"
        )
    return name.lower()
