"""What a DataFrame looks like: show, printSchema, explain."""

from __future__ import annotations

import datetime as dt
from typing import Any

from streamcore.duck.zones import time_zone
from streamcore.sql.dataframe.actions import static_table
from streamcore.sql.dataframe.core import FrameCore


class Display(FrameCore):
    """Text for people."""

    _shows_html = False

    def show(self, n: int = 20, truncate: bool | int = True, vertical: bool = False) -> None:
        """Prints the first `n` rows.

        Parameters
        ----------
        n
            How many rows.
        truncate
            True cuts texts at 20 characters, False never, a number at that length.
        vertical
            One line per value instead of one line per row.
        """
        print(self._show_string(n, truncate, vertical))

    def printSchema(self, level: int | None = None) -> None:
        """Prints the columns and types as a tree."""
        print(self.schema.treeString(level))

    def explain(self, extended: bool | str | None = None, mode: str | None = None) -> None:
        """Prints the plan and the SQL of its fragment.

        Parameters
        ----------
        extended
            True, or a mode as text, adds the plan as it was written.
        mode
            `simple`, `extended`, `codegen`, `cost` or `formatted`.
        """
        from streamcore.sql.explaining import explain_text

        print(explain_text(self._frame(), mode or extended or "simple"))

    def __repr__(self) -> str:
        # Whoever asks for HTML wants the table in it, and not a second time as text.
        if self._is_shown_eagerly() and not self._shows_html:
            return self._show_string(*self._eager_limits(), vertical=False)
        return f"DataFrame[{', '.join(f'{name}: {kind}' for name, kind in self.dtypes)}]"

    def _repr_html_(self) -> str | None:
        self._shows_html = True
        if not self._is_shown_eagerly():
            return None
        from streamcore.spi.show import show_html

        rows, width = self._eager_limits()
        return show_html(static_table(self._frame().limit(rows + 1)), rows, width, self._zone())

    def _is_shown_eagerly(self) -> bool:
        return self._session.conf.flag("spark.sql.repl.eagerEval.enabled") and not self.isStreaming

    def _eager_limits(self) -> tuple[int, int]:
        """How many rows are shown, and how many characters of a value."""
        conf = self._session.conf
        rows, width = (conf.get(f"spark.sql.repl.eagerEval.{name}") for name in ("maxNumRows", "truncate"))
        return max(0, int(str(rows))), int(str(width))

    def _zone(self) -> dt.tzinfo:
        return time_zone(str(self._session.conf.get("spark.sql.session.timeZone")))

    def _show_string(self, n: int, truncate: Any, vertical: Any) -> str:
        from streamcore.errors import AnalysisException
        from streamcore.spi.show import show_string

        if isinstance(n, bool) or not isinstance(n, int):
            raise AnalysisException(f"[NOT_INT] Argument `n` should be an int, got {type(n).__name__}.")
        limited = self._frame().limit(max(0, n) + 1)
        table = static_table(limited)
        width = 20 if truncate is True else 0 if truncate is False else int(truncate)
        return show_string(table, n, width, bool(vertical), self._zone())
