"""Queries that Spark has begun go on here: no file and no record is lost or read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamcore.cli import main
from streamcore.errors import CheckpointMismatch, StreamcoreError
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session
from streamcore.storage import open_storage
from tests.services.kafka_topics import KafkaTopics
from tests.services.object_stores import ObjectStore
from tests.spark_checkpoints import spark_checkpoint

NAMES = [f"day {n:02d} 100%.txt" for n in range(9)]


@pytest.fixture
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture
def days(tmp_path: Path) -> Path:
    """The folder whose nine files Spark has read."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / name).write_text(f"{number}\n")
    return folder


@pytest.fixture
def adopted(tmp_path: Path) -> Callable[..., Path]:
    def adopt(name: str, *names: str, forget: str | None = None, swap: tuple[str, str] = ("", "")) -> Path:
        spark = spark_checkpoint(name, tmp_path / "spark", tmp_path)
        if forget is not None:
            (spark / forget).unlink()
        for path in (path for path in spark.rglob("*") if path.is_file() and swap[0]):
            path.write_text(path.read_text().replace(*swap))
        target = tmp_path / "ours"
        given = [argument for name in names for argument in ("--source", name)]
        assert main(["checkpoint", "adopt", str(spark), str(target), *given]) == 0
        return target

    return adopt


def run(rows: DataFrame, checkpoint: Path, output: Path) -> list[Any]:
    """Everything that is there now, written exactly once; what the output holds then."""
    writer = rows.writeStream.format("json").option("checkpointLocation", str(checkpoint))
    writer.trigger(availableNow=True).start(str(output)).awaitTermination()
    if not any(output.glob("*.json")):
        return []
    return sorted(row.value for row in rows.sparkSession.read.json(str(output)).collect())


def text(session: Session, folder: Path, name: str | None = None) -> DataFrame:
    reader = session.readStream.schema("value string")
    return (reader if name is None else reader.name(name)).text(str(folder))


def test_no_file_is_lost_or_read_again(
    session: Session, days: Path, adopted: Callable[..., Path], tmp_path: Path
) -> None:
    checkpoint, output = adopted("files"), tmp_path / "out"
    assert run(text(session, days), checkpoint, output) == []
    (days / "day 09 100%.txt").write_text("new\n")
    assert run(text(session, days), checkpoint, output) == ["new"]
    (days / "day 10.txt").write_text("newer\n")
    assert run(text(session, days), checkpoint, output) == ["new", "newer"]


def test_the_file_of_a_batch_that_spark_did_not_commit_is_read(
    session: Session, days: Path, adopted: Callable[..., Path], tmp_path: Path
) -> None:
    checkpoint = adopted("files", forget="commits/8")
    assert len(run(text(session, days), checkpoint, tmp_path / "out")) == 1


def test_a_source_that_had_nothing_yet_reads_all_that_comes(
    session: Session, days: Path, adopted: Callable[..., Path], tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "first.txt").write_text("first\n")
    rows = text(session, days).union(text(session, empty))
    assert run(rows, adopted("half"), tmp_path / "out") == ["first"]


def test_a_named_source_goes_on_and_one_that_spark_had_not_read_begins(
    session: Session, days: Path, adopted: Callable[..., Path], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "first.txt").write_text("first\n")
    rows = text(session, days, "the_files").union(text(session, other, "the_others"))
    assert run(rows, adopted("named"), tmp_path / "out") == ["first"]


def refusal(start: Callable[[], object]) -> str:
    with pytest.raises(StreamcoreError) as raised:
        start()
    cause = raised.value.__cause__ or raised.value
    assert isinstance(cause, CheckpointMismatch)
    return str(cause)


def test_a_query_that_does_not_fit_is_refused_and_may_be_mended(
    session: Session, days: Path, adopted: Callable[..., Path], tmp_path: Path
) -> None:
    checkpoint, output = adopted("files"), tmp_path / "out"
    moved = tmp_path / "moved"
    moved.mkdir()

    def start(rows: DataFrame) -> Callable[[], object]:
        return lambda: run(rows, checkpoint, output)

    assert "none is under" in refusal(start(text(session, moved)))
    assert "with the sources source_0, and the query reads days" in refusal(
        start(text(session, days, "days"))
    )
    assert "reads source_0, source_1" in refusal(start(text(session, days).union(text(session, moved))))
    assert "keeps state (deduplicate-0)" in refusal(start(text(session, days).dropDuplicates(["value"])))
    rate = session.readStream.format("rate").load().selectExpr("CAST(value AS STRING) AS value")
    assert "a source of the format 'rate' cannot go on from" in refusal(start(rate))
    assert run(text(session, days), checkpoint, output) == []


def test_no_object_of_a_bucket_is_lost_or_read_again(
    session: Session, s3: ObjectStore, adopted: Callable[..., Path], tmp_path: Path
) -> None:
    bucket = s3.new_folder()
    objects = open_storage(f"{bucket}/in")
    for number, name in enumerate(NAMES):
        objects.put_if_absent(name, f"{number}\n".encode())
    checkpoint = adopted("files", forget="commits/8", swap=(f"file://{tmp_path}", bucket))
    objects.put_if_absent("day 09 100%.txt", b"new\n")
    rows = session.readStream.schema("value string").text(f"{bucket}/in")
    found = run(rows, checkpoint, tmp_path / "out")
    assert len(found) == 2
    assert "new" in found


# ---- Kafka ---------------------------------------------------------------------------------------


def topics_like_sparks(kafka: KafkaTopics) -> tuple[str, str]:
    """Two topics with what Spark has read of `clicks` and `views`, and one record more in each."""
    clicks, views = kafka.new_topic(partitions=2), kafka.new_topic()
    for topic, counts in ((clicks, [3, 5]), (views, [2])):
        for partition, count in enumerate(counts):
            kafka.produce(topic, [b"old"] * count, partition=partition)
        kafka.produce(topic, [topic.encode()], partition=0)
    return clicks, views


def subscribed(session: Session, kafka: KafkaTopics, topics: str) -> DataFrame:
    reader = session.readStream.format("kafka").option("kafka.bootstrap.servers", kafka.bootstrap)
    read = reader.option("subscribe", topics).option("startingOffsets", "earliest").load()
    return read.selectExpr("CAST(value AS STRING) AS value")


def test_no_record_is_lost_or_read_again(
    session: Session, kafka: KafkaTopics, adopted: Callable[..., Path], tmp_path: Path
) -> None:
    clicks, views = topics_like_sparks(kafka)
    spark = spark_checkpoint("kafka", tmp_path / "spark", tmp_path)
    for path in (spark / "offsets" / "0", spark / "sources" / "0" / "0"):
        path.write_text(path.read_text().replace('"clicks"', f'"{clicks}"').replace('"views"', f'"{views}"'))
    checkpoint, output = tmp_path / "ours", tmp_path / "out"
    assert main(["checkpoint", "adopt", str(spark), str(checkpoint)]) == 0

    def start(topics: str) -> Callable[[], list[Any]]:
        return lambda: run(subscribed(session, kafka, topics), checkpoint, output)

    assert f"has read {views}-0, which the query does not read" in refusal(start(clicks))
    other = kafka.new_topic()
    assert f"has no offsets of {other}" in refusal(start(f"{clicks},{views},{other}"))
    assert start(f"{clicks},{views}")() == sorted([clicks, views])
    kafka.produce(views, [b"newer"])
    assert start(f"{clicks},{views}")() == sorted([clicks, views, "newer"])
