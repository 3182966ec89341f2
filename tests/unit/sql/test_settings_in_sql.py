"""SET, RESET, SET TIME ZONE, USE, CACHE and what they answer."""

from __future__ import annotations

import pytest

from streamcore.errors import StreamcoreError
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.session import Session

ZONE = "spark.sql.session.timeZone"


@pytest.fixture
def own(session: Session) -> Session:
    return session.newSession()


def rows(session: Session, text: str) -> list[tuple[object, ...]]:
    return list(map(tuple, session.sql(text).collect()))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("SET TIME ZONE 'Europe/Berlin'", (ZONE, "Europe/Berlin")),
        ("SET TIME ZONE INTERVAL 10 HOURS", (ZONE, "+10:00")),
        ("SET spark.foo=bar baz", ("spark.foo", "bar baz")),
        ('SET spark.foo = "bar"', ("spark.foo", '"bar"')),
        ("SET `spark.foo` = `a; b`", ("spark.foo", "a; b")),
        ("SET spark.nothing", ("spark.nothing", "<undefined>")),
        ("SET spark.sql.caseSensitive", ("spark.sql.caseSensitive", "false")),
    ],
)
def test_set_answers_with_the_key_and_its_value(own: Session, text: str, answer: tuple[str, str]) -> None:
    assert rows(own, text) == [answer]
    assert rows(own, f"SET {answer[0]}") == [answer]


def test_reset_takes_back_what_the_session_set(own: Session) -> None:
    own.sql("SET spark.sql.caseSensitive=true")
    own.sql("SET spark.foo=1")
    assert ("spark.foo", "1") in rows(own, "SET")
    own.sql("RESET spark.foo")
    assert rows(own, "SET spark.foo") == [("spark.foo", "<undefined>")]
    own.sql("RESET")
    assert not own.conf.flag("spark.sql.caseSensitive")


def test_a_cached_query_has_a_name_and_a_cache_is_cleared(own: Session) -> None:
    own.sql("CACHE TABLE few AS SELECT 1 AS a")
    assert own.catalog.isCached("few")
    own.sql("UNCACHE TABLE few")
    assert not own.catalog.isCached("few")
    own.sql("CACHE LAZY TABLE few")
    own.sql("CLEAR CACHE")
    assert not own.catalog.isCached("few")
    own.sql("UNCACHE TABLE IF EXISTS nothing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SHOW TABLES EXTENDED", "at or near 'EXTENDED'"),
        ("USE", "expected a name"),
        ("CREATE VIEW v", "expected COMMENT or"),
        ("/* open", "UNCLOSED_BRACKETED_COMMENT"),
        ("CACHE TABLE t OPTIONS ('storageLevel' = 'DISK_ONLY')", "kept in memory"),
        ("ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS", "not offered"),
        ("SHOW PARTITIONS t PARTITION (a = 1", "( has no )"),
    ],
)
def test_what_does_not_read_as_a_statement_is_refused_with_its_place(
    own: Session, text: str, said: str
) -> None:
    with pytest.raises(StreamcoreError) as caught:
        own.sql(text)
    assert said in str(caught.value)


def test_a_cursor_keeps_names_literals_and_brackets_apart() -> None:
    cursor = Cursor("`a``b`.c ('x' 'y', f(1, 2), map<int, string>) -- end")
    assert cursor.name() == ["a`b", "c"]
    assert [item.peek_rest() for item in cursor.items()] == ["'x' 'y'", "f(1, 2)", "map<int, string>"]
    assert cursor.is_done


def test_a_command_is_explained_without_being_carried_out(own: Session) -> None:
    [(text,)] = rows(own, "EXPLAIN CREATE TEMP VIEW never AS SELECT 1")
    assert text == "== Physical Plan ==\nExecute CREATE TEMP VIEW never AS SELECT 1\n"
    assert not own.catalog.tableExists("never")
