"""`format("model")`: what a query trains becomes a version of a store with the batch, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamcore import Session
from streamcore.checkpoint.maintenance import rewind, undo_rewind
from streamcore.errors import AnalysisException, CheckpointFenced, IllegalArgumentException
from streamcore.models.store import ModelStore
from streamcore.spi import steps
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.storage.tensors import encode
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery
from tests.learners import Level


@pytest.fixture
def spark() -> Session:
    return Session.builder.master("local[2]").getOrCreate().newSession()


@pytest.fixture
def stream() -> MemoryStream:
    return MemoryStream("x double, y double")


class Published:
    """A store that a query trains into, and the query."""

    def __init__(self, spark: Session, stream: MemoryStream, folder: Path) -> None:
        self.folder = folder / "store"
        rows = stream.toDF(spark).where("x >= 0")
        self.writer = Level().fitStream(rows).writeStream.format("model").option("path", str(self.folder))
        self.writer.option("checkpointLocation", str(folder / "checkpoint"))

    @property
    def store(self) -> ModelStore:
        return ModelStore(self.folder)

    def levels(self) -> list[float]:
        return [float(self.store.load(version)[1]["level"]) for version in self.store.versions()]


@pytest.fixture
def published(spark: Session, stream: MemoryStream, tmp_path: Path) -> Published:
    return Published(spark, stream, tmp_path)


def test_each_batch_makes_a_version_that_says_what_it_is_and_what_made_it(
    published: Published, stream: MemoryStream
) -> None:
    with SteppedQuery(published.writer) as query:
        for label in (4.0, 8.0):
            stream.addData([(0.0, label)])
            progress = query.step()
        assert progress is not None
        assert progress.sink.description == f"ModelStore[{published.folder}]"
    manifest, arrays = published.store.load("latest")
    assert manifest.model == Level().describe()
    assert manifest.schema == {"input": ["x", "y"], "output": [["prediction", "double"]]}
    assert manifest.metrics == {"level": 5.0, "rows": 2}
    assert manifest.made_by is not None
    assert (manifest.made_by.query_id, manifest.made_by.batch_id) == (query.id, 1)
    assert manifest.files["state.safetensors"].digest == progress.models["model-0"]["sha256"]
    assert (published.levels(), float(arrays["level"])) == ([2.0, 5.0], 5.0)


@pytest.mark.parametrize(
    "point",
    [
        "sink-commit:before",
        "model-store.publish-version:before",
        "model-store.publish-version:after",
        "sink-commit:after",
        "write-commit:after",
    ],
)
def test_a_batch_that_was_cut_short_publishes_once(
    published: Published, stream: MemoryStream, point: str
) -> None:
    class Crash(BaseException):
        pass

    def crash(reached: str) -> None:
        if reached == point:
            raise Crash

    published.writer.option("alias", "champion")
    stream.addData([(0.0, 4.0)])
    with SteppedQuery(published.writer) as query:
        query.step()
        stream.addData([(0.0, 8.0)])
        steps.listen(crash)
        with pytest.raises(Crash):
            query.step()
        steps.listen(None)
    stream.addData([(0.0, 1.0)])
    with SteppedQuery(published.writer) as query:
        query.run_dry()
    assert published.levels() == [2.0, 5.0, 3.0]
    assert published.store.aliases() == {"champion": 3}


def test_a_batch_without_rows_for_the_model_publishes_what_it_was(
    published: Published, stream: MemoryStream
) -> None:
    published.writer.option("alias", "champion")
    names = []
    with SteppedQuery(published.writer) as query:
        for row in ((-1.0, 9.0), (0.0, 4.0), (-1.0, 9.0)):
            stream.addData([row])
            query.step()
            names.append(published.store.aliases())
    assert published.levels() == [0.0, 2.0, 2.0]
    assert names == [{}, {"champion": 2}, {"champion": 3}]  # what has learned nothing gets no name


def test_an_alias_that_somebody_moves_stays_there_until_it_names_the_newest_version(
    published: Published, stream: MemoryStream, caplog: pytest.LogCaptureFixture
) -> None:
    published.writer.option("alias", "champion")
    with SteppedQuery(published.writer) as query:
        for label in (4.0, 8.0):
            stream.addData([(0.0, label)])
            query.step()
        for elsewhere, label in ((1, 1.0), (2, 2.0)):
            published.store.alias("champion", elsewhere)
            stream.addData([(0.0, label)])
            query.step()
            assert published.store.aliases() == {"champion": elsewhere}
        assert [record.levelname for record in caplog.records].count("WARNING") == 1
        published.store.alias("champion", "latest")
        stream.addData([(0.0, 3.0)])
        query.step()
    assert published.store.aliases() == {"champion": 5}


def test_an_alias_that_a_crash_left_behind_is_moved_by_the_next_start(
    published: Published, stream: MemoryStream
) -> None:
    published.writer.option("alias", "champion")
    with SteppedQuery(published.writer) as query:
        for label in (4.0, 8.0):
            stream.addData([(0.0, label)])
            query.step()
    published.store.alias("champion", 1)
    with SteppedQuery(published.writer):
        assert published.store.aliases() == {"champion": 2}


def test_no_more_versions_stay_than_are_wanted(published: Published, stream: MemoryStream) -> None:
    published.writer.option("keep", 3)
    with SteppedQuery(published.writer) as query:
        for label in range(12):
            stream.addData([(0.0, float(label))])
            query.step()
    assert published.store.versions() == [8, 9, 10, 11, 12]


def test_a_driver_that_was_replaced_publishes_nothing(published: Published, stream: MemoryStream) -> None:
    from streamcore.models.store.sink import ModelSink
    from streamcore.plan.training import MODEL_ROW

    writer = ModelSink({"path": str(published.folder)}).streamWriter(MODEL_ROW, overwrite=False)
    writer.open(QueryIdentity("a-query", "a-run", "append"))
    arrays = encode(Level().initial_state())
    published.store.publish(arrays, model=Level(), made_by=CommitRecord("a-query", 1, "{}"))
    import pyarrow as pa

    row = {"model_version": 0, "model": '{"name":"Level"}', "schema": "{}", "metrics": "{}", "arrays": arrays}
    message = writer.write(iter([pa.RecordBatch.from_pylist([row])]))
    with pytest.raises(CheckpointFenced, match="another driver"):
        writer.commit_batch([message], CommitRecord("a-query", 0, "{}"))


def test_what_cannot_be_published_is_refused_at_the_start(
    published: Published, spark: Session, stream: MemoryStream
) -> None:
    writer = stream.toDF(spark).writeStream.format("model").option("path", str(published.folder))
    writer.option("checkpointLocation", str(published.folder / "other"))
    with pytest.raises(AnalysisException, match=r"call it on the result of model\.fitStream"):
        SteppedQuery(writer)
    with pytest.raises(AnalysisException, match="append, not update"):
        SteppedQuery(published.writer.outputMode("update"))
    published.writer.outputMode("append").option("aliass", "champion")
    with pytest.raises(IllegalArgumentException, match="aliass"):
        SteppedQuery(published.writer)
    with pytest.raises(IllegalArgumentException, match=r"'\.\./champion' cannot be an alias"):
        SteppedQuery(published.writer.option("aliass", None).option("alias", "../champion"))
    published.writer.option("alias", None).option("path", None)
    with pytest.raises(IllegalArgumentException, match="the folder of a store"):
        SteppedQuery(published.writer)


def test_versions_are_not_taken_back(published: Published, stream: MemoryStream) -> None:
    with SteppedQuery(published.writer) as query:
        for label in (4.0, 8.0):
            stream.addData([(0.0, label)])
            query.step()
    checkpoint = str(published.folder.parent / "checkpoint")
    rewind(checkpoint, 0)
    with pytest.raises(AnalysisException, match="cannot be taken back"):
        SteppedQuery(published.writer)
    undo_rewind(checkpoint)
    with SteppedQuery(published.writer) as query:
        assert query.run_dry() == []
    assert published.levels() == [2.0, 5.0]
