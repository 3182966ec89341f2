"""Drawn queries: whatever is asked, the answer is rows or an error of ours, never one of the engine's."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from streamcore.errors import StreamcoreError
from streamcore.sql.session import Session

_COLUMNS = {"t": ("a", "b"), "u": ("x", "y"), "w": ("a", "s")}


@pytest.fixture(autouse=True)
def views(session: Session) -> Iterator[None]:
    rows = [(1, 10), (2, 20), (2, None), (None, 5)]
    for name, (first, second) in _COLUMNS.items():
        schema = f"{first} int, {second} {'string' if second == 's' else 'int'}"
        frame = session.createDataFrame([(k, str(v) if second == "s" else v) for k, v in rows], schema)
        frame.createOrReplaceTempView(name)
    yield
    for name in _COLUMNS:
        session.catalog.dropTempView(name)


class _Draws:
    """Queries over the views; names of outer queries, and wrong ones, come up too."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def query(self, depth: int, outer: tuple[str, ...] = ()) -> str:
        pick = self._random.choice
        tables = [pick(list(_COLUMNS)) for _ in range(pick((1, 1, 2)))]
        names = tuple(column for table in tables for column in _COLUMNS[table])
        reach = (*names, *outer)
        entries = (f"{table} AS n{at}" for at, table in enumerate(tables))
        source = pick((", ", " LEFT JOIN ", " JOIN ")).join(entries)
        if "JOIN" in source:
            source += f" ON {self.condition(depth - 1, reach)}"
        if depth > 0 and self._random.random() < 0.2:
            source += f", LATERAL ({self.query(depth - 1, names)}) AS l"
        where = f" WHERE {self.condition(depth, reach)}" if self._random.random() < 0.7 else ""
        tail = pick(("", "", " LIMIT 1", " ORDER BY 1 LIMIT 2"))
        if self._random.random() < 0.3:
            key = pick(names)
            having = f" HAVING {self.condition(depth - 1, (f'max({key})', 'count(*)'))}"
            return f"SELECT {key} AS v FROM {source}{where} GROUP BY {key}{pick(('', having))}{tail}"
        one = f"SELECT {self.value(depth - 1, reach)} AS v FROM {source}{where}"
        union = f" {pick(('UNION', 'UNION ALL', 'EXCEPT'))} {one}" if self._random.random() < 0.1 else ""
        return f"{one}{union}{tail}"

    def value(self, depth: int, reach: tuple[str, ...]) -> str:
        if depth < 0 or self._random.random() < 0.5:
            return self._random.choice((*reach, "1", "nothing"))
        forms = ("({q})", "coalesce(({q}), 0)", "max({v})", "CASE WHEN {c} THEN {v} ELSE 0 END", "{v} + 1")
        return self._filled(self._random.choice(forms), depth, reach)

    def condition(self, depth: int, reach: tuple[str, ...]) -> str:
        forms = (
            "{v} = {v}", "{v} > 1", "EXISTS ({q})", "NOT EXISTS ({q})", "{v} IN ({q})", "{v} NOT IN ({q})",
            "{c} AND {c}", "NOT ({c} OR {c})", "({v}, 1) IN (SELECT x, y FROM u)",
        )  # fmt: skip
        form = self._random.choice(forms[:2] if depth < 0 else forms)
        return self._filled(form, depth, reach)

    def _filled(self, form: str, depth: int, reach: tuple[str, ...]) -> str:
        while "{v}" in form:
            form = form.replace("{v}", self.value(depth - 1, reach), 1)
        while "{c}" in form:
            form = form.replace("{c}", self.condition(depth - 1, reach), 1)
        return form.replace("{q}", self.query(depth - 1, reach)) if "{q}" in form else form


@pytest.mark.parametrize("seed", range(4))
def test_a_drawn_query_gives_rows_or_an_error_of_ours(session: Session, seed: int) -> None:
    draws = _Draws(seed)
    queries = [draws.query(2) for _ in range(25)]
    errors = {query: _error(session, query) for query in queries}
    assert {q: e for q, e in errors.items() if "The engine" in e or "Binder Error" in e} == {}
    assert "" in errors.values()


def _error(session: Session, query: str) -> str:
    """What the query fails with, of our own errors; nothing when it gives rows."""
    try:
        session.sql(query).collect()
    except StreamcoreError as error:
        return str(error)
    return ""
