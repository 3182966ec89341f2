"""Tables by SQL text and by DataFrames: what they keep, what they refuse, and what a failure leaves."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from streamcore.errors import AnalysisException, ArithmeticException, StreamcoreError
from streamcore.spi.row import Row
from streamcore.spi.types import StructType, parse_ddl
from streamcore.sql import functions as F
from streamcore.sql.session import Session


def rows(session: Session, table: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in session.table(table).collect()), key=repr)


def refused(session: Session, text: str) -> str:
    with pytest.raises(StreamcoreError) as caught:
        session.sql(text)
    return str(caught.value)


# ---- CREATE, INSERT, DROP ------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["parquet", "json", "csv"])
def test_rows_of_a_table_are_read_by_its_name(session: Session, provider: str) -> None:
    session.sql(f"CREATE TABLE t (a INT, b STRING) USING {provider}")
    assert session.table("t").collect() == []
    session.sql("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
    session.sql("INSERT INTO t SELECT 3, 'y'")
    assert rows(session, "t") == [(1, "x"), (2, None), (3, "y")]
    assert session.sql("SELECT sum(t.a) AS s FROM spark_catalog.default.t").collect() == [Row(s=6)]


def test_a_table_outlives_the_session_that_made_it(session: Session) -> None:
    session.sql("CREATE TABLE kept (a INT COMMENT 'first', d STRING) USING json PARTITIONED BY (d)")
    session.sql("INSERT INTO kept VALUES (1, 'x')")
    other = session.newSession()
    assert other.table("kept").collect() == [Row(a=1, d="x")]
    assert other.catalog.listColumns("kept")[0].description == "first"


def test_a_table_is_described_in_json_beside_its_data(session: Session, folder: Path) -> None:
    session.sql("CREATE TABLE t (a INT) USING csv OPTIONS (header true) TBLPROPERTIES ('k' = 'v')")
    body = json.loads((folder / "_streamcore_catalog/tables/default/t.json").read_bytes())
    assert (body["provider"], body["options"], body["properties"]) == ("csv", {"header": "true"}, {"k": "v"})
    assert body["location"] is None


def test_a_description_that_is_damaged_is_named(session: Session, folder: Path) -> None:
    session.sql("CREATE TABLE t (a INT)")
    file = folder / "_streamcore_catalog/tables/default/t.json"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"format": 1', b'"format": 9'))
    assert "format 9" in refused(session, "SELECT * FROM t")
    file.write_bytes(whole[:20])
    assert str(file) in refused(session, "SELECT * FROM t")
    file.write_bytes(whole.replace(b'"table": "t"', b'"table": "../elsewhere"'))
    assert "restore the file" in refused(session, "DROP TABLE t")
    file.write_bytes(whole)


def test_a_name_is_taken_once(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT)")
    assert refused(session, "CREATE TABLE T (b INT)").startswith("[TABLE_OR_VIEW_ALREADY_EXISTS]")
    session.sql("CREATE TABLE IF NOT EXISTS t (b INT)")
    assert session.table("t").columns == ["a"]


def test_dropping_a_managed_table_removes_its_files(session: Session, folder: Path) -> None:
    session.range(1).write.saveAsTable("t")
    assert (folder / "t").is_dir()
    session.sql("DROP TABLE t")
    assert not (folder / "t").exists()
    assert refused(session, "DROP TABLE t").startswith("[TABLE_OR_VIEW_NOT_FOUND]")
    session.sql("DROP TABLE IF EXISTS t")


def test_dropping_a_table_with_a_location_leaves_its_files(session: Session, tmp_path: Path) -> None:
    session.sql(f"CREATE TABLE t (a INT) USING csv OPTIONS (header 'true') LOCATION '{tmp_path}/[x]'")
    session.sql("INSERT INTO t VALUES (1)")
    assert session.table("t").collect() == [Row(a=1)]
    session.sql("DROP TABLE t")
    assert list((tmp_path / "[x]").glob("*.csv"))
    session.sql(f"CREATE TABLE t USING csv OPTIONS (header 'true', path '{tmp_path}/[x]')")
    assert session.table("t").collect() == [Row(a="1")]


def test_a_folder_with_files_becomes_no_managed_table(session: Session, folder: Path) -> None:
    (folder / "full").mkdir()
    (folder / "full" / "file").touch()
    for text in ("CREATE TABLE full (a INT)", "CREATE TABLE full AS SELECT 1 AS a"):
        assert refused(session, text).startswith("[LOCATION_ALREADY_EXISTS]")
    assert not session.catalog.tableExists("full")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CREATE TABLE x (a INT, A INT)", "[COLUMN_ALREADY_EXISTS]"),
        ("CREATE TABLE x (a INT) PARTITIONED BY (b)", "[COLUMN_NOT_DEFINED_IN_TABLE]"),
        ("CREATE TABLE x (a INT) PARTITIONED BY (a)", "[ALL_PARTITION_COLUMNS_NOT_ALLOWED]"),
        ("CREATE TABLE x (a INT) USING kafka", "keeps no files"),
        ("CREATE TABLE x (a INT) USING pqrquet", "[DATA_SOURCE_NOT_FOUND]"),
        ("CREATE TABLE x (a INT) USING csv OPTIONS (heeder true)", "no option heeder"),
        ("CREATE TABLE x (a INT) OPTIONS (maxFilesPerTrigger 1)", "no option maxFilesPerTrigger"),
        ("CREATE TABLE x (a INT) OPTIONS (paths '[]')", "no option paths"),
        ("CREATE TABLE x (a INT) OPTIONS (partitionBy 'a')", "must be a JSON list"),
        ("CREATE TABLE `a/b` (a INT)", "[INVALID_SCHEMA_OR_RELATION_NAME]"),
        ("CREATE TABLE no_db.x (a INT)", "[SCHEMA_NOT_FOUND]"),
        ("CREATE TABLE other.default.x (a INT)", "[CATALOG_NOT_FOUND]"),
        ("CREATE OR REPLACE TABLE x (a INT)", "does not support REPLACE TABLE"),
        ("CREATE TABLE x (a INT PRIMARY KEY)", "not offered"),
        ("CREATE TABLE x (a INT DEFAULT 'q')", "[CAST_INVALID_INPUT]"),
        ("CREATE TABLE x (a INT) AS SELECT 1", "takes its columns from the query"),
        ("CREATE TABLE x (a INT) CLUSTERED BY (a) INTO 0 BUCKETS", "[INVALID_BUCKET_COUNT]"),
    ],
)
def test_what_cannot_be_a_table_is_refused(session: Session, text: str, reason: str) -> None:
    assert reason in refused(session, text)
    assert not session.catalog.tableExists("x")


# ---- what may be stored --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("INSERT INTO t VALUES (1)", "[INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS]"),
        ("INSERT INTO t VALUES (1, 'a', 3)", "[INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS]"),
        ("INSERT INTO t VALUES ('q', 'a')", "[INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST]"),
        ("INSERT INTO t VALUES (true, 'a')", "[INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST]"),
        ("INSERT INTO t VALUES (DATE'2020-01-01', 'a')", "[INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST]"),
        ("INSERT INTO t (b, zz) VALUES ('z', 9)", "[UNRESOLVED_COLUMN.WITH_SUGGESTION]"),
        ("INSERT INTO t (b, b) VALUES ('z', 9)", "[COLUMN_ALREADY_EXISTS]"),
        ("INSERT INTO t BY NAME SELECT 'n' AS b, 4 AS q", "[INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS]"),
        ("INSERT INTO missing VALUES (1)", "[TABLE_OR_VIEW_NOT_FOUND]"),
        ("INSERT INTO t PARTITION (a = 1) VALUES ('x')", "[NON_PARTITION_COLUMN]"),
        ("INSERT OVERWRITE t SELECT a + 1, b FROM t", "[UNSUPPORTED_OVERWRITE.TABLE]"),
        ("INSERT INTO t VALUES (3000000000, 'a')", "[CAST_OVERFLOW]"),
    ],
)
def test_an_insert_that_does_not_fit_is_refused_and_changes_nothing(
    session: Session, text: str, reason: str
) -> None:
    session.sql("CREATE TABLE t (a INT, b STRING)")
    session.sql("INSERT INTO t VALUES (0, 'was')")
    assert refused(session, text).startswith(reason)
    assert rows(session, "t") == [(0, "was")]


def test_columns_that_an_insert_does_not_list_get_their_defaults(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT DEFAULT 1 + 2, b STRING, c CHAR(3))")
    session.sql("INSERT INTO t (b) VALUES ('only')")
    session.sql("INSERT INTO t (c, a) VALUES ('x', 9)")
    session.sql("INSERT INTO t BY NAME SELECT 5.7 AS a, 8 AS b")
    assert rows(session, "t") == [(3, "only", None), (5, "8", None), (9, None, "x  ")]


def test_a_text_that_is_longer_than_its_column_is_refused_unless_blank(session: Session) -> None:
    session.sql("CREATE TABLE t (v VARCHAR(2))")
    session.sql("INSERT INTO t VALUES ('a  ')")
    assert session.table("t").collect() == [Row(v="a ")]
    assert "[EXCEED_LIMIT_LENGTH]" in refused(session, "INSERT INTO t VALUES ('abc')")


# ---- partitions ----------------------------------------------------------------------------------


def test_partition_columns_stand_behind_the_others(session: Session, folder: Path) -> None:
    session.sql("CREATE TABLE p (a INT, d STRING, c INT) PARTITIONED BY (d)")
    session.sql("INSERT INTO p VALUES (1, 2, 'x')")
    session.sql("INSERT INTO p PARTITION (d = 'y') VALUES (3, 4)")
    session.sql("INSERT INTO p PARTITION (d) SELECT 5, 6, NULL")
    assert session.table("p").columns == ["a", "c", "d"]
    assert rows(session, "p") == [(1, 2, "x"), (3, 4, "y"), (5, 6, None)]
    assert session.catalog.listPartitions("p")[0].partition == "d=__HIVE_DEFAULT_PARTITION__"
    assert (folder / "p" / "d=y").is_dir()


def test_an_overwrite_of_one_partition_leaves_the_others(session: Session) -> None:
    session.sql("CREATE TABLE p (a INT, k INT, d DATE) PARTITIONED BY (k, d)")
    session.sql("INSERT INTO p VALUES (1, 1, DATE'2026-01-01'), (2, 1, DATE'2026-01-02'), (3, 2, NULL)")
    session.sql("INSERT OVERWRITE p PARTITION (k = '01', d = '2026-01-01') VALUES (10)")
    assert [row[0] for row in rows(session, "p")] == [10, 2, 3]
    session.sql("INSERT OVERWRITE p PARTITION (k = 1) SELECT 7, DATE'2026-03-03' WHERE false")
    assert [row[0] for row in rows(session, "p")] == [3]
    assert "first of the partition columns" in refused(
        session, "INSERT INTO p PARTITION (d = NULL) SELECT 1, 2"
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("tinyint", -3),
        ("float", 1.5),
        ("decimal(5,2)", Decimal("1.50")),
        ("boolean", True),
        ("timestamp_ntz", dt.datetime.fromisoformat("2026-07-01T12:00:00.250")),
        ("string", "a/b=c"),
    ],
)
def test_a_value_in_a_folders_name_is_read_as_what_it_was(session: Session, kind: str, value: object) -> None:
    session.createDataFrame([(1, value)], f"a int, k {kind}").write.partitionBy("k").saveAsTable("t")
    assert session.table("t").collect() == [Row(a=1, k=value)]
    assert session.table("t").schema["k"].dataType.simpleString() == kind


def test_an_instant_in_a_folders_name_is_in_the_sessions_zone(session: Session, folder: Path) -> None:
    frame = session.sql("SELECT 1 AS a, TIMESTAMP'2026-07-01 12:00:00' AS k")
    frame.write.partitionBy("k").saveAsTable("t")
    assert (folder / "t" / "k=2026-07-01 12%3A00%3A00").is_dir()
    assert session.table("t").where("k = TIMESTAMP'2026-07-01 10:00:00Z'").count() == 1


def test_truncating_removes_rows_and_keeps_columns(session: Session) -> None:
    session.sql("CREATE TABLE p (a INT, d STRING) PARTITIONED BY (d)")
    session.sql("INSERT INTO p VALUES (1, 'x')")
    session.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
    session.sql("TRUNCATE TABLE p")
    session.conf.unset("spark.sql.sources.partitionOverwriteMode")
    assert session.table("p").collect() == []
    assert session.table("p").columns == ["a", "d"]


# ---- DataFrames ----------------------------------------------------------------------------------


def test_save_as_table_goes_by_its_mode(session: Session) -> None:
    frame = session.createDataFrame([(1, "a")], "id int, s string")
    frame.write.saveAsTable("t")
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_ALREADY_EXISTS"):
        frame.write.saveAsTable("t")
    frame.write.mode("ignore").saveAsTable("t")
    frame.select("s", "id").write.mode("append").saveAsTable("t")
    assert rows(session, "t") == [(1, "a"), (1, "a")]
    frame.toDF("x", "y").write.mode("overwrite").format("json").partitionBy("x").saveAsTable("t")
    assert session.table("t").collect() == [Row(y="a", x=1)]


@pytest.mark.parametrize(
    ("columns", "writer", "reason"),
    [
        (["id"], {}, "column number"),
        (["id as a", "s as b"], {}, "Cannot resolve `id`"),
        (["'q' as id", "s"], {}, "CANNOT_SAFELY_CAST"),
        (["id", "s"], {"format": "json"}, "doesn't match the specified format"),
        (["id", "s"], {"partitionBy": "s"}, "Specified partitioning does not match"),
    ],
)
def test_an_append_that_does_not_fit_is_refused(
    session: Session, columns: list[str], writer: dict[str, str], reason: str
) -> None:
    frame = session.createDataFrame([(1, "a")], "id int, s string")
    frame.write.saveAsTable("t")
    with pytest.raises(AnalysisException, match=reason):
        frame.selectExpr(*columns).write.mode("append").saveAsTable("t", **writer)
    assert session.table("t").count() == 1


def test_insert_into_goes_by_position(session: Session) -> None:
    session.createDataFrame([(1, "a")], "id int, s string").write.saveAsTable("t")
    session.createDataFrame([(2, "b")], "s int, id string").write.insertInto("t")
    assert rows(session, "t") == [(1, "a"), (2, "b")]
    session.createDataFrame([(3, "c")], "x int, y string").write.insertInto("t", overwrite=True)
    assert rows(session, "t") == [(3, "c")]
    with pytest.raises(AnalysisException, match="PARTITION_BY_NOT_ALLOWED_WITH_INSERT_INTO"):
        session.range(1).write.partitionBy("id").insertInto("t")


def test_a_query_that_fails_leaves_no_table_and_changes_none(session: Session, folder: Path) -> None:
    failing = session.range(3).select((F.lit(1) / (F.col("id") - 2)).alias("x"))
    with pytest.raises(ArithmeticException):
        failing.write.saveAsTable("t")
    assert not session.catalog.tableExists("t")
    session.range(1).write.saveAsTable("t")
    with pytest.raises(ArithmeticException):
        failing.write.mode("overwrite").saveAsTable("t")
    assert session.table("t").collect() == [Row(id=0)]


def test_a_table_that_is_to_move_stays_as_it_was_when_the_query_fails(
    session: Session, tmp_path: Path
) -> None:
    session.range(1).write.saveAsTable("t")
    failing = session.range(3).select(F.expr("raise_error('boom')").alias("a"))
    with pytest.raises(StreamcoreError, match="boom"):
        failing.write.mode("overwrite").option("path", str(tmp_path / "moved")).saveAsTable("t")
    assert rows(session, "t") == [(0,)]


def test_a_table_moves_with_the_rows_that_were_read_from_its_old_files(
    session: Session, folder: Path, tmp_path: Path
) -> None:
    session.range(3).write.saveAsTable("t")
    frame = session.read.parquet(str(folder / "t")).selectExpr("id + 1 AS more")
    frame.write.mode("overwrite").option("path", str(tmp_path / "moved")).saveAsTable("t")
    assert rows(session, "t") == [(1,), (2,), (3,)]
    assert not (folder / "t").exists()


def test_a_table_does_not_move_into_a_folder_that_is_removed_or_has_files(
    session: Session, folder: Path, tmp_path: Path
) -> None:
    session.range(1).write.saveAsTable("t")
    (tmp_path / "other").write_text("not the table's")
    writer = session.range(2).write.mode("overwrite")
    for place, reason in [(folder / "t" / "inner", "outside of it"), (tmp_path, "non-empty")]:
        with pytest.raises(AnalysisException, match=reason):
            writer.option("path", str(place)).saveAsTable("t")
    assert rows(session, "t") == [(0,)]


@pytest.mark.parametrize("place", [".", "..", "_streamcore_catalog", "_streamcore_catalog/tables"])
def test_no_table_is_where_its_files_would_take_the_catalog_along(
    session: Session, folder: Path, place: str
) -> None:
    session.range(1).write.saveAsTable("t")
    assert "the catalog is in" in refused(
        session, f"CREATE TABLE u (a INT) USING parquet LOCATION '{folder / place}'"
    )
    assert rows(session, "t") == [(0,)]


def test_no_table_is_named_as_the_folder_of_the_catalog(session: Session) -> None:
    assert "the catalog is in" in refused(session, "CREATE TABLE _streamcore_catalog (a INT)")


def test_a_table_whose_writer_died_between_rows_and_columns_is_not_read(
    session: Session, folder: Path
) -> None:
    session.range(1).write.saveAsTable("t")
    file = folder / "_streamcore_catalog/tables/default/t.json"
    file.write_bytes(file.read_bytes().replace(b'"is_unfinished": false', b'"is_unfinished": true'))
    with pytest.raises(AnalysisException, match="overwrite the table, or drop it"):
        session.table("t")
    session.range(2).write.mode("overwrite").saveAsTable("t")
    assert session.table("t").count() == 2


def test_rows_of_a_clustered_table_are_sorted_in_each_file(session: Session) -> None:
    session.createDataFrame([(3,), (1,), (2,)], "a int").coalesce(1).write.clusterBy("a").saveAsTable("t")
    assert [row.a for row in session.table("t").collect()] == [1, 2, 3]
    assert session.catalog.listColumns("t")[0].isCluster
    with pytest.raises(AnalysisException, match="Clustering column nope not found"):
        session.range(1).write.clusterBy("nope").saveAsTable("u")


def test_a_cached_table_shows_rows_that_come_later(session: Session) -> None:
    session.range(1).write.saveAsTable("t")
    session.catalog.cacheTable("t")
    assert session.table("t").count() == 1
    session.range(1).write.insertInto("t")
    assert session.table("t").count() == 2
    assert session.catalog.isCached("t")


def test_a_view_hides_the_table_of_its_name_and_goes_first(session: Session) -> None:
    session.range(1).write.saveAsTable("t")
    session.range(2).createOrReplaceTempView("t")
    assert session.table("t").count() == 2
    assert session.table("default.t").count() == 1
    session.sql("DROP TABLE t")
    assert session.table("t").count() == 1
    assert refused(session, "DROP VIEW t").startswith("[WRONG_COMMAND_FOR_OBJECT_TYPE]")


def test_a_tables_schema_is_not_given_by_its_reader(session: Session) -> None:
    session.range(1).write.saveAsTable("t")
    with pytest.raises(AnalysisException, match="User specified schema not supported"):
        session.read.schema("id long").table("t")
    assert session.read.option("ignoreMissingFiles", True).table("t").count() == 1
    with pytest.raises(AnalysisException, match="leave the option basePath out"):
        session.read.option("basePath", "x").table("t")


# ---- databases, ALTER, SHOW ----------------------------------------------------------------------


def test_names_are_looked_for_in_the_current_database(session: Session, folder: Path) -> None:
    session.sql("CREATE DATABASE d1 COMMENT 'other'")
    session.sql("CREATE TABLE d1.t AS SELECT 1 AS z")
    assert (folder / "d1.db" / "t").is_dir()
    session.sql("USE d1")
    assert session.sql("SELECT * FROM t").collect() == [Row(z=1)]
    assert session.newSession().catalog.currentDatabase() == "default"
    assert refused(session, "DROP DATABASE d1").startswith("[SCHEMA_NOT_EMPTY]")
    session.sql("DROP DATABASE d1 CASCADE")
    assert session.catalog.currentDatabase() == "default"
    assert not session.catalog.databaseExists("d1")
    assert refused(session, "USE d1").startswith("[SCHEMA_NOT_FOUND]")


def test_a_renamed_table_keeps_its_rows(session: Session, folder: Path) -> None:
    session.range(2).write.saveAsTable("old")
    session.sql("ALTER TABLE old RENAME TO new")
    assert session.table("new").count() == 2
    assert not session.catalog.tableExists("old")
    assert not (folder / "old").exists()


def test_an_added_column_is_null_in_rows_that_were_there(session: Session) -> None:
    session.sql("CREATE TABLE p (a INT, d STRING) PARTITIONED BY (d)")
    session.sql("INSERT INTO p VALUES (1, 'x')")
    session.sql("ALTER TABLE p ADD COLUMNS (z DOUBLE)")
    assert session.table("p").collect() == [Row(a=1, z=None, d="x")]
    assert "would need the value" in refused(session, "ALTER TABLE p ADD COLUMNS (y INT DEFAULT 1)")


def test_the_statement_that_is_shown_makes_the_same_table(session: Session) -> None:
    session.sql(
        "CREATE TABLE t (a INT NOT NULL DEFAULT 3 COMMENT 'it''s', `b c` STRUCT<X: INT>, d CHAR(2)) "
        "USING json OPTIONS (dateFormat 'yyyy') PARTITIONED BY (d) COMMENT 'tab' TBLPROPERTIES ('k' = 'v')"
    )
    shown = session.sql("SHOW CREATE TABLE t").collect()[0][0]
    described = session.sql("DESCRIBE t").collect()
    session.sql("DROP TABLE t")
    session.sql(shown)
    assert session.sql("DESCRIBE t").collect() == described
    assert session.sql("SHOW CREATE TABLE t").collect()[0][0] == shown


def test_describing_a_table_tells_its_partitions_and_more_when_asked(session: Session) -> None:
    session.sql("CREATE TABLE p (a INT, d STRING) USING csv OPTIONS (sep '|') PARTITIONED BY (d)")
    short = [tuple(row) for row in session.sql("DESCRIBE p").collect()]
    assert short == [
        ("a", "int", None),
        ("d", "string", None),
        ("# Partition Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("d", "string", None),
    ]
    facts = {row[0]: row[1] for row in session.sql("DESCRIBE EXTENDED p").collect()}
    assert (facts["Type"], facts["Provider"], facts["Storage Properties"]) == ("MANAGED", "csv", "[sep=|]")


def test_a_table_like_another_has_its_columns_and_partitions(session: Session) -> None:
    session.sql("CREATE TABLE p (a INT, d STRING) USING json PARTITIONED BY (d)")
    session.sql("CREATE TABLE q LIKE p")
    assert session.sql("DESCRIBE q").collect() == session.sql("DESCRIBE p").collect()
    assert session.catalog.getTable("q").tableType == "MANAGED"


def test_the_catalog_lists_what_there_is(session: Session, tmp_path: Path) -> None:
    session.range(2).write.parquet(str(tmp_path / "there"))
    made = session.catalog.createTable("ext", path=str(tmp_path / "there"))
    assert made.count() == 2
    session.catalog.createTable("own", schema=StructType(parse_ddl("x int").fields), description="mine")
    listed = session.catalog.listTables()
    assert [(t.name, t.tableType, t.description, t.database) for t in listed] == [
        ("ext", "EXTERNAL", None, "default"),
        ("own", "MANAGED", "mine", "default"),
    ]
    assert session.sql("SHOW TABLES LIKE 'o*'").collect() == [
        Row(namespace="default", tableName="own", isTemporary=False)
    ]
    session.catalog.dropTable("own")
    assert not session.catalog.tableExists("own")


def test_rows_are_read_in_the_order_of_the_tasks_that_wrote_them(session: Session, tmp_path: Path) -> None:
    session.range(0, 40, 1, numPartitions=8).write.json(str(tmp_path / "x"))
    assert [row.id for row in session.read.json(str(tmp_path / "x")).collect()] == list(range(40))


def test_a_kept_result_of_files_is_computed_anew_after_refresh_by_path(
    session: Session, tmp_path: Path
) -> None:
    session.range(1).write.parquet(str(tmp_path / "x"))
    frame = session.read.parquet(str(tmp_path / "x")).cache()
    assert frame.count() == 1
    session.range(1).write.mode("append").parquet(str(tmp_path / "x"))
    assert frame.count() == 1
    session.catalog.refreshByPath(str(tmp_path / "x"))
    assert frame.count() == 2
    frame.unpersist()


def test_an_instant_in_a_folders_name_stays_what_it_was_in_another_zone(session: Session) -> None:
    session.sql("SELECT 1 AS a, TIMESTAMP'2026-07-01 12:00:00' AS k").write.partitionBy("k").saveAsTable("t")
    session.conf.set("spark.sql.session.timeZone", "UTC")
    session.sql("INSERT INTO t VALUES (2, TIMESTAMP'2026-07-01 10:00:00')")
    found = session.table("t").groupBy("k").count().collect()
    session.conf.unset("spark.sql.session.timeZone")
    assert [row["count"] for row in found] == [2]


def test_a_table_is_read_by_the_zone_of_the_session_as_it_is_now(session: Session) -> None:
    session.sql("CREATE TABLE t (a TIMESTAMP) USING csv")
    session.sql("CREATE TABLE raw USING text AS SELECT '2026-07-01 12:00:00' AS value")
    folder = session.sql("DESCRIBE EXTENDED raw").where("col_name = 'Location'").collect()[0].data_type
    session.sql("DROP TABLE t")
    session.sql(
        f"CREATE TABLE t (a TIMESTAMP) USING csv OPTIONS (timestampFormat 'yyyy-MM-dd HH:mm:ss') "
        f"LOCATION '{folder}'"
    )
    before = session.table("t").collect()[0].a
    session.conf.set("spark.sql.session.timeZone", "UTC")
    after = session.table("t").collect()[0].a
    session.conf.unset("spark.sql.session.timeZone")
    assert (after - before) == dt.timedelta(hours=2)


def test_an_append_may_not_write_what_the_table_would_read_otherwise(session: Session) -> None:
    frame = session.range(1)
    frame.write.format("csv").option("header", True).saveAsTable("t")
    frame.write.mode("append").option("header", True).option("compression", "gzip").saveAsTable("t")
    with pytest.raises(AnalysisException, match="is read with sep=None"):
        frame.write.mode("append").option("sep", "|").saveAsTable("t")
    with pytest.raises(AnalysisException, match="no option seperator"):
        frame.write.option("seperator", "|").insertInto("t")
    with pytest.raises(AnalysisException, match="doesn't match the specified format"):
        frame.write.format("json").insertInto("t")
    assert session.table("t").count() == 2


def test_a_dynamic_overwrite_replaces_the_partitions_that_it_has_rows_for(session: Session) -> None:
    session.sql("CREATE TABLE p (a INT, k INT, d INT) PARTITIONED BY (k, d)")
    session.sql("INSERT INTO p VALUES (1, 1, 1), (2, 1, 2)")
    session.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
    session.sql("INSERT OVERWRITE p PARTITION (k = 1, d) VALUES (9, 2)")
    assert [row[0] for row in rows(session, "p")] == [1, 9]
    session.sql("INSERT OVERWRITE p PARTITION (k = 1, d = 1) SELECT 7 WHERE false")
    session.conf.unset("spark.sql.sources.partitionOverwriteMode")
    assert [row[0] for row in rows(session, "p")] == [9]


def test_a_database_may_have_a_folder_of_its_own(session: Session, tmp_path: Path) -> None:
    session.sql(f"CREATE DATABASE elsewhere LOCATION 'file:{tmp_path}/db'")
    session.range(1).write.saveAsTable("elsewhere.t")
    assert (tmp_path / "db" / "t").is_dir()
    assert session.catalog.getDatabase("elsewhere").locationUri == f"file:{tmp_path}/db"


def test_a_with_clause_before_an_insert_belongs_to_its_query(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT)")
    session.sql("WITH s AS (SELECT 7 AS a) INSERT INTO t SELECT a FROM s UNION ALL SELECT a + 1 FROM s")
    assert rows(session, "t") == [(7,), (8,)]
    session.sql(
        "WITH s AS (SELECT 1 AS a) INSERT INTO t WITH r AS (SELECT a + 1 AS a FROM s) SELECT a FROM r"
    )
    assert rows(session, "t") == [(2,), (7,), (8,)]


def test_statements_about_a_table_refuse_a_view_that_hides_it(session: Session) -> None:
    session.sql("CREATE TABLE hidden (a INT)")
    session.range(1).createOrReplaceTempView("hidden")
    try:
        for text in (
            "INSERT INTO hidden VALUES (1)",
            "TRUNCATE TABLE hidden",
            "ALTER TABLE hidden RENAME TO u",
        ):
            assert "expects a table but `hidden` is a view" in refused(session, text)
        session.sql("INSERT INTO default.hidden VALUES (1)")
    finally:
        session.catalog.dropTempView("hidden")
    assert rows(session, "hidden") == [(1,)]


def test_a_listed_column_that_is_not_there_is_told_with_the_nearest_as_pyspark_does(
    session: Session,
) -> None:
    session.sql("CREATE TABLE t (a INT)")
    assert "one of the following? [`a`]" in refused(session, "INSERT INTO t (aa) VALUES (1)")


def test_a_table_whose_folder_is_a_link_is_dropped_with_the_link_alone(
    session: Session, folder: Path, tmp_path: Path
) -> None:
    session.range(2).write.saveAsTable("t")
    (folder / "t").rename(tmp_path / "elsewhere")
    (folder / "t").symlink_to(tmp_path / "elsewhere")
    session.sql("DROP TABLE t")
    assert session.read.parquet(str(tmp_path / "elsewhere")).count() == 2
    session.range(1).write.saveAsTable("t")
    assert rows(session, "t") == [(0,)]


def test_a_location_that_is_a_file_is_refused_as_such(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    text = f"USING csv LOCATION '{tmp_path / 'a.csv'}'"
    for columns in ("(a INT)", ""):
        assert "is a file, and the location of a table is a folder" in refused(
            session, f"CREATE TABLE t {columns} {text}"
        )
