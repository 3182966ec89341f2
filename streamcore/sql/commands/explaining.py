"""EXPLAIN."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.sql.commands.answers import texts
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.explaining import explain_text

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.statements import Statement


def _explain(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    mode = cursor.take_one("extended", "codegen", "cost", "formatted") or "simple"
    text = cursor.rest()

    def run(statement: Statement) -> DataFrame:
        if statement.is_command(text):
            # What a command does is not planned: it is read whole, and not carried out.
            statement.read(text)
            shown = f"== Physical Plan ==\nExecute {' '.join(text.split())}\n"
        else:
            shown = explain_text(statement.frame(text), mode)
        return texts(statement.session, "plan?", [(shown,)])

    return run


READERS: Final = {"explain": _explain}
