"""Schemas that are handed over as types."""

from __future__ import annotations

from streamcore.spi.types import ArrayType, IntegerType, StructField, StructType
from streamcore.sql import functions as F
from streamcore.sql.session import Session


def test_json_is_read_as_an_array_of_structs(session: Session) -> None:
    kind = ArrayType(StructType([StructField("a", IntegerType())]))
    frame = session.createDataFrame([('[{"a": 1}, {"a": null}]',)], "t string")
    found = frame.select(F.from_json("t", kind).alias("j"))
    assert (found.schema["j"].dataType, found.collect()[0].j) == (kind, [(1,), (None,)])
