"""File sinks and sources on a real object store, by the laws that those on a disk keep."""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, IllegalArgumentException, OffsetsLost
from streamcore.models.store import ModelStore
from streamcore.sinks.files.data_source import ParquetSink
from streamcore.sources.files.source import JsonDataSource
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter, QueryIdentity
from streamcore.spi.file_manifest import HIDDEN_FOLDER, read_manifest
from streamcore.spi.types import StructType, from_arrow_schema, parse_ddl
from streamcore.storage import StorageError, StorageRefused, existing_storage, open_storage
from streamcore.storage.memory import MemoryStorage
from streamcore.storage.objects import storage as objects_storage
from streamcore.storage.objects.folder import ObjectFolder, object_folder
from streamcore.storage.objects.given import give, take_back
from streamcore.storage.objects.storage import UPLOADS, ObjectStorage
from streamcore.testing.sink_contract import Rows, SinkContract, SinkHarness, every_type
from streamcore.testing.source_contract import SourceContract, SourceHarness
from tests.services.object_stores import ObjectStore, VersityGateway

_SCHEMA = pa.schema([("v", pa.int64())])


# ---- what every storage keeps, where only a store can break it ------------------------------------


def test_of_eight_racers_for_one_key_one_wins_every_time(s3: ObjectStore) -> None:
    storage = open_storage(s3.new_folder())
    for key in range(5):
        start = threading.Barrier(8)
        won: list[int] = []

        def race(racer: int, key: int = key, start: threading.Barrier = start, won: list[int] = won) -> None:
            start.wait()
            if storage.put_if_absent(f"race/{key}", str(racer).encode()):
                won.append(racer)

        racers = [threading.Thread(target=race, args=(n,)) for n in range(8)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert [str(racer).encode() for racer in won] == [storage.get(f"race/{key}")]


def test_a_large_object_goes_up_in_parts_and_once(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_storage, "_IN_ONE_REQUEST", 8 << 20)
    storage = existing_storage(s3.new_folder())
    pieces = [bytes([n]) * (3 << 20) for n in range(3)]
    assert storage.put_pieces_if_absent("state/a.run", pieces)
    assert not storage.put_pieces_if_absent("state/a.run", [b"another"])
    for look in (storage, existing_storage(storage.location)):
        assert look.map("state/a.run") == b"".join(pieces)
    assert [f.path for f in object_folder(storage.location).files()] == ["state/a.run"]


def test_a_mapped_object_outlives_its_removal(s3: ObjectStore) -> None:
    storage = existing_storage(s3.new_folder())
    storage.put_if_absent("a", b"x" * (2 << 20))
    view = storage.map("a")
    storage.delete("a")
    assert view == b"x" * (2 << 20)
    with pytest.raises(FileNotFoundError):
        storage.map("a")


@pytest.mark.parametrize("size", [10, pytest.param(20 << 20, marks=pytest.mark.soak)])
def test_a_write_whose_answer_is_lost_is_known_as_ours(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    import obstore

    storage = existing_storage(s3.new_folder())
    lost: list[str] = []

    def losing(name: str) -> Any:
        act = getattr(obstore, name)

        def once(*given: Any, **named: Any) -> Any:
            found = act(*given, **named)
            is_the_commit = named.get("mode") == "create" or named.get("overwrite") is False
            if is_the_commit and not lost:
                lost.append(name)
                raise obstore.exceptions.GenericError("connection closed before the answer came")
            return found

        return once

    monkeypatch.setattr(obstore, "put", losing("put"))
    monkeypatch.setattr(obstore, "copy", losing("copy"))
    assert storage.put_pieces_if_absent("a", [b"y" * size])
    assert lost
    assert not storage.put_pieces_if_absent("a", [b"y" * size])


def test_an_answer_that_is_lost_to_another_writer_is_no_success(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore

    storage = existing_storage(s3.new_folder())
    put = obstore.put
    asked: list[str] = []

    def too_late(store: Any, path: str, data: bytes, **named: Any) -> Any:
        if not asked:
            asked.append(path)
            put(store, path, b"the other's", **named)
            raise obstore.exceptions.GenericError("timed out")
        return put(store, path, data, **named)

    monkeypatch.setattr(obstore, "put", too_late)
    assert not storage.put_if_absent("a", b"ours")
    assert storage.get("a") == b"the other's"


def test_a_store_without_the_condition_is_refused(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    import obstore

    put = obstore.put

    def careless(store: Any, path: str, data: bytes, **named: Any) -> Any:
        return put(store, path, data, **{**named, "mode": "overwrite"})

    monkeypatch.setattr(obstore, "put", careless)
    with pytest.raises(StorageRefused, match="two drivers could both win"):
        open_storage(s3.new_folder())


def test_broken_uploads_are_removed_when_the_place_is_opened(s3: ObjectStore) -> None:
    from datetime import UTC, datetime, timedelta

    uri = s3.new_folder()
    object_folder(uri).put(f"{UPLOADS}/left", b"half")
    storage = open_storage(uri)
    assert [found.path for found in object_folder(uri).files()] == [f"{UPLOADS}/left"]  # it may be under way
    assert isinstance(storage, ObjectStorage)
    storage.remove_uploads(before=datetime.now(UTC) + timedelta(days=1))
    assert list(object_folder(uri).files()) == []


def test_a_wrong_key_is_told_without_it(s3: ObjectStore) -> None:
    from streamcore.storage.objects.options import object_store_options

    uri = s3.new_folder()
    options = {**object_store_options(uri), "aws_secret_access_key": "mistaken-key"}
    storage = ObjectStorage(uri, options)
    with pytest.raises(StorageError, match="SignatureDoesNotMatch") as refused:
        storage.put_if_absent("a", b"")
    assert "mistaken-key" not in f"{refused.value!r} {storage!r} {refused.value.__cause__!r}"


def test_a_missing_bucket_is_named(s3: ObjectStore) -> None:
    if not isinstance(s3, VersityGateway):
        pytest.skip("another server's names of buckets are not ours to guess")
    with pytest.raises(StorageError, match="NoSuchBucket"):
        open_storage("s3://nowhere-at-all/x")


def test_the_second_driver_of_this_machine_is_turned_away(s3: ObjectStore) -> None:
    storage, again = (existing_storage(uri) for uri in [s3.new_folder()] * 2)
    assert isinstance(storage, ObjectStorage)
    assert isinstance(again, ObjectStorage)
    lock = storage.try_lock("lease/lock")
    assert lock is not None
    assert again.try_lock("lease/lock") is None
    lock.release()
    again_lock = again.try_lock("lease/lock")
    assert again_lock is not None
    again_lock.release()


def test_a_copy_in_another_process_reaches_the_same_store(s3: ObjectStore) -> None:
    storage = existing_storage(s3.new_folder())
    storage.put_if_absent("a", b"x")
    copy = pickle.dumps(storage)
    take_back(s3.settings)
    try:
        assert pickle.loads(copy).get("a") == b"x"
    finally:
        give(s3.settings)


# ---- the sink ------------------------------------------------------------------------------------


class RemoteHarness:
    output_modes: Sequence[str] = ("append",)
    updates_by_key = True
    refuses_other_queries = True
    rewinds = True
    columns_of_every_type: Sequence[str] = every_type().column_names

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._options = {"path": uri, "compactInterval": "3"}

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        sink = ParquetSink(self._options | (options or {}))
        return sink.streamWriter(from_arrow_schema(schema), overwrite=False)

    def visible(self, schema: pa.Schema) -> Rows:
        manifest = read_manifest(existing_storage(f"{self._uri}/{HIDDEN_FOLDER}"))
        assert manifest is not None
        rows: Rows = []
        for file in manifest.files:
            folder, _, name = f"{self._uri}/{file.path}".rpartition("/")
            data = existing_storage(folder).get(name)
            assert len(data) == file.bytes
            found = pq.read_table(io.BytesIO(data), schema=schema)
            assert found.num_rows == file.rows
            rows += [tuple(row.values()) for row in found.to_pylist()]
        return rows


class TestParquetSinkOnS3(SinkContract):
    @pytest.fixture
    def harness(self, s3: ObjectStore) -> SinkHarness:
        return RemoteHarness(s3.new_folder())


@pytest.mark.soak
class TestParquetSinkOnAzure(SinkContract):
    @pytest.fixture
    def harness(self, azure: ObjectStore) -> SinkHarness:
        return RemoteHarness(azure.new_folder())


def _opened(uri: str, run: str) -> ExactlyOnceStreamWriter:
    sink = ParquetSink({"path": uri, "cleanupDelayMs": "0"})
    writer = sink.streamWriter(from_arrow_schema(_SCHEMA), overwrite=False)
    writer.open(QueryIdentity("q", run, "append"))
    writer.last_committed()
    return writer


def _commit(writer: ExactlyOnceStreamWriter, batch_id: int, *values: int) -> None:
    rows = pa.table({"v": values}, schema=_SCHEMA).to_batches()
    writer.commit_batch([writer.write(iter(rows))], CommitRecord("q", batch_id, "{}"))


def _data_files(uri: str) -> list[str]:
    return [found.path for found in object_folder(uri).files() if "part-" in found.path]


def _values(session: Session, uri: str) -> list[int]:
    return sorted(row[0] for row in session.read.parquet(uri).collect())


def test_a_file_that_no_commit_names_is_neither_read_nor_kept(s3: ObjectStore, session: Session) -> None:
    uri = s3.new_folder()
    crashed = _opened(uri, "run 1")
    _commit(crashed, 0, 1, 2)
    crashed.write(iter(pa.table({"v": [666]}, schema=_SCHEMA).to_batches()))
    assert _values(session, uri) == [1, 2]
    assert len(_data_files(uri)) == 2
    restarted = _opened(uri, "run 2")
    restarted._opened_ms += 2000  # type: ignore[attr-defined] # the store's clock ticks in seconds
    _commit(restarted, 1, 3)
    restarted.collect_garbage()
    assert len(_data_files(uri)) == 2
    assert _values(session, uri) == [1, 2, 3]


def test_what_a_rewind_took_back_is_not_read_and_removed_later(s3: ObjectStore, session: Session) -> None:
    uri = s3.new_folder()
    writer = _opened(uri, "run 1")
    _commit(writer, 0, 1)
    _commit(writer, 1, 2)
    writer.rewind(CommitRecord("q", 0, "{}"))
    assert _values(session, uri) == [1]
    assert len(_data_files(uri)) == 2
    writer.collect_garbage()
    assert len(_data_files(uri)) == 1


def test_a_folder_with_other_files_is_refused(s3: ObjectStore) -> None:
    uri = s3.new_folder()
    object_folder(uri).put("old.parquet", b"")
    with pytest.raises(AnalysisException, match=r"no streaming query wrote \(old\.parquet\)"):
        _opened(uri, "run 1")


# ---- batches -------------------------------------------------------------------------------------


@pytest.fixture
def session(s3: ObjectStore) -> Session:
    return Session.builder.master("local[2]").getOrCreate()


@pytest.mark.parametrize(
    "kind", ["parquet", "json", *(pytest.param(kind, marks=pytest.mark.soak) for kind in ("csv", "orc"))]
)
def test_rows_come_back_as_they_were_written(s3: ObjectStore, session: Session, kind: str) -> None:
    uri = s3.new_folder()
    session.sql("SELECT id AS v, 'x y' AS w FROM range(3)").write.format(kind).save(f"{uri}/a b")
    found = session.read.format(kind).schema("v bigint, w string").load(f"{uri}/a b")
    assert sorted(map(tuple, found.collect())) == [(0, "x y"), (1, "x y"), (2, "x y")]
    with pytest.raises(AnalysisException, match="PATH_ALREADY_EXISTS"):
        session.range(1).write.format(kind).save(f"{uri}/a b")


def test_an_overwrite_replaces_what_it_says(s3: ObjectStore, session: Session) -> None:
    uri = f"{s3.new_folder()}/table"
    rows = session.sql("SELECT id AS v, id % 2 AS k FROM range(4)")
    rows.write.partitionBy("k").parquet(uri)
    rows.where("v = 1").write.mode("append").partitionBy("k").parquet(uri)
    assert _values(session, uri) == [0, 1, 1, 2, 3]
    dynamic = rows.where("k = 1").write.mode("overwrite").option("partitionOverwriteMode", "dynamic")
    dynamic.partitionBy("k").parquet(uri)
    assert _values(session, uri) == [0, 1, 2, 3]
    rows.where("v = 3").write.mode("overwrite").parquet(uri)
    assert _values(session, uri) == [3]
    assert not [found.path for found in object_folder(uri).files() if "_temporary" in found.path]


def test_a_batch_that_cannot_be_finished_leaves_what_was_there(
    s3: ObjectStore, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = s3.new_folder()
    session.range(2).write.parquet(f"{uri}/t")
    before = {found.path for found in object_folder(uri).files()}

    def refuse(self: ObjectFolder, source: str, target: str) -> None:
        raise StorageError("the store is closed")

    monkeypatch.setattr(ObjectFolder, "copy", refuse)
    with pytest.raises(Exception, match="the store is closed"):
        session.range(5).write.mode("overwrite").parquet(f"{uri}/t")
    assert {found.path for found in object_folder(uri).files()} == before


def test_folders_patterns_and_hidden_files_mean_what_they_do_on_a_disk(
    s3: ObjectStore, session: Session
) -> None:
    uri = s3.new_folder()
    folder = object_folder(uri)
    for path in ("1.json", "2.json", "day=m%C3%B6n/3.json", "deeper/4.json", "_hidden/5.json", ".6.json"):
        folder.put(f"in/{path}", b'{"v": %d}\n' % int(path[-6]))

    def read(path: str, **options: str) -> list[Any]:
        return sorted(row[0] for row in session.read.options(**options).json(f"{uri}/{path}").collect())

    assert read("in/[12].json") == read("in/{1,2}.json") == [1, 2]
    assert read("in/2.json") == [2]
    assert read("in/deeper") == [4]
    assert read("in", recursiveFileLookup="true") == [1, 2, 3, 4]
    assert read("in", recursiveFileLookup="true", pathGlobFilter="3*") == [3]
    assert [tuple(row) for row in session.read.json(f"{uri}/in/day=*").collect()] == [(3,)]
    based = session.read.option("basePath", f"{uri}/in").json(f"{uri}/in/day=*")
    assert [tuple(row) for row in based.collect()] == [(3, "mön")]
    with pytest.raises(AnalysisException, match="PATH_NOT_FOUND"):
        read("nowhere")


def test_a_mark_that_stands_for_a_folder_is_no_file(s3: ObjectStore, session: Session) -> None:
    uri = s3.new_folder()
    if not isinstance(s3, VersityGateway):
        pytest.skip("the keys of another server are in the environment")
    boto3 = pytest.importorskip("boto3")
    client = boto3.client(
        "s3",
        endpoint_url=s3.endpoint,
        aws_access_key_id=s3.settings["fs.s3a.access.key"],
        aws_secret_access_key=s3.settings["fs.s3a.secret.key"],
        region_name="us-east-1",
    )
    _, _, key = uri.removeprefix("s3://").partition("/")
    for mark in ("in/", "in/day=1/", "in/day=2/"):
        client.put_object(Bucket="tests", Key=f"{key}/{mark}", Body=b"")
    assert session.read.schema("v int").json(f"{uri}/in").collect() == []
    object_folder(uri).put("in/day=1/a.json", b'{"v": 1}')
    object_folder(uri).put("in/day=1/empty.json", b"")
    assert [tuple(row) for row in session.read.json(f"{uri}/in").collect()] == [(1, 1)]


# ---- streams -------------------------------------------------------------------------------------


class RemoteFiles(SourceHarness):
    """Every addition is one object; restarted readers share the checkpoint's folder."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._metadata = MemoryStorage()
        self._next = 0
        object_folder(uri).put("_begun", b"")

    def reader(self) -> Any:
        return self.limited_reader(0)

    def limited_reader(self, rows: int) -> Any:
        limit = {"maxFilesPerTrigger": str(rows // 2)} if rows else {}
        reader = JsonDataSource({"path": self._uri, **limit}).streamReader(self.schema())
        reader.set_metadata(self._metadata)  # type: ignore[attr-defined]
        return reader

    def schema(self) -> StructType:
        return parse_ddl("n int, word string")

    def add(self, rows: int) -> None:
        numbers = range(self._next, self._next + rows)
        lines = "".join(f'{{"n": {n}, "word": "word {n}"}}\n' for n in numbers)
        object_folder(self._uri).put(f"{self._next:05d}.json", lines.encode())
        self._next += rows


@pytest.mark.soak
class TestFilesOnS3(SourceContract):
    @pytest.fixture
    def harness(self, s3: ObjectStore) -> SourceHarness:
        return RemoteFiles(s3.new_folder())


def test_a_query_from_a_store_to_a_store_with_its_checkpoint_there(
    s3: ObjectStore, session: Session, tmp_path: Path
) -> None:
    uri = s3.new_folder()
    folder = object_folder(uri)

    def run() -> None:
        rows = session.readStream.schema("v int").json(f"{uri}/in")
        writer = rows.writeStream.format("parquet").option("path", f"{uri}/out")
        writer.option("checkpointLocation", f"{uri}/ck").trigger(availableNow=True).start().awaitTermination()

    folder.put("in/1.json", b'{"v": 1}\n{"v": 2}\n')
    run()
    folder.put("in/2.json", b'{"v": 3}\n')
    run()
    run()
    assert _values(session, f"{uri}/out") == [1, 2, 3]
    kept = b"".join(existing_storage(uri).get(found.path) for found in _readable(folder))
    assert not [secret for secret in s3.settings.values() if "key" in secret and secret.encode() in kept]


def _readable(folder: ObjectFolder) -> list[Any]:
    return [f for f in folder.files() if not any(part.startswith(".") for part in f.path.split("/"))]


def test_an_object_that_is_gone_stops_the_query_by_name(s3: ObjectStore) -> None:
    harness = RemoteFiles(s3.new_folder())
    harness.add(2)
    reader = harness.reader()
    start = reader.initialOffset()
    end = reader.latestOffset(start, reader.getDefaultReadLimit())
    [partition] = reader.partitions(start, end)
    object_folder(harness._uri).remove(["00000.json"])
    with pytest.raises(OffsetsLost, match=r"00000\.json is gone"):
        list(reader.read(partition))


@pytest.mark.parametrize("kind", ["delete", "archive"])
def test_cleaning_up_after_reading_is_refused_with_the_way_out(s3: ObjectStore, kind: str) -> None:
    source = JsonDataSource({"path": s3.new_folder(), "cleanSource": kind, "sourceArchiveDir": "/old"})
    with pytest.raises(IllegalArgumentException, match="a rule of its own"):
        source.streamReader(parse_ddl("n int"))


def test_a_model_store_is_refused_since_its_writers_take_turns() -> None:
    with pytest.raises(StorageRefused, match="a lock, which an object store has not"):
        ModelStore("s3://bucket/models")
