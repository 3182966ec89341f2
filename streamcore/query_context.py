"""The place in SQL text that an error is about, as programs ask an error for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class QueryContextType(Enum):
    """What an error points into."""

    SQL = 0
    DataFrame = 1


@dataclass(frozen=True)
class QueryContext:
    """Some characters of a SQL text, from `first` to `last`, both counted from 0.

    >>> context = QueryContext("SELECT x FROM t", 7, 7)
    >>> context.fragment(), context.startIndex(), context.stopIndex()
    ('x', 7, 7)
    >>> print(context.summary(), end="")
    == SQL (line 1, position 8) ==
    SELECT x FROM t
           ^
    """

    text: str
    first: int
    last: int

    @property
    def line(self) -> int:
        """The line that the first character stands in, from 1."""
        return self.text.count("\n", 0, self.first) + 1

    @property
    def column(self) -> int:
        """The first character's place in its line, from 0."""
        return self.first - (self.text.rfind("\n", 0, self.first) + 1)

    def contextType(self) -> QueryContextType:
        """Always SQL."""
        return QueryContextType.SQL

    def objectType(self) -> str:
        """Empty: the text is that of the query itself."""
        return ""

    def objectName(self) -> str:
        """Empty: the text is that of the query itself."""
        return ""

    def startIndex(self) -> int:
        """The place of the first character in the text."""
        return self.first

    def stopIndex(self) -> int:
        """The place of the last character in the text."""
        return self.last

    def fragment(self) -> str:
        """The characters themselves."""
        return self.text[self.first : self.last + 1]

    def callSite(self) -> str:
        """Refused: SQL text has none."""
        from streamcore.errors import UnsupportedOperationException

        raise UnsupportedOperationException(
            "A place in SQL text has no callSite(); ask for its fragment(), startIndex() and stopIndex()."
        )

    def summary(self) -> str:
        """The lines of the text that the characters stand in, and what points to them."""
        begins = max(self.first - self.column, self.first - _AROUND)
        line_end = self.text.find("\n", self.last + 1)
        ends = min(len(self.text) if line_end < 0 else line_end, self.last + 1 + _AROUND)
        before = _CUT if self.column >= _AROUND else ""
        after = _CUT if ends == self.last + 1 + _AROUND else ""
        at, shown = begins - len(before), []
        for line in f"{before}{self.text[begins:ends]}{after}".split("\n"):
            marked_to = min(self.last + 1, at + len(line))
            marks = "^" * (marked_to - max(self.first, at))
            shown += [line, " " * max(0, self.first - at) + marks]
            at += len(line) + 1
        head = f"== SQL (line {self.line}, position {self.column + 1}) =="
        return "\n".join([head, *shown]) + "\n"


_AROUND = 32
"""So many characters of a line are shown before the place, and behind it."""

_CUT = "..."
