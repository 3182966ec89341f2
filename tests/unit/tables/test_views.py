"""Views that are kept: text in the catalog, planned when they are asked for."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.sql.session import Session


def rows(session: Session, text: str) -> list[tuple[object, ...]]:
    return sorted(map(tuple, session.sql(text).collect()))


def refused(session: Session, text: str) -> str:
    with pytest.raises(StreamcoreError) as caught:
        session.sql(text).collect()
    return str(caught.value)


@pytest.fixture
def t(session: Session) -> str:
    session.sql("CREATE TABLE t (a INT COMMENT 'first', b STRING)")
    session.sql("INSERT INTO t VALUES (1, 'x'), (2, 'y')")
    return "t"


def test_a_view_is_there_for_other_sessions_and_reads_what_there_is_then(session: Session, t: str) -> None:
    session.sql("CREATE VIEW v (n COMMENT 'number') COMMENT 'all' AS SELECT a FROM t")
    other = session.newSession()
    assert rows(other, "SELECT n FROM v") == [(1,), (2,)]
    session.sql(f"INSERT INTO {t} VALUES (3, 'z')")
    assert rows(other, "SELECT n FROM v") == [(1,), (2,), (3,)]
    assert rows(other, "DESCRIBE v") == [("n", "int", "number")]


def test_the_name_of_a_view_is_claimed_once_together_with_those_of_tables(session: Session, t: str) -> None:
    session.sql("CREATE VIEW v AS SELECT 1 AS one")
    assert "TABLE_OR_VIEW_ALREADY_EXISTS" in refused(session, "CREATE VIEW v AS SELECT 2")
    assert "TABLE_OR_VIEW_ALREADY_EXISTS" in refused(session, f"CREATE VIEW {t} AS SELECT 2")
    assert "TABLE_OR_VIEW_ALREADY_EXISTS" in refused(session, "CREATE TABLE v (a INT)")
    assert "EXPECT_VIEW_NOT_TABLE" in refused(session, f"CREATE OR REPLACE VIEW {t} AS SELECT 2")
    session.sql("CREATE VIEW IF NOT EXISTS v AS SELECT 2 AS two")
    assert rows(session, "SELECT * FROM v") == [(1,)]


def test_names_in_a_view_are_those_of_the_database_in_which_it_was_made(session: Session) -> None:
    session.sql("CREATE DATABASE d")
    session.sql("USE d")
    session.sql("CREATE TABLE here AS SELECT 5 AS five")
    session.sql("CREATE VIEW v AS SELECT * FROM here")
    session.sql("USE default")
    session.range(1).createOrReplaceTempView("here")
    assert rows(session, "SELECT * FROM d.v") == [(5,)]
    session.sql("DROP VIEW here")


def test_a_view_that_is_kept_names_nothing_that_goes_with_the_session(session: Session) -> None:
    session.range(1).createOrReplaceTempView("passing")
    assert "INVALID_TEMP_OBJ_REFERENCE" in refused(session, "CREATE VIEW v AS SELECT * FROM passing")
    assert not session.catalog.tableExists("v")


def test_a_view_cannot_come_to_read_itself(session: Session) -> None:
    session.sql("CREATE VIEW v AS SELECT 1 AS a")
    session.sql("CREATE VIEW w AS SELECT * FROM v")
    for text in ("CREATE OR REPLACE VIEW v AS SELECT * FROM w", "ALTER VIEW v AS SELECT * FROM w"):
        assert "RECURSIVE_VIEW" in refused(session, text)
    assert rows(session, "SELECT * FROM w") == [(1,)]


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("", [("a", "int"), ("b", "string")]),
        ("WITH SCHEMA TYPE EVOLUTION", [("a", "bigint"), ("b", "string")]),
        ("WITH SCHEMA EVOLUTION", [("a", "bigint"), ("b", "string"), ("c", "int")]),
    ],
)
def test_what_a_view_makes_of_other_columns_depends_on_its_mode(
    session: Session, t: str, mode: str, shown: list[tuple[str, str]]
) -> None:
    session.sql(f"CREATE VIEW v {mode} AS SELECT * FROM {t}")
    session.sql(f"DROP TABLE {t}")
    session.sql(f"CREATE TABLE {t} (a BIGINT, b STRING, c INT)")
    assert session.table("v").dtypes == shown


def test_a_bound_view_refuses_narrower_columns_and_any_view_missing_ones(session: Session, t: str) -> None:
    session.sql(f"CREATE VIEW v WITH SCHEMA BINDING AS SELECT * FROM {t}")
    session.sql(f"DROP TABLE {t}")
    session.sql(f"CREATE TABLE {t} (a BIGINT, b STRING)")
    assert "CANNOT_UP_CAST_DATATYPE" in refused(session, "SELECT * FROM v")
    session.sql(f"DROP TABLE {t}")
    session.sql(f"CREATE TABLE {t} (a INT)")
    assert "INCOMPATIBLE_VIEW_SCHEMA_CHANGE" in refused(session, "SELECT * FROM v")


def test_a_view_keeps_the_modes_under_which_it_was_made(session: Session) -> None:
    session.conf.set("spark.sql.caseSensitive", "true")
    try:
        session.sql("CREATE VIEW v AS SELECT a, A FROM VALUES (1, 2) AS s(a, A)")
    finally:
        session.conf.unset("spark.sql.caseSensitive")
    kept = json.loads(_file(session, "v").read_text())
    assert kept["settings"]["spark.sql.caseSensitive"] == "true"


def test_views_are_altered_renamed_listed_and_dropped(session: Session, t: str) -> None:
    session.sql(f"CREATE VIEW v TBLPROPERTIES ('k' = '1') AS SELECT a FROM {t}")
    session.sql("ALTER VIEW v SET TBLPROPERTIES (k = 2, other = 'x')")
    session.sql("ALTER VIEW v UNSET TBLPROPERTIES (other)")
    session.sql("ALTER VIEW v AS SELECT b FROM t")
    session.sql("ALTER VIEW v RENAME TO w")
    assert rows(session, "SHOW TBLPROPERTIES w") == [("k", "2")]
    assert rows(session, "SHOW VIEWS") == [("default", "w", False)]
    assert rows(session, "SHOW TABLES LIKE 'w|t'") == [("default", "t", False), ("default", "w", False)]
    assert "AS SELECT b FROM t" in str(rows(session, "SHOW CREATE TABLE w"))
    assert session.catalog.getTable("w").tableType == "VIEW"
    session.sql("DROP VIEW w")
    assert rows(session, "SHOW VIEWS") == []
    session.sql("DROP VIEW IF EXISTS w")


def test_statements_about_tables_refuse_views_and_those_about_views_tables(session: Session, t: str) -> None:
    session.sql("CREATE VIEW v AS SELECT 1 AS a")
    for text in ("INSERT INTO v VALUES (1)", "TRUNCATE TABLE v", "ALTER TABLE v ADD COLUMNS (b INT)"):
        assert "EXPECT_TABLE_NOT_VIEW" in refused(session, text)
    assert "EXPECT_VIEW_NOT_TABLE" in refused(session, f"ALTER VIEW {t} AS SELECT 1")
    assert "WRONG_COMMAND_FOR_OBJECT_TYPE" in refused(session, f"DROP VIEW {t}")


def test_a_temporary_view_of_text_follows_a_table_that_is_made_anew(session: Session, t: str) -> None:
    session.sql("CREATE TEMPORARY VIEW v AS SELECT b FROM t")
    session.sql(f"DROP TABLE {t}")
    assert "TABLE_OR_VIEW_NOT_FOUND" in refused(session, "SELECT * FROM v")
    session.sql(f"CREATE TABLE {t} AS SELECT 'new' AS b")
    assert rows(session, "SELECT * FROM v") == [("new",)]
    session.sql("DROP VIEW v")


def test_a_temporary_view_names_files_of_a_format(session: Session, tmp_path: Path) -> None:
    session.range(3).write.parquet(str(tmp_path / "data"))
    session.sql(f"CREATE TEMP VIEW files USING parquet OPTIONS (path '{tmp_path / 'data'}')")
    assert rows(session, "SELECT count(*) FROM files") == [(3,)]
    session.sql("DROP VIEW files")


def test_a_damaged_description_is_named(session: Session) -> None:
    session.sql("CREATE VIEW v AS SELECT 1 AS a")
    file = _file(session, "v")
    text = file.read_text()
    file.write_text(text.replace('"mode": "COMPENSATION"', '"mode": "NONE"'))
    with pytest.raises(AnalysisException, match=r"v\.json is no description"):
        session.table("v")
    file.write_text(text)


def _file(session: Session, view: str) -> Path:
    folder = session.tables.store.catalog_folder
    return Path(folder) / "tables" / "default" / f"{view}.json"


def test_threads_plan_the_same_view_at_the_same_time(session: Session, t: str) -> None:
    session.sql(f"CREATE VIEW v AS SELECT * FROM {t}")
    name = session.tables.name_of(["v"])
    seen: list[object] = []
    with session.view_plans.planning(name):
        other = threading.Thread(target=lambda: seen.append(session.table("v").count()))
        other.start()
        other.join()
    assert seen == [2]
