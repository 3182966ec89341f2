"""subtract: a stream without the rows of a table, each row once."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.testing.memory_source import MemoryStream


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


def test_rows_of_the_table_are_left_out_and_the_others_come_once(session: Session) -> None:
    table = session.createDataFrame([("a", 1), (None, 2)], "k string, v bigint")
    stream = MemoryStream("k string, v bigint")
    writer = stream.toDF(session).subtract(table).writeStream.format("memory").queryName("subtracted")
    query = writer.start()
    for rows in ([("a", 1), ("a", 2), ("a", 2)], [(None, 2), ("a", 2), (None, None), ("b", 1)]):
        stream.addData(rows)
        query.processAllAvailable()
    query.stop()
    found = [tuple(row) for row in session.table("subtracted").collect()]
    assert sorted(found, key=str) == [("a", 2), ("b", 1), (None, None)]


def test_the_same_text_in_sql_is_the_same(session: Session) -> None:
    session.createDataFrame([(1,)], "v bigint").createOrReplaceTempView("known")
    stream = MemoryStream("v bigint")
    stream.toDF(session).createOrReplaceTempView("coming")
    found: list[Any] = []
    query = (
        session.sql("SELECT v FROM coming EXCEPT SELECT v FROM known")
        .writeStream.foreach(found.append)
        .start()
    )
    stream.addData([(1,), (2,), (2,)])
    query.processAllAvailable()
    query.stop()
    assert [row.v for row in found] == [2]
