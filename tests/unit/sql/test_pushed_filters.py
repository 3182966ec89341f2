"""Conditions on a source's rows are offered to its reader, and applied whatever it makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from streamcore.spi.datasource import DataSource, DataSourceReader, Filter, InputPartition
from streamcore.spi.filters import EqualTo, GreaterThan, In, IsNull, LessThanOrEqual, Not, StringStartsWith
from streamcore.sql.session import Session

_OFFERED: list[list[Filter]] = []


class _Letters(DataSource):
    """Ten rows; it claims to have applied all filters, and applies none."""

    @classmethod
    def name(cls) -> str:
        return "letters_with_filters"

    def schema(self) -> str:
        return "n int, s string, x double, ok boolean"

    def reader(self, schema: Any) -> DataSourceReader:
        return _Reader()


class _Reader(DataSourceReader):
    def pushFilters(self, filters: list[Filter]) -> Iterable[Filter]:
        _OFFERED.append(filters)
        return []

    def partitions(self) -> Sequence[InputPartition]:
        return [InputPartition(0), InputPartition(1)]

    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]]:
        for at in range(5 * partition.value, 5 * partition.value + 5):
            yield at, "abcde"[at % 5], at / 2, at % 2 == 0


@pytest.mark.parametrize(
    ("condition", "offered", "rows"),
    [
        ("n > 3", [GreaterThan(("n",), 3)], 6),
        ("3 < n AND s = 'a'", [GreaterThan(("n",), 3), EqualTo(("s",), "a")], 1),
        ("n IN (1, 2) AND NOT (s IS NULL)", [In(("n",), (1, 2)), Not(IsNull(("s",)))], 2),
        ("n BETWEEN -1 AND 2", None, 3),
        (
            "startswith(s, 'b') AND x <= 1.5",
            [StringStartsWith(("s",), "b"), LessThanOrEqual(("x",), 1.5)],
            1,
        ),
        ("n + 1 > 3", [], 7),
        ("n > 3 OR s = 'a'", [], 7),
        ("n > '3'", [], 6),
    ],
)
def test_a_reader_is_offered_the_conditions_that_are_predicates(
    session: Session, condition: str, offered: list[Filter] | None, rows: int
) -> None:
    session.dataSource.register(_Letters)
    _OFFERED.clear()
    found = session.read.format("letters_with_filters").load().where(condition)
    assert found.count() == rows
    assert offered is None or ([offered] if offered else []) == _OFFERED


def test_conditions_of_one_place_are_not_offered_for_another(session: Session) -> None:
    session.dataSource.register(_Letters)
    _OFFERED.clear()
    read = session.read.format("letters_with_filters").load()
    assert read.where("n > 7").union(read.where("n < 1")).count() == 3
    assert read.where("n > 7").join(read, "n").count() == 2
    assert [] not in _OFFERED
