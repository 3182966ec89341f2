"""The data source `libsvm`."""

from __future__ import annotations

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.libsvm_lines import parse_lines
from streamcore.models.ml.linalg import DenseVector, SparseVector

TEXT = "# labels and vectors\n1 1:2.5 3:4\n\n0 2:1e3 5:-0.5\n  -1\t\n+2 1:0.0\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "rows.txt").write_text(TEXT)
    return str(tmp_path / "rows.txt")


def test_lines_become_labels_and_sparse_vectors_as_wide_as_the_highest_index(session, path):
    rows = session.read.format("libsvm").load(path)
    assert [tuple(row) for row in rows.collect()] == [
        (1.0, SparseVector(5, {0: 2.5, 2: 4.0})),
        (0.0, SparseVector(5, {1: 1000.0, 4: -0.5})),
        (-1.0, SparseVector(5, {})),
        (2.0, SparseVector(5, {})),
    ]
    assert rows.schema["features"].metadata == {"numFeatures": 5, "ml_attr": {"num_attrs": 5}}


def test_a_size_that_is_given_and_dense_vectors_are_heeded(session, path):
    rows = session.read.format("libsvm").option("numFeatures", "6").option("vectorType", "dense").load(path)
    assert rows.first().features == DenseVector([2.5, 0.0, 4.0, 0.0, 0.0, 0.0])


def test_the_size_is_that_of_all_files_together(session, tmp_path):
    (tmp_path / "a.txt").write_text("1 1:2\n")
    (tmp_path / "b.txt").write_text("0 4:2\n")
    sizes = {len(row.features) for row in session.read.format("libsvm").load(str(tmp_path)).collect()}
    assert sizes == {4}


def test_only_labels_can_be_read(session, path):
    labels = session.read.format("libsvm").load(path).select("label").collect()
    assert [row.label for row in labels] == [1.0, 0.0, -1.0, 2.0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 3:1 2:1", "one-based and in ascending order; found current=1, previous=2"),
        ("1 0:1", "one-based and in ascending order; found current=-1, previous=-1"),
        ("1 a:1", "not '1 a:1'"),
        ("x 1:1", "not 'x 1:1'"),
        ("1 1 2:1", "not '1 1 2:1'"),
    ],
)
def test_a_line_of_another_form_is_refused_with_its_text(line, message):
    with pytest.raises(QueryExecutionException, match=message):
        parse_lines(pa.array(["1 1:1", line]))


def test_indices_may_fall_from_one_line_to_the_next():
    assert parse_lines(pa.array(["1 3:1", "0 1:1"])).indices.tolist() == [2, 0]


def test_an_index_beyond_the_given_size_is_refused(session, path):
    rows = session.read.format("libsvm").option("numFeatures", "3").load(path)
    with pytest.raises(QueryExecutionException, match="a feature of index 5, and numFeatures is 3"):
        rows.collect()


def test_options_and_schemas_that_do_not_fit_are_refused(session, path):
    with pytest.raises(IllegalArgumentException, match="vectorType='x'"):
        session.read.format("libsvm").option("vectorType", "x").load(path).collect()
    with pytest.raises(AnalysisException, match="Illegal schema for libsvm data"):
        session.read.format("libsvm").schema("label double, features string").load(path).collect()


def test_a_stream_reads_the_vectors_of_a_schema_that_knows_their_size(session, path, tmp_path):
    schema = session.read.format("libsvm").load(path).schema
    rows = session.readStream.format("libsvm").schema(schema).load(str(tmp_path))
    query = rows.writeStream.format("memory").queryName("libsvm").trigger(availableNow=True).start()
    query.awaitTermination()
    assert session.table("libsvm").count() == 4
    with pytest.raises(AnalysisException, match="Illegal schema for libsvm data"):
        session.readStream.format("libsvm").schema("label double").load(str(tmp_path))
