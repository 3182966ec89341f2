"""The text of one SELECT, grown clause by clause and nested only where SQL's order of clauses demands it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from streamcore.duck.quoting import identifier


class Item(NamedTuple):
    """One entry of a select list; `name` is not yet quoted."""

    text: str
    name: str

    def __str__(self) -> str:
        name = identifier(self.name)
        return name if self.text == name else f"{self.text} AS {name}"


def passed(name: str) -> Item:
    """The entry that hands a column on."""
    return Item(identifier(name), name)


_FILLS_NEITHER = ("INNER JOIN", "CROSS JOIN")
_FILLS_LEFT = ("RIGHT JOIN", "FULL JOIN")


@dataclass(frozen=True)
class Select:
    """A SELECT in the making; `source` is the text after FROM, empty `items` stand for all its columns.

    `is_join` says that the source is joins, which another join may take up.
    """

    source: str
    items: tuple[Item, ...] = ()
    distinct: str = ""
    where: tuple[str, ...] = ()
    sample: str = ""
    grouping: str | None = None
    order: str = ""
    limit: str = ""
    is_join: bool = False

    @property
    def text(self) -> str:
        """The statement."""
        parts = [f"SELECT {self.distinct}{', '.join(map(str, self.items)) or '*'} FROM {self.source}"]
        if self.where:
            parts.append("WHERE " + " AND ".join(f"({condition})" for condition in self.where))
        if self.grouping:
            parts.append(f"GROUP BY {self.grouping}")
        parts.extend(clause for clause in (self.order, self.limit, self.sample) if clause)
        return " ".join(parts)

    def as_table(self, alias: str) -> str:
        """The rows of this SELECT as an entry of another FROM clause."""
        return f"({self.text}) AS {alias}"

    def joined(self, word: str, right: Select, condition: str, alias: Callable[[], str]) -> Select:
        """The rows of both by `word`, such as `LEFT JOIN`, and `condition`, an ON clause or nothing.

        Joins below stand in the same FROM clause, and what they are filtered by in the same WHERE: the
        engine orders the joins of one clause, and those of a nested SELECT apart.
        """
        keeps_left, keeps_right = word not in _FILLS_LEFT, word in _FILLS_NEITHER
        left_text, left_where = self._as_side(alias, hoists=keeps_left)
        right_text, right_where = right._as_side(alias, hoists=keeps_right)
        where = (*left_where, *right_where)
        return Select(f"{left_text} {word} {right_text}{condition}", where=where, is_join=True)

    def _as_side(self, alias: Callable[[], str], *, hoists: bool) -> tuple[str, tuple[str, ...]]:
        """The side of a join, and the conditions on its rows that are left to the statement around."""
        if self.is_join and self._is_open and (hoists or not self.where):
            return f"({self.source})", self.where
        return self.as_table(alias()), ()

    def listing(self, items: Sequence[Item], distinct: str = "") -> Select:
        """The select list replaced by `items`, which read the columns of this SELECT."""
        if self._is_open:
            return replace(self, items=tuple(items), distinct=distinct)
        if not distinct and self._lists_already(items):
            return replace(self, items=tuple(items)) if not self.items else self
        return Select(self._nested, items=tuple(items), distinct=distinct)

    def where_also(self, condition: str) -> Select:
        """Only the rows for which `condition`, over the columns of this SELECT, is true."""
        base = self if self._is_open else Select(self._nested)
        return replace(base, where=(*base.where, condition))

    def grouped(self, items: Sequence[Item], grouping: str) -> Select:
        """One row per group; `grouping` is the GROUP BY list, empty for one group of all rows."""
        base = self if self._is_open else Select(self._nested)
        return replace(base, items=tuple(items), grouping=grouping)

    def ordered(self, order: str) -> Select:
        """The rows in this order."""
        base = self if self._is_open else Select(self._nested)
        return replace(base, order=f"ORDER BY {order}")

    def limited(self, count: int | None, offset: int) -> Select:
        """At most `count` rows after the first `offset`."""
        base = self if not self.limit and not self.sample else Select(self._nested)
        clauses = [f"LIMIT {count}"] if count is not None else []
        clauses += [f"OFFSET {offset}"] if offset else []
        return replace(base, limit=" ".join(clauses))

    def sampled(self, clause: str) -> Select:
        """A sample of the rows."""
        return Select(self._nested, sample=clause)

    def _lists_already(self, items: Sequence[Item]) -> bool:
        """Whether the list only hands on what this SELECT yields, so that it can take the list's place."""
        if self.items:
            return [passed(item.name) for item in self.items] == list(items)
        return (
            self.grouping is None and not self.distinct and all(item == passed(item.name) for item in items)
        )

    @property
    def _nested(self) -> str:
        return self.source if self == Select(self.source, is_join=self.is_join) else f"({self.text})"

    @property
    def _is_open(self) -> bool:
        """Whether nothing but WHERE has been said: other clauses may still read the source's columns."""
        clauses = (self.items, self.distinct, self.sample, self.order, self.limit)
        return not any(clauses) and self.grouping is None
