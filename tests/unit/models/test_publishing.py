"""Into a model store and out of it: what a query has trained, and models of the ml API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import (
    CheckpointMismatch,
    IllegalArgumentException,
    ModelStoreError,
    QueryExecutionException,
)
from streamcore.models.ml.pipeline import PipelineModel
from streamcore.models.publishing import load_model, publish_batch, publish_model
from streamcore.models.store import ModelStore
from streamcore.spi.exactly_once import CommitRecord
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery
from tests.learners import Level


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """Of a query that has learned from the batches 0, 1 and 2."""
    spark = Session.builder.master("local[2]").getOrCreate().newSession()
    stream = MemoryStream("x double, y double")
    writer = Level().fitStream(stream.toDF(spark)).writeStream.format("memory").queryName("published")
    with SteppedQuery(writer.option("checkpointLocation", str(tmp_path / "checkpoint"))) as query:
        for label in (4.0, 8.0, 1.0):
            stream.addData([(0.0, label)])
            query.step()
    return tmp_path / "checkpoint"


def test_any_retained_batch_of_a_training_query_is_published(store: ModelStore, checkpoint: Path) -> None:
    newest = publish_batch(store, checkpoint, Level())
    earlier = publish_batch(store, checkpoint, Level(), batch=1, operator="model-0", parent=1)
    assert (newest.version, newest.metrics) == (1, {"level": 3.0, "rows": 3})
    assert (earlier.version, earlier.metrics, earlier.parent) == (2, {"level": 5.0, "rows": 2}, 1)
    manifest, state = store.load(2)
    assert (float(state["level"]), int(state["rows"])) == (5.0, 2)
    assert manifest.model == Level().describe()
    assert manifest.schema == {"input": ["x", "y"], "output": [["prediction", "double"]]}
    assert manifest.made_by is not None
    assert (manifest.made_by.batch_id, manifest.commit) == (1, None)


def test_a_model_is_published_as_what_the_query_trains(store: ModelStore, checkpoint: Path) -> None:
    with pytest.raises(CheckpointMismatch, match="another one than"):
        publish_batch(store, checkpoint, Level(rate=0.25))
    with pytest.raises(QueryExecutionException, match="No committed batch 7 found"):
        publish_batch(store, checkpoint, Level(), batch=7)
    with pytest.raises(QueryExecutionException, match="no stateful operator 3"):
        publish_batch(store, checkpoint, Level(), operator="3")
    assert store.versions() == []


def test_what_is_published_from_a_checkpoint_is_no_commit_of_its_query(
    store: ModelStore, checkpoint: Path
) -> None:
    note = publish_batch(store, checkpoint, Level()).made_by
    assert note is not None
    query_id = note.query_id
    assert store.last_committed(query_id) is None
    store.publish(b"\x02\0\0\0\0\0\0\0{}", model=Level(), made_by=CommitRecord(query_id, 0, "{}"))
    assert store.last_committed(query_id) == CommitRecord(query_id, 0, "{}")


# ---- the ml API ----------------------------------------------------------------------------------


def test_a_fitted_pipeline_comes_back_from_the_store(store: ModelStore) -> None:
    made = publish_model(store, PipelineModel([]), metrics={"rmse": 0.5})
    assert (made.kind, made.name) == ("folder", "org.apache.spark.ml.PipelineModel")
    store.alias("champion", made.version)
    found = load_model(store, "champion")
    assert isinstance(found, PipelineModel)
    assert found.uid == made.model["settings"]["uid"]


def test_an_online_model_is_no_fitted_model_of_the_ml_api(store: ModelStore) -> None:
    store.publish(Level().initial_state(), model=Level())
    with pytest.raises(ModelStoreError, match=r"version 1 of .* is the state of an online model, Level"):
        load_model(store, 1)


def test_what_cannot_be_saved_cannot_be_published(store: ModelStore) -> None:
    unsaved: Any = object()
    with pytest.raises(IllegalArgumentException, match="cannot be saved, so it cannot be published"):
        publish_model(store, unsaved)
