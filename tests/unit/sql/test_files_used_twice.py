"""One file DataFrame at several places of a query, each of which needs other columns of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.spi.datasource import DataSource, DataSourceReader, InputPartition
from streamcore.spi.row import Row
from streamcore.spi.types import StructType
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session

PEOPLE = [(1, "Ann", "red", 2), (2, "Bob", "blue", 3), (3, "Cid", "red", None)]


@pytest.fixture(scope="module", params=["parquet", "json", "csv"])
def people(
    request: pytest.FixtureRequest, session: Session, tmp_path_factory: pytest.TempPathFactory
) -> DataFrame:
    folder: Path = tmp_path_factory.mktemp("people") / request.param
    schema = "id int, name string, team string, boss int"
    session.createDataFrame(PEOPLE, schema).write.format(request.param).save(str(folder))
    found = session.read.schema(schema).format(request.param).load(str(folder))
    found.createOrReplaceTempView("people")
    return found


def answers(found: DataFrame) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in found.collect()), key=repr)


def test_a_self_join_reads_each_sides_columns(people: DataFrame) -> None:
    joined = people.alias("p").join(people.alias("b"), F.col("p.boss") == F.col("b.id"))
    assert answers(joined.select("p.name", "b.team")) == [("Ann", "blue"), ("Bob", "red")]


def test_set_operations_read_each_sides_columns(people: DataFrame) -> None:
    ids, bosses = people.select("id"), people.select("boss")
    assert answers(ids.union(bosses)) == [(1,), (2,), (2,), (3,), (3,), (None,)]
    assert answers(ids.intersect(bosses)) == [(2,), (3,)]
    assert answers(ids.subtract(bosses)) == [(1,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT name FROM people WHERE id IN (SELECT boss FROM people)", [("Bob",), ("Cid",)]),
        (
            "SELECT name FROM people p WHERE NOT EXISTS (SELECT team FROM people WHERE boss = p.id)",
            [("Ann",)],
        ),
        ("SELECT name FROM people WHERE id = (SELECT max(boss) FROM people)", [("Cid",)]),
        (
            "SELECT name FROM people p WHERE id = (SELECT min(id) FROM people WHERE team = p.team)",
            [("Ann",), ("Bob",)],
        ),
        (
            """WITH t AS (SELECT id, boss, team FROM people)
            SELECT a.id, b.team FROM t a JOIN t b ON a.boss = b.id""",
            [(1, "blue"), (2, "red")],
        ),
        (
            """SELECT p.name, b.name, c.team FROM people p
            JOIN people b ON p.boss = b.id JOIN people c ON b.boss = c.id""",
            [("Ann", "Bob", "red")],
        ),
    ],
)  # fmt: skip
def test_subqueries_and_names_read_their_own_columns(
    people: DataFrame, text: str, expected: list[tuple[object, ...]]
) -> None:
    assert answers(people.sparkSession.sql(text)) == expected


def test_every_grouping_of_a_rollup_and_a_cube_reads_its_columns(people: DataFrame) -> None:
    count = F.count(F.lit(1)).alias("n")
    assert answers(people.rollup("team").agg(count)) == [("blue", 1), ("red", 2), (None, 3)]
    assert len(people.cube("team", "boss").agg(count).collect()) == 9
    text = "SELECT team, boss, count(*) FROM people GROUP BY GROUPING SETS ((team), (boss))"
    assert len(people.sparkSession.sql(text).collect()) == 5


def test_a_source_at_several_places_of_a_query_is_listed_once(session: Session) -> None:
    listings = []

    class Reader(DataSourceReader):
        def partitions(self) -> list[InputPartition]:
            listings.append(1)
            return [InputPartition(len(listings))]

        def read(self, partition: InputPartition) -> Iterator[tuple[int, int]]:
            yield (partition.value, 7)

    class Source(DataSource):
        @classmethod
        def name(cls) -> str:
            return "counting"

        def schema(self) -> str:
            return "a int, b int"

        def reader(self, schema: StructType) -> DataSourceReader:
            return Reader()

    session.dataSource.register(Source)
    found = session.read.format("counting").load()
    assert found.select("a").union(found.select("b")).union(found.select("a")).collect() == [
        Row(a=1), Row(a=7), Row(a=1)
    ]  # fmt: skip
    assert len(listings) == 1
