"""Queries drawn from a grammar over three small tables: the same number draws the same query.

Joins, groups, grouping sets, windows, set operations and subqueries stand inside one another to a depth. What
PySpark leaves open is not drawn: rows are told apart by a key where their order matters, doubles are sums of
halves.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SCHEMAS = {
    "t": "id int, a int, b bigint, s string, d decimal(9,2), x double, ok boolean, day date",
    "u": "id int, a int, b bigint, s string, d decimal(5,1), x double, ok boolean, day date",
    "e": "id int, a int, b bigint, s string, d decimal(9,2), x double, ok boolean, day date",
}
_KINDS = {"id": "n", "a": "n", "b": "n", "s": "s", "d": "n", "x": "n", "ok": "b", "day": "t"}


def rows(table: str) -> list[tuple[Any, ...]]:
    """The rows of a table: few values, nulls among them; `e` has none."""
    import datetime as dt
    from decimal import Decimal

    draw, count = random.Random(f"rows of {table}"), {"t": 14, "u": 11, "e": 0}[table]

    def maybe(value: Any) -> Any:
        return None if draw.random() < 0.18 else value

    return [
        (
            at,
            maybe(draw.randint(-2, 3)),
            maybe(draw.choice([0, 1, 2, 10_000_000_000])),
            maybe(draw.choice(["", "a", "b", "ab", "B"])),
            maybe(Decimal(draw.randint(-20, 30)) / 2),
            maybe(draw.choice([0.0, 0.5, -1.5, 2.0, 1e6])),
            maybe(draw.random() < 0.5),
            maybe(dt.date(2024, 2, 27) + dt.timedelta(days=draw.randint(0, 4))),
        )
        for at in range(count)
    ]


@dataclass(frozen=True)
class _Column:
    text: str
    kind: str


class _Draw:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._names = 0

    def one_of(self, *choices: str) -> str:
        return self._random.choice(choices)

    def number(self, *choices: int) -> int:
        return self._random.choice(choices)

    def often(self, share: float) -> bool:
        return self._random.random() < share

    def name(self, start: str) -> str:
        self._names += 1
        return f"{start}{self._names}"

    # ---- expressions ----

    def column(self, columns: list[_Column], kind: str) -> str:
        found = [column.text for column in columns if column.kind == kind]
        return self.one_of(*found) if found and self.often(0.85) else self.literal(kind)

    def literal(self, kind: str) -> str:
        return self.one_of(
            *{
                "n": ("0", "1", "2", "-1", "1.5", "NULL", "10000000000"),
                "s": ("'a'", "'b'", "''", "NULL", "'ab'"),
                "b": ("true", "false", "CAST(NULL AS BOOLEAN)"),
                "t": ("DATE '2024-02-28'", "DATE '2024-03-01'", "CAST(NULL AS DATE)"),
            }[kind]
        )

    def value(self, columns: list[_Column], kind: str, depth: int) -> str:
        if depth <= 0 or self.often(0.35):
            return self.column(columns, kind)
        lower = depth - 1
        if self.often(0.2):
            condition, one, other = (
                self.condition(columns, lower),
                *(self.value(columns, kind, lower) for _ in "ab"),
            )
            return self.one_of(
                f"CASE WHEN {condition} THEN {one} ELSE {other} END", f"coalesce({one}, {other})",
                f"if({condition}, {one}, {other})", f"nullif({one}, {other})",
            )  # fmt: skip
        if kind == "n":
            one, other = (self.value(columns, "n", lower) for _ in "ab")
            text = self.value(columns, "s", lower)
            return self.one_of(
                f"({one} + {other})", f"({one} - {other})", f"({one} * {other})",
                f"try_divide({one}, {other})", f"abs({one})", f"length({text})",
                f"greatest({one}, {other})", f"least({one}, {other})",
                f"day({self.value(columns, 't', lower)})", f"(- {one})", f"try_mod({one}, {other})",
            )  # fmt: skip
        if kind == "s":
            one, other = (self.value(columns, "s", lower) for _ in "ab")
            return self.one_of(
                f"concat({one}, {other})", f"upper({one})", f"({one} || {other})", f"substring({one}, 1, 1)",
                f"CAST({self.column(columns, 'n')} AS STRING)", f"trim({one})",
                f"concat_ws('-', {one}, {other})",
            )  # fmt: skip
        if kind == "t":
            one = self.value(columns, "t", lower)
            return self.one_of(f"date_add({one}, 1)", f"({one} - INTERVAL '1' DAY)", f"last_day({one})")
        return self.condition(columns, lower)

    def condition(self, columns: list[_Column], depth: int) -> str:
        if depth <= 0 or self.often(0.45):
            kind = self.one_of("n", "n", "s", "t")
            one, other = self.value(columns, kind, depth - 1), self.value(columns, kind, depth - 1)
            return self.one_of(
                f"{one} {self.one_of('=', '<', '<=', '>', '<>', '<=>')} {other}", f"{one} IS NULL",
                f"{one} IS NOT NULL", f"{one} IN ({other}, {self.literal(kind)})",
                f"{one} BETWEEN {other} AND {self.literal(kind)}",
                f"{one} NOT IN ({other}, {self.literal(kind)})",
            )  # fmt: skip
        one, other = self.condition(columns, depth - 1), self.condition(columns, depth - 1)
        return self.one_of(
            f"({one} AND {other})", f"({one} OR {other})", f"NOT ({one})", f"({one}) IS NOT TRUE"
        )

    # ---- relations ----

    def table(self, depth: int) -> tuple[str, list[_Column]]:
        """An entry of FROM, and its columns."""
        alias = self.name("r")
        if depth > 0 and self.often(0.35):
            text, kinds = self.query(depth - 1)
            names = [self.name("c") for _ in kinds]
            columns = [_Column(f"{alias}.{name}", kind) for name, kind in zip(names, kinds, strict=True)]
            return f"({text}) AS {alias}({', '.join(names)})", columns
        table = self.one_of("t", "t", "t", "u", "u", "e")
        return f"{table} AS {alias}", [_Column(f"{alias}.{name}", kind) for name, kind in _KINDS.items()]

    def source(self, depth: int) -> tuple[str, list[_Column]]:
        text, columns = self.table(depth)
        for _ in range(self.number(0, 0, 1, 1, 2)):
            other, more = self.table(depth - 1)
            kind = self.one_of("n", "s", "t")
            condition = f"{self.column(columns, kind)} = {self.column(more, kind)}"
            if self.often(0.3):
                condition += f" AND {self.condition([*columns, *more], 1)}"
            how = self.one_of(
                "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"
            )
            text = f"{text} {how} {other} ON {condition}"
            columns = columns if "SEMI" in how or "ANTI" in how else [*columns, *more]
        return text, columns

    def subquery(self, columns: list[_Column], depth: int) -> str:
        """A condition with a subquery, which may name columns of the query around it."""
        table, inner = self.table(depth - 1)
        kind = self.one_of("n", "s")
        tie = f"{self.column(inner, kind)} = {self.column(columns, kind)}"
        more = f" AND {self.condition(inner, 1)}" if self.often(0.5) else ""
        value, found = self.column(columns, kind), self.column(inner, kind)
        aggregate = self.one_of("max", "min", "count", "sum")
        number = self.column(inner, "n")
        return self.one_of(
            f"EXISTS (SELECT 1 FROM {table} WHERE {tie}{more})",
            f"NOT EXISTS (SELECT 1 FROM {table} WHERE {tie}{more})",
            f"{value} IN (SELECT {found} FROM {table} WHERE {self.condition(inner, 1)})",
            f"{value} NOT IN (SELECT {found} FROM {table} WHERE {self.condition(inner, 1)})",
            f"{value} IN (SELECT {found} FROM {table} WHERE {tie}{more})",
            f"{self.column(columns, 'n')} < (SELECT {aggregate}({number}) FROM {table} WHERE {tie}{more})",
            f"(SELECT count(*) FROM {table} WHERE {tie}{more}) = {self.literal('n')}",
        )

    # ---- queries ----

    def query(self, depth: int) -> tuple[str, list[str]]:
        """A query and the kinds of its columns."""
        if depth > 0 and self.often(0.25):
            return self.both(depth - 1)
        draws: list[Callable[[int], tuple[str, list[str]]]] = [self.plain, self.grouped, self.windowed]
        return self._random.choice(draws)(depth)

    def both(self, depth: int) -> tuple[str, list[str]]:
        word = self.one_of("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
        kinds = [self.one_of("n", "s") for _ in range(self.number(1, 2))]
        sides = []
        for _ in "ab":
            text, columns = self.source(depth)
            values = ", ".join(
                f"CAST({self.value(columns, kind, 1)} AS DECIMAL(25,4))"
                if kind == "n"
                else self.value(columns, kind, 1)
                for kind in kinds
            )
            sides.append(f"SELECT {values} FROM {text}")
        return f"{sides[0]} {word} {sides[1]}", kinds

    def where(self, columns: list[_Column], depth: int) -> str:
        if self.often(0.35):
            return ""
        found = self.condition(columns, 2)
        if depth > 0 and self.often(0.6):
            found = f"{found} {self.one_of('AND', 'AND', 'OR')} {self.subquery(columns, depth)}"
        return f" WHERE {found}"

    def plain(self, depth: int) -> tuple[str, list[str]]:
        text, columns = self.source(depth)
        kinds = [self.one_of("n", "n", "s", "b", "t") for _ in range(self.number(1, 2, 3))]
        values = ", ".join(self.value(columns, kind, 2) for kind in kinds)
        distinct = self.one_of("", "", "DISTINCT ")
        return f"SELECT {distinct}{values} FROM {text}{self.where(columns, depth)}", kinds

    def grouped(self, depth: int) -> tuple[str, list[str]]:
        text, columns = self.source(depth)
        kinds = [self.one_of("n", "s", "b", "t") for _ in range(self.number(1, 2, 2))]
        found = [self.column_only(columns, kind) for kind in kinds]
        keys = list(dict.fromkeys(key for key in found if key is not None))
        if not keys:
            return self.plain(depth)
        names = ", ".join(keys)
        clause = self.one_of(
            names, names, f"ROLLUP ({names})", f"CUBE ({names})",
            f"GROUPING SETS (({names}), ({keys[0]}), ())", f"{names} WITH ROLLUP",
        )  # fmt: skip
        kinds = [next(column.kind for column in columns if column.text == key) for key in keys]
        measures = [self.measure(columns) for _ in range(self.number(1, 2))]
        having = f" HAVING {self.measure(columns)} > {self.one_of('0', '1')}" if self.often(0.3) else ""
        listed = ", ".join([*keys, *measures])
        where = self.where(columns, depth)
        return f"SELECT {listed} FROM {text}{where} GROUP BY {clause}{having}", [
            *kinds,
            *("n" for _ in measures),
        ]

    def column_only(self, columns: list[_Column], kind: str) -> str | None:
        found = [column.text for column in columns if column.kind == kind]
        return self.one_of(*found) if found else None

    def measure(self, columns: list[_Column]) -> str:
        value = self.value(columns, "n", 1)
        call = self.one_of(
            f"sum({value})", f"count({value})", "count(*)", f"min({value})", f"max({value})", f"avg({value})",
            f"count(DISTINCT {value})", f"sum(DISTINCT {value})", f"count_if({self.condition(columns, 1)})",
        )  # fmt: skip
        return f"{call} FILTER (WHERE {self.condition(columns, 1)})" if self.often(0.2) else call

    def windowed(self, depth: int) -> tuple[str, list[str]]:
        """Windows over a table by itself, whose id tells rows apart."""
        table = self.one_of("t", "u")
        columns = [_Column(f"w.{name}", kind) for name, kind in _KINDS.items()]
        part, order = self.column(columns, self.one_of("s", "b", "n")), self.column(columns, "n")
        direction = self.one_of("", " DESC", " NULLS LAST", " DESC NULLS FIRST")
        over = f"PARTITION BY {part} ORDER BY {order}{direction}, w.id"
        frame = self.one_of(
            "", "", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
            " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
            " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
            " ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING",
        )  # fmt: skip
        value = self.value(columns, "n", 1)
        ranked = self.one_of(
            "row_number()", "rank()", "dense_rank()", "ntile(3)", f"lag({value})", f"lead({value}, 2)",
            "percent_rank()", "cume_dist()",
        )  # fmt: skip
        folded = self.one_of(
            f"sum({value})", f"count({value})", f"max({value})", f"first_value({value})",
            f"last_value({value})", f"avg({value})",
        )  # fmt: skip
        calls = f"{ranked} OVER ({over}), {folded} OVER ({over}{frame})"
        return f"SELECT w.id, {calls} FROM {table} AS w{self.where(columns, depth)}", ["n", "n", "n"]


def drawn(seed: int) -> str:
    """The query of a number.

    >>> drawn(1) == drawn(1), drawn(1) == drawn(2)
    (True, False)
    """
    return _Draw(seed).query(2)[0]
