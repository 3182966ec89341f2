"""What is saved and loaded again."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.models.ml import Estimator, Model, Pipeline, PipelineModel, Transformer
from streamcore.models.ml.linalg import Matrices, Vectors
from streamcore.models.ml.matrices import dense_of, vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import HasMaxIter, HasTol
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.util import DefaultParamsReadable, DefaultParamsWritable, MLReadable, MLWritable

ROWS: Any = []
"""A dataset without rows."""


class Learner(Estimator[Any], HasMaxIter, HasTol, DefaultParamsReadable[Any], DefaultParamsWritable):
    bounds = Param(Params._dummy(), "bounds", "", TypeConverters.toVector)
    limits = Param(Params._dummy(), "limits", "", TypeConverters.toMatrix)

    def _fit(self, dataset):
        return Learned(np.array([[1.0, 2.0]]))._resetUid(self.uid)


class Learned(Model, HasMaxIter, Saved):
    def __init__(self, weights):
        super().__init__()
        self.weights = weights

    def _transform(self, dataset):
        return [*dataset, self.weights]

    def _data(self):
        return pa.table({"weights": vectors_of(self.weights), "count": pa.array([1], pa.int64())})

    @classmethod
    def _of_data(cls, uid, data):
        return cls(dense_of(data, "weights"))


class Unsaved(Transformer):
    def _transform(self, dataset):
        return dataset


def test_parameters_come_back_with_uid_values_and_defaults(tmp_path):
    learner = Learner()._set(
        maxIter=3,
        tol=math.inf,
        bounds=Vectors.sparse(3, [1], [math.nan]),
        limits=Matrices.dense(1, 2, [0.0, 1.0]),
    )
    learner._setDefault(maxIter=9)
    learner.save(str(tmp_path / "l"))
    again = Learner.load(str(tmp_path / "l"))
    assert again.uid == learner.uid
    assert (again.getMaxIter(), again.getTol(), again.hasDefault("maxIter")) == (3, math.inf, True)
    assert str(again.getOrDefault("bounds")) == "(3,[1],[nan])"
    assert again.getOrDefault("limits") == Matrices.dense(1, 2, [0.0, 1.0])


def test_the_metadata_are_one_line_of_json_in_sparks_layout(tmp_path):
    pipeline = Pipeline(stages=[Learner()])
    pipeline.save(str(tmp_path / "p"))
    text = (tmp_path / "p/metadata/part-00000").read_text()
    found = json.loads(text)
    assert text.count("\n") == 1
    assert (found["class"], found["uid"]) == ("org.apache.spark.ml.Pipeline", pipeline.uid)
    assert found["paramMap"] == {"stageUids": [pipeline.getStages()[0].uid]}
    assert {"timestamp", "sparkVersion", "defaultParamMap"} < set(found)
    assert (tmp_path / f"p/stages/0_{pipeline.getStages()[0].uid}/metadata/_SUCCESS").exists()


def test_a_models_table_comes_back(tmp_path):
    model = Learned(np.array([[1.0, math.nan]]))
    model.save(str(tmp_path / "m"))
    again = Learned.load(str(tmp_path / "m"))
    assert (again.uid, again.weights.tolist()[0][0]) == (model.uid, 1.0)
    assert math.isnan(again.weights[0, 1])


def test_the_table_says_to_spark_which_columns_are_vectors(tmp_path):
    import pyarrow.parquet as pq

    Learned(np.array([[1.0]])).save(str(tmp_path / "m"))
    [part] = (tmp_path / "m/data").glob("part-*")
    said = pq.read_schema(part).metadata[b"org.apache.spark.sql.parquet.row.metadata"]
    types = {field["name"]: field["type"] for field in json.loads(said)["fields"]}
    assert types["weights"]["class"] == "org.apache.spark.ml.linalg.VectorUDT"
    assert types["count"] == "long"


def test_a_pipeline_and_its_model_come_back_with_their_stages(tmp_path):
    pipeline = Pipeline(stages=[Learner()._set(maxIter=4)])
    pipeline.save(str(tmp_path / "p"))
    again = Pipeline.load(str(tmp_path / "p"))
    assert (again.uid, again.getStages()[0].getOrDefault("maxIter")) == (pipeline.uid, 4)
    model = again.fit(ROWS)
    model.save(str(tmp_path / "m"))
    loaded = PipelineModel.load(str(tmp_path / "m"))
    assert loaded.uid == model.uid
    weights: Any = loaded.transform(ROWS)[0]
    assert weights.tolist() == [[1.0, 2.0]]


def test_an_existing_path_is_kept_unless_it_is_to_be_overwritten(tmp_path):
    path = str(tmp_path / "l")
    Learner()._set(maxIter=1).save(path)
    with pytest.raises(AnalysisException, match=r"already exists.*write\(\)\.overwrite\(\)\.save\(path\)"):
        Learner().save(path)
    assert Learner.load(path).getMaxIter() == 1
    Learner()._set(maxIter=2).write().overwrite().save(path)
    assert Learner.load(path).getMaxIter() == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["l"]


def test_what_fails_while_it_is_saved_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="is not MLWritable"):
        Pipeline(stages=[Learner(), Unsaved()]).save(str(tmp_path / "p"))
    assert list(tmp_path.iterdir()) == []


def test_what_was_saved_by_another_class_is_refused(tmp_path):
    Learner().save(str(tmp_path / "l"))
    with pytest.raises(IllegalArgumentException, match=r"Expected class name .*Pipeline but found"):
        Pipeline.load(str(tmp_path / "l"))


def test_a_path_without_anything_saved_is_not_found(tmp_path):
    with pytest.raises(AnalysisException, match="PATH_NOT_FOUND"):
        Learner.load(str(tmp_path / "none"))


def rewritten(folder, **changes):
    part = folder / "metadata/part-00000"
    part.write_text(json.dumps({**json.loads(part.read_text()), **changes}))


def test_a_file_never_has_a_module_imported(tmp_path):
    pipeline = Pipeline(stages=[Learner()])
    pipeline.save(str(tmp_path / "p"))
    [stage] = (tmp_path / "p/stages").iterdir()
    rewritten(stage, **{"class": "antigravity.Flying"})
    with pytest.raises(IllegalArgumentException, match="import antigravity first"):
        Pipeline.load(str(tmp_path / "p"))


def test_a_file_names_only_classes_that_are_made_to_be_loaded(tmp_path):
    pipeline = Pipeline(stages=[Learner()])
    pipeline.save(str(tmp_path / "p"))
    [stage] = (tmp_path / "p/stages").iterdir()
    rewritten(stage, **{"class": "pathlib.Path"})
    with pytest.raises(IllegalArgumentException, match="which cannot be loaded"):
        Pipeline.load(str(tmp_path / "p"))


def test_a_parameter_that_the_class_does_not_know_is_refused(tmp_path):
    Learner().save(str(tmp_path / "l"))
    rewritten(tmp_path / "l", paramMap={"momentum": 1})
    with pytest.raises(IllegalArgumentException, match="has no param 'momentum', which was saved"):
        Learner.load(str(tmp_path / "l"))


def test_options_and_formats_that_are_not_there_are_refused():
    with pytest.raises(UnsupportedOperationException, match="no option 'x'"):
        Learned(None).write().option("x", 1)
    with pytest.raises(UnsupportedOperationException, match="not in 'pmml'"):
        Learned(None).write().format("pmml")


def test_writers_and_readers_are_what_pyspark_calls_them():
    assert issubclass(Learner, MLWritable)
    assert issubclass(Learner, MLReadable)
