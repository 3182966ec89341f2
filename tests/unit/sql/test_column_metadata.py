"""The metadata of columns: who gives it, who keeps it, who loses it (as PySpark 4.3 does)."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamcore.errors import AnalysisException, ArgumentTypeError, IllegalArgumentException
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session
from streamcore.sql.types import LongType, StructField, StructType


@pytest.fixture
def marked(session: Session) -> DataFrame:
    return session.range(2).select(F.col("id").alias("a", metadata={"x": 1}))


def test_an_alias_gives_metadata(marked: DataFrame) -> None:
    assert marked.schema["a"].metadata == {"x": 1}


def test_a_column_that_is_only_passed_on_or_renamed_keeps_it(marked: DataFrame) -> None:
    marked.createOrReplaceTempView("marked")
    kept = (
        marked.select(F.col("a").alias("b")).schema["b"],
        marked.withColumnRenamed("a", "b").schema["b"],
        marked.groupBy("a").count().schema["a"],
        marked.union(marked).schema["a"],
        marked.where("a > 0").orderBy("a").limit(1).schema["a"],
        marked.join(marked, "a").schema["a"],
        marked.sparkSession.sql("SELECT a AS b FROM marked").schema["b"],
    )
    marked.sparkSession.catalog.dropTempView("marked")
    assert [field.metadata for field in kept] == [{"x": 1}] * len(kept)


def test_another_alias_gives_other_metadata_in_its_place(marked: DataFrame) -> None:
    assert marked.select(F.col("a").alias("b", metadata={"y": 2})).schema["b"].metadata == {"y": 2}
    assert marked.select(F.col("a").alias("b", metadata={})).schema["b"].metadata == {}
    assert marked.withColumn("a", F.col("a").alias("z", metadata={"z": 3})).schema["a"].metadata == {"z": 3}


def test_what_is_computed_has_none(marked: DataFrame) -> None:
    assert marked.select((F.col("a") + 1).alias("a")).schema["a"].metadata == {}
    assert marked.select(F.col("a").cast("string")).schema["a"].metadata == {}


def test_with_metadata_replaces_that_of_one_column(marked: DataFrame) -> None:
    assert marked.withMetadata("a", {"z": 3}).schema["a"].metadata == {"z": 3}
    with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
        marked.withMetadata("nope", {})
    with pytest.raises(ArgumentTypeError, match="`metadata` should be dict, got int"):
        marked.withMetadata("a", 3)  # type: ignore[arg-type]


def test_the_fields_of_a_schema_bring_theirs(session: Session) -> None:
    schema = StructType([StructField("n", LongType(), metadata={"unit": "s"})])
    assert session.createDataFrame([(1,)], schema).schema["n"].metadata == {"unit": "s"}


def test_files_keep_it(marked: DataFrame, tmp_path: Path) -> None:
    marked.write.parquet(str(tmp_path / "out"))
    assert marked.sparkSession.read.parquet(str(tmp_path / "out")).schema["a"].metadata == {"x": 1}


def test_metadata_is_for_one_column_and_a_json_object() -> None:
    with pytest.raises(IllegalArgumentException, match="ONLY_ALLOWED_FOR_SINGLE_COLUMN"):
        F.col("a").alias("a", "b", metadata={})
    with pytest.raises(IllegalArgumentException, match="JSON object"):
        F.col("a").alias("a", metadata={"x": object()})
