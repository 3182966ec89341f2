"""Transformers that users write themselves."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.models.ml import Pipeline, UnaryTransformer
from streamcore.models.ml.linalg import Vectors, VectorUDT
from streamcore.models.ml.util import DefaultParamsReadable, DefaultParamsWritable
from streamcore.sql.types import DoubleType, StringType
from streamcore.testing.memory_source import MemoryStream


class Upper(UnaryTransformer, DefaultParamsReadable[Any], DefaultParamsWritable):
    def createTransformFunc(self):
        return lambda text: None if text is None else text.upper()

    def outputDataType(self):
        return StringType()

    def validateInputType(self, inputType):
        if inputType != StringType():
            raise TypeError(f"not a string: {inputType}")


class Sum(UnaryTransformer):
    def createTransformFunc(self):
        return lambda vector: float(vector.toArray().sum())

    def outputDataType(self):
        return DoubleType()

    def validateInputType(self, inputType):
        assert inputType == VectorUDT()


def test_the_function_is_called_with_each_value(session: Session):
    frame = session.createDataFrame(
        [("a", Vectors.dense(1, 2)), (None, Vectors.sparse(2, [0], [4.0]))], ["t", "v"]
    )
    stages = [Upper().setInputCol("t").setOutputCol("u"), Sum().setInputCol("v").setOutputCol("s")]
    found = Pipeline(stages=stages).fit(frame).transform(frame)
    assert [(row.u, row.s) for row in found.collect()] == [("A", 3.0), (None, 4.0)]


def test_an_output_that_exists_and_an_input_of_another_type_are_refused(session: Session):
    frame = session.createDataFrame([("a", 1.0)], ["t", "n"])
    with pytest.raises(ValueError, match="Output column n already exists"):
        Upper().setInputCol("t").setOutputCol("n").transform(frame)
    with pytest.raises(TypeError, match="not a string"):
        Upper().setInputCol("n").setOutputCol("u").transform(frame)


def test_a_stream_is_transformed_as_a_batch_is(session: Session):
    source = MemoryStream("t string")
    source.addData([("a",), ("b",)])
    found = Upper().setInputCol("t").setOutputCol("u").transform(source.toDF(session))
    found.writeStream.format("memory").queryName("uppers").trigger(
        availableNow=True
    ).start().awaitTermination()
    assert sorted(row.u for row in session.table("uppers").collect()) == ["A", "B"]
    session.catalog.dropTempView("uppers")
