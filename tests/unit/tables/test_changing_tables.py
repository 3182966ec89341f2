"""ALTER TABLE, INSERT in all its forms, ANALYZE, buckets, and writeTo."""

from __future__ import annotations

import pytest

from streamcore.errors import StreamcoreError
from streamcore.sql import functions as F
from streamcore.sql.session import Session


def rows(session: Session, text: str) -> list[tuple[object, ...]]:
    return sorted(map(tuple, session.sql(text).collect()), key=str)


def refused(session: Session, text: str) -> str:
    with pytest.raises(StreamcoreError) as caught:
        session.sql(text)
    return str(caught.value)


def test_comments_and_defaults_of_columns_change(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT, b STRING DEFAULT 'x')")
    session.sql("ALTER TABLE t CHANGE a COMMENT 'first', b COMMENT ''")
    session.sql("ALTER TABLE t ALTER COLUMN A TYPE INT")
    session.sql("ALTER TABLE t CHANGE COLUMN b b STRING COMMENT 'second'")
    session.sql("ALTER TABLE t ALTER COLUMN b SET DEFAULT 'y'")
    session.sql("COMMENT ON COLUMN t.a IS 'number'")
    session.sql("COMMENT ON TABLE t IS 'all'")
    assert rows(session, "DESCRIBE t")[2:] == [("a", "int", "number"), ("b", "string", "'y'"),
                                              ("b", "string", "second")]  # fmt: skip
    session.sql("INSERT INTO t (a) VALUES (1)")
    assert rows(session, "SELECT * FROM t") == [(1, "y")]
    session.sql("ALTER TABLE t ALTER COLUMN b DROP DEFAULT")
    session.sql("INSERT INTO t (a) VALUES (2)")
    assert rows(session, "SELECT * FROM t") == [(1, "y"), (2, None)]


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ("CHANGE a TYPE STRING", "NOT_SUPPORTED_CHANGE_COLUMN"),
        ("CHANGE a AFTER b", "UNSUPPORTED_FEATURE.TABLE_OPERATION"),
        ("RENAME COLUMN a TO c", "UNSUPPORTED_FEATURE.TABLE_OPERATION"),
        ("DROP COLUMN a", "UNSUPPORTED_FEATURE.TABLE_OPERATION"),
        ("CHANGE nope COMMENT 'x'", "UNRESOLVED_COLUMN"),
        ("CHANGE a", "requires a TYPE"),
        ("SET SERDEPROPERTIES ('a' = 'b')", "not offered"),
        ("ADD PARTITION (a = 1)", "PARTITION_SCHEMA_IS_EMPTY"),
        ("SET LOCATION '/tmp/elsewhere'", "not offered"),
    ],
)
def test_what_the_files_of_a_table_do_not_take_is_refused(
    session: Session, change: str, condition: str
) -> None:
    session.sql("CREATE TABLE t (a INT, b STRING)")
    assert condition in refused(session, f"ALTER TABLE t {change}")


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("UPDATE t SET a = 1", "UPDATE TABLE"),
        ("DELETE FROM t WHERE a = 1", "DELETE"),
        ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", "MERGE INTO TABLE"),
        ("CREATE OR REPLACE TABLE t (a INT)", "REPLACE TABLE"),
    ],
)
def test_single_rows_are_not_changed_as_in_spark(session: Session, text: str, operation: str) -> None:
    session.sql("CREATE TABLE t (a INT)")
    found = refused(session, text)
    assert "UNSUPPORTED_FEATURE.TABLE_OPERATION" in found
    assert f"does not support {operation}" in found


def test_partitions_are_dropped_and_emptied(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT, day STRING) PARTITIONED BY (day)")
    session.sql("INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")
    session.sql("ALTER TABLE t ADD IF NOT EXISTS PARTITION (day = 'w')")
    session.sql("ALTER TABLE t DROP IF EXISTS PARTITION (day = 'x'), PARTITION (day = 'none')")
    session.sql("TRUNCATE TABLE t PARTITION (day = 'y')")
    assert rows(session, "SELECT * FROM t") == [(3, "z")]
    assert rows(session, "SHOW PARTITIONS t PARTITION (day = 'z')") == [("day=z",)]
    session.sql("MSCK REPAIR TABLE t")
    assert "PARTITIONS_NOT_FOUND" in refused(session, "SHOW PARTITIONS t PARTITION (a = 1)")


def test_the_word_default_stands_for_the_value_of_its_column(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT DEFAULT 7, b STRING)")
    session.sql("INSERT INTO t VALUES (DEFAULT, 'v'), (1, DEFAULT)")
    session.sql("INSERT INTO t SELECT DEFAULT, 's'")
    session.sql("INSERT INTO t SELECT `default`, 'c' FROM VALUES (9) AS s(`default`)")
    assert rows(session, "SELECT * FROM t") == [(1, None), (7, "s"), (7, "v"), (9, "c")]


