"""Which statement is read by whom: known by its first words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from streamcore.sql.commands import (
    cached_tables,
    databases,
    describing,
    explaining,
    functions,
    immediate,
    listing,
    session_settings,
    table_changes,
    table_definitions,
    table_rows,
    variables,
    views,
)
from streamcore.sql.commands.cursor import Cursor

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.statements import Statement

Command = Callable[["Statement"], "DataFrame | None"]
"""What a statement does, once it is read whole; None where it answers with no rows."""

Reader = Callable[[Cursor], "Command | None"]
"""Reads what stands behind the first words of a statement; None when it is a query."""

READERS: Final[Mapping[str, Reader]] = {
    **cached_tables.READERS,
    **databases.READERS,
    **describing.READERS,
    **explaining.READERS,
    **listing.READERS,
    **session_settings.READERS,
    **functions.READERS,
    **immediate.READERS,
    **variables.READERS,
    **table_changes.READERS,
    **table_definitions.READERS,
    **table_rows.READERS,
    **views.READERS,
}
_LONGEST_FIRST: Final = sorted(READERS, key=lambda phrase: -len(phrase.split()))
FIRST_WORDS: Final = frozenset(phrase.split()[0] for phrase in READERS)
"""The words with which such statements begin."""


def read_command(cursor: Cursor) -> Command | None:
    """The statement, read to its end; None when it is none of these."""
    found = cursor.take_one(*_LONGEST_FIRST)
    if found is None:
        return None
    command = READERS[found](cursor)
    if command is not None:
        cursor.end()
    return command
