"""The examples as people run them."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from streamcore.sql import functions as F
from tests.docs.pages import ROOT
from tests.services.kafka_topics import KafkaTopics
from tests.services.kinesis_streams import KinesisStreams
from tests.services.object_stores import ObjectStore
from tests.services.postgres_databases import Database

_EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))
_PATIENCE_S = 60


def _start(name: str, *arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", str(ROOT / "examples" / name), *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _run(name: str, *arguments: str, cwd: Path) -> str:
    process = _start(name, *arguments, cwd=cwd)
    try:
        printed, _ = process.communicate(timeout=_PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 0, printed
    return printed


@pytest.mark.parametrize("name", _EXAMPLES)
def test_every_example_says_how_it_is_used(name: str, tmp_path: Path) -> None:
    assert "usage:" in _run(name, "--help", cwd=tmp_path)


def test_the_word_count_counts_words(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("To be, or not to be\nto do\n")
    printed = _run("rdd_wordcount.py", "text.txt", "--top", "2", cwd=tmp_path)
    assert [line.split() for line in printed.splitlines()[-2:]] == [["3", "to"], ["2", "be"]]


def test_files_become_parquet_by_day_and_a_second_run_takes_only_new_ones(tmp_path: Path) -> None:
    from streamcore import Session

    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(2):
        event = {"ad_id": f"ad {number}", "event_type": "view", "event_time": number * 86_400_000}
        (inbox / f"{number}.json").write_text(json.dumps(event))
        _run("files_to_parquet.py", "inbox", "out", "checkpoint", "--once", cwd=tmp_path)
    with Session.builder.master("local[1]").getOrCreate() as session:
        rows = session.read.parquet(str(tmp_path / "out")).select("ad_id", "day").orderBy("day").collect()
    assert [(row.ad_id, str(row.day)) for row in rows] == [("ad 0", "1970-01-01"), ("ad 1", "1970-01-02")]


def test_events_are_counted_in_a_delta_table_and_a_second_run_counts_on(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(2):
        event = {"ad_id": "ad", "event_type": "view", "event_time": 1000 * number}
        (inbox / f"{number}.json").write_text(json.dumps(event))
        printed = _run("kafka_or_files_to_delta.py", "inbox", "out", "checkpoint", "--once", cwd=tmp_path)
        assert re.search(rf"1970-01-01 00:00:00\|\s*view\|\s*{number + 1}\|", printed), printed


def test_orders_are_kept_in_iceberg_with_their_history_and_their_newest_state(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number, status in enumerate(("new", "paid")):
        order = {"order_id": "a", "status": status, "amount": 1.5, "at": f"2024-01-0{number + 1}T10:00:00Z"}
        (inbox / f"{number}.json").write_text(json.dumps(order))
        printed = _run("orders_to_iceberg.py", "inbox", "checkpoint", cwd=tmp_path)
        assert re.findall(r"(\w+) *\|[ ]*1\|", printed) == [status]
    assert len(list((tmp_path / "warehouse/shop/order_history/data").glob("day=*"))) == 2


def test_files_become_parquet_on_an_object_store_that_the_environment_tells_of(
    s3: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamcore import Session
    from streamcore.storage.objects.folder import object_folder

    uri = s3.new_folder()
    names = {"endpoint": "AWS_ENDPOINT_URL", "access.key": "AWS_ACCESS_KEY_ID"}
    for name, variable in {**names, "secret.key": "AWS_SECRET_ACCESS_KEY"}.items():
        monkeypatch.setenv(variable, s3.settings.get(f"fs.s3a.{name}", os.environ.get(variable, "")))
    event = {"ad_id": "ad 1", "event_type": "view", "event_time": 0}
    object_folder(uri).put("inbox/1.json", json.dumps(event).encode())
    for _ in range(2):
        _run(
            "files_to_parquet.py",
            *(f"{uri}/{n}" for n in ("inbox", "out", "checkpoint")),
            "--once",
            cwd=tmp_path,
        )
    with Session.builder.master("local[1]").getOrCreate() as session:
        rows = session.read.parquet(f"{uri}/out").collect()
    assert [(row.ad_id, str(row.day)) for row in rows] == [("ad 1", "1970-01-01")]


def test_a_connector_in_one_class_streams(tmp_path: Path) -> None:
    printed = _run("custom_source.py", "--sensors", "2", "--seconds", "3", cwd=tmp_path)
    assert "avg(celsius)" in printed


def _visits(folder: Path, files: int) -> None:
    """Visits in which who stays longer than the price deters buys; 200 in each file."""
    draw = random.Random(1)
    for file in range(files):
        lines = []
        for number in range(200):
            price, minutes = draw.uniform(1, 100), draw.uniform(0, 30)
            bought = float(3 * minutes > price)
            visit = {"visit": file * 200 + number, "price": price, "minutes": minutes, "bought": bought}
            lines.append(json.dumps(visit))
        folder.mkdir(exist_ok=True)
        (folder / f"{file}.json").write_text("\n".join(lines))


def test_a_model_learns_online_its_scores_get_better_and_it_is_served(tmp_path: Path) -> None:
    from streamcore import Session
    from streamcore.models.store import ModelStore

    arguments = ("visits", "scored", "checkpoint", "--store", "models", "--once")
    _visits(tmp_path / "visits", 4)
    assert "version 1 of" in _run("train_online.py", *arguments, cwd=tmp_path)
    with Session.builder.master("local[1]").getOrCreate() as session:
        right = "avg(cast(prediction = bought as int)) as right"
        scored = session.read.parquet(str(tmp_path / "scored"))
        rows = scored.groupBy("model_version").agg(F.expr(right)).orderBy("model_version").collect()
    assert [row.model_version for row in rows] == [-1, 0, 1, 2]
    assert rows[-1].right > 0.85 > rows[0].right
    champion = ModelStore(tmp_path / "models").describe("champion")
    assert champion.metrics["evaluated"] == 800
    _run("serve_model.py", "models", "visits", "served", "serving", "--once", cwd=tmp_path)
    with Session.builder.master("local[1]").getOrCreate() as session:
        served = session.read.parquet(str(tmp_path / "served"))
        assert served.groupBy("model_version").count().collect() == [(champion.version, 800)]


def test_a_pipeline_is_trained_offline_and_scores_a_database_and_a_stream(tmp_path: Path) -> None:
    from streamcore import Session

    _visits(tmp_path / "visits", 2)
    database = ("--database", "sqlite:///shop.sqlite", "--look-up", "17")
    printed = _run("train_offline.py", "visits", "--store", "models", *database, cwd=tmp_path)
    area = re.findall(r"area under the curve, .*: ([\d.]+)", printed)
    assert float(area[0]) > 0.95
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as shop:
        scores = dict(shop.execute("SELECT visit, prediction FROM scores").fetchall())
    assert len(scores) == 400
    assert f"the score of visit 17: {scores[17]}\n" in printed
    _run("serve_pipeline.py", "models", "visits", "served", "serving", "--once", cwd=tmp_path)
    with Session.builder.master("local[1]").getOrCreate() as session:
        served = session.read.parquet(str(tmp_path / "served")).collect()
    assert {row.visit: row.prediction for row in served} == scores
    assert {row.model_version for row in served} == {1}


@pytest.mark.integration
def test_kafka_flows_to_kafka_once(kafka: KafkaTopics, tmp_path: Path) -> None:
    source, target = kafka.new_topic(partitions=2), kafka.new_topic()
    event = json.dumps({"ad_id": "a", "event_type": "view", "event_time": 30_000})
    kafka.produce(source, [event] * 50)
    for _ in range(2):
        _run("kafka_to_kafka.py", kafka.bootstrap, source, target, "checkpoint", "--once", cwd=tmp_path)
    (record,) = kafka.read(target)
    assert record.key == b"a"
    assert json.loads(record.value or b"")["views"] == 50


@pytest.mark.integration
def test_kafka_flows_to_postgres(kafka: KafkaTopics, postgres: Database, tmp_path: Path) -> None:
    topic = kafka.new_topic(partitions=2)
    event = json.dumps({"ad_id": "a", "event_type": "view", "event_time": 30_000})
    kafka.produce(topic, [event] * 50)
    process = _start("kafka_to_postgres.py", kafka.bootstrap, topic, postgres.url, "checkpoint", cwd=tmp_path)
    try:
        _await_views(postgres, 50, process)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=_PATIENCE_S)
        assert process.returncode == 0, printed
    finally:
        process.kill()


def _await_views(postgres: Database, views: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        there = postgres.query("SELECT to_regclass('views_per_minute') IS NOT NULL")[0][0]
        if there and postgres.query("SELECT coalesce(sum(views), 0) FROM views_per_minute")[0][0] == views:
            return
        time.sleep(0.1)
    raise AssertionError("the views did not arrive")


def test_a_table_is_mirrored_into_another_database(tmp_path: Path, logical_postgres: Database) -> None:
    slot = f"slot_{logical_postgres.url.rpartition('_')[2]}"
    arguments = (logical_postgres.url, "items", "sqlite:///copy.db", "items", "checkpoint")
    logical_postgres.query("CREATE TABLE items (id int PRIMARY KEY, name text)")
    logical_postgres.query("INSERT INTO items VALUES (1, 'pen'), (2, 'ink')")
    _run("mirror_table.py", *arguments, "--slot", slot, "--once", cwd=tmp_path)
    logical_postgres.query("DELETE FROM items WHERE id = 1")
    logical_postgres.query("UPDATE items SET name = 'blue ink'")
    _run("mirror_table.py", *arguments, "--slot", slot, "--once", cwd=tmp_path)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT * FROM items").fetchall() == [(2, "blue ink")]


def test_avro_messages_are_read_into_a_newer_schema(tmp_path: Path) -> None:
    printed = _run("avro_files_to_table.py", "messages", "out", "checkpoint", cwd=tmp_path)
    assert [line.split("|")[1:4] for line in printed.splitlines() if "main street" in line][4] == [
        "  4", "  6.0", "main street",
    ]  # fmt: skip


def test_records_of_kinesis_become_parquet_once_each(kinesis: KinesisStreams, tmp_path: Path) -> None:
    stream = kinesis.new_stream()
    for number in range(2):
        kinesis.put(stream, [(f"key {n}", f"event {number}".encode()) for n in range(3)])
        keys = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "not-so-secret"}
        where = ["--region", "us-east-1", "--endpoint", kinesis.endpoint]
        with pytest.MonkeyPatch.context() as patch:
            for name, value in keys.items():
                patch.setenv(name, value)
            printed = _run(
                "kinesis_to_parquet.py", stream, "out", "checkpoint", *where, "--once", cwd=tmp_path
            )
    assert printed.count("|    2|") == 3