def test_fields_of_structs_go_by_place_as_columns_do(session: Session) -> None:
    session.sql("CREATE TABLE t (s STRUCT<a: INT, b: BIGINT>)")
    session.sql("INSERT INTO t VALUES ((1, 2))")
    assert rows(session, "SELECT s.a, s.b FROM t") == [(1, 2)]
    with pytest.raises(StreamcoreError, match="CANNOT_SAFELY_CAST"):
        session.sql("INSERT INTO t BY NAME SELECT (1, 2) AS s")


def test_one_source_goes_into_several_tables(session: Session) -> None:
    session.sql("CREATE TABLE low (a BIGINT)")
    session.sql("CREATE TABLE high (a BIGINT)")
    session.sql(
        "FROM range(4) INSERT INTO low SELECT id WHERE id < 2 INSERT INTO high SELECT id WHERE id > 1"
    )
    assert (rows(session, "TABLE low"), rows(session, "TABLE high")) == ([(0,), (1,)], [(2,), (3,)])


def test_buckets_are_noted_and_shown(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT, b INT) CLUSTERED BY (a) SORTED BY (b ASC) INTO 2 BUCKETS")
    session.range(3).write.bucketBy(4, "id").saveAsTable("u")
    assert "CLUSTERED BY (a)\nSORTED BY (b)\nINTO 2 BUCKETS" in str(
        rows(session, "SHOW CREATE TABLE t")[0][0]
    )
    assert ("Num Buckets", "4", "") in rows(session, "DESCRIBE EXTENDED u")
    assert rows(session, "SELECT count(*) FROM u") == [(3,)]


def test_sizes_are_noted_until_rows_are_written(session: Session) -> None:
    session.sql("CREATE TABLE t AS SELECT id FROM range(3)")
    session.sql("ANALYZE TABLE t COMPUTE STATISTICS")
    [noted] = [row for row in rows(session, "DESCRIBE EXTENDED t") if row[0] == "Statistics"]
    assert str(noted[1]).endswith("bytes, 3 rows")
    session.sql("INSERT INTO t VALUES (1)")
    assert not [row for row in rows(session, "DESCRIBE EXTENDED t") if row[0] == "Statistics"]


def test_secrets_are_not_shown(session: Session) -> None:
    session.sql("CREATE TABLE t (a INT) TBLPROPERTIES ('password' = 'p', 'a' = '1')")
    assert rows(session, "SHOW TBLPROPERTIES t") == [("a", "1"), ("password", "*********(redacted)")]
    assert rows(session, "SHOW TBLPROPERTIES t ('b')")[0][1] == (
        "Table spark_catalog.default.t does not have property: b"
    )


def test_databases_are_described_and_altered(session: Session) -> None:
    session.sql("CREATE DATABASE d COMMENT 'one' WITH DBPROPERTIES (a = 1)")
    session.sql("ALTER DATABASE d SET DBPROPERTIES (b = 'x')")
    session.sql("COMMENT ON DATABASE d IS 'two'")
    facts = rows(session, "DESCRIBE DATABASE EXTENDED d")
    assert ("Comment", "two") in facts
    assert ("Properties", "((a,1), (b,x))") in facts
    session.sql("USE spark_catalog.d")
    assert rows(session, "SHOW CURRENT NAMESPACE") == [("spark_catalog", "d")]


def test_verbs_say_what_becomes_of_a_table(session: Session) -> None:
    frame = session.range(4).withColumn("p", F.col("id") % 2)
    frame.writeTo("t").using("parquet").partitionedBy("p").tableProperty("k", "v").create()
    frame.select("p", "id").limit(1).writeTo("t").append()
    assert session.table("t").count() == 5
    frame.where("id = 3").writeTo("t").overwritePartitions()
    assert sorted(row.id for row in session.table("t").collect()) == [0, 0, 2, 3]
    frame.limit(1).writeTo("t").overwrite(F.lit(True))
    assert session.table("t").count() == 1
    session.range(2).writeTo("t").replace()
    assert session.table("t").columns == ["id"]
    with pytest.raises(StreamcoreError, match="TABLE_OR_VIEW_ALREADY_EXISTS"):
        session.range(1).writeTo("t").create()
    session.range(1).writeTo("t").createOrReplace()
    assert session.table("t").count() == 1
    with pytest.raises(StreamcoreError, match="is not offered"):
        frame.writeTo("t").overwrite(F.col("id") > 1)
    with pytest.raises(StreamcoreError, match="TABLE_OR_VIEW_NOT_FOUND"):
        frame.writeTo("none").append()


def test_columns_and_lists_are_put_into_text_by_name(session: Session) -> None:
    frame = session.createDataFrame([(1, "a"), (2, "b")], "x int, y string")
    text = "SELECT {df.y} FROM {df} WHERE {df[x]} IN {wanted}"
    assert [tuple(row) for row in session.sql(text, df=frame, wanted=(2, 3)).collect()] == [("b",)]
