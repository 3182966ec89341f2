"""The layout of what is saved: Spark's, in folders of this machine.

`metadata/part-00000` holds one line of JSON, `data/` a table as Parquet whose vectors and matrices Spark
reads as such. A folder appears whole or not at all, and nothing in it is code.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.models.ml.linalg import (
    DenseMatrix,
    DenseVector,
    Matrix,
    MatrixUDT,
    SparseMatrix,
    SparseVector,
    Vector,
    VectorUDT,
)
from streamcore.models.ml.param import Param, TypeConverters
from streamcore.spi.types import (
    ArrayType,
    DataType,
    StructField,
    StructType,
    from_arrow_type,
    to_arrow_type,
)
from streamcore.storage.locations import local_folder

if TYPE_CHECKING:
    import pyarrow as pa

SPARK_VERSION = "4.3.0"
"""The release whose layout is written."""
_ROW_METADATA = "org.apache.spark.sql.parquet.row.metadata"
_NOT_FINITE = {"NaN": math.nan, "Inf": math.inf, "-Inf": -math.inf}


def metadata_of(
    name: str, uid: str, params: Mapping[str, Any], defaults: Mapping[str, Any], more: Mapping[str, Any]
) -> dict[str, Any]:
    """What `metadata/` tells of something: its class, its uid, its parameters."""
    return {
        "class": name,
        "timestamp": round(time.time() * 1000),
        "sparkVersion": SPARK_VERSION,
        "uid": uid,
        "paramMap": dict(params),
        "defaultParamMap": dict(defaults),
        **more,
    }


def write_metadata(folder: Path, metadata: Mapping[str, Any]) -> None:
    """Write `metadata/` below a folder."""
    target = folder / "metadata"
    target.mkdir(parents=True)
    line = json.dumps(metadata, separators=(",", ":"), allow_nan=False)
    (target / "part-00000").write_text(line + "\n", encoding="utf-8")
    (target / "_SUCCESS").touch()


def read_metadata(path: str | Path) -> dict[str, Any]:
    """What `metadata/` below a folder tells; AnalysisException when there is none."""
    folder = local_folder(os.fspath(path)) / "metadata"
    for part in sorted(folder.glob("part-*")):
        line = part.read_text(encoding="utf-8").strip()
        if line:
            return _checked(json.loads(line), part)
    raise AnalysisException(f"[PATH_NOT_FOUND] Path does not exist: {folder}. SQLSTATE: 42K03")


def _checked(metadata: Any, part: Path) -> dict[str, Any]:
    for key in ("class", "uid", "paramMap"):
        if not isinstance(metadata, dict) or key not in metadata:
            raise IllegalArgumentException(f"{part} is no metadata of something saved: it has no {key!r}")
    return dict(metadata)


def write_table(folder: Path, table: pa.Table, name: str = "data", *, older: Collection[str] = ()) -> None:
    """Write a table below a folder; its columns of vectors and matrices say to Spark what they are.

    Those named in `older` are of `pyspark.mllib`, as Spark keeps them in some models.
    """
    import pyarrow.parquet as pq

    target = folder / name
    target.mkdir(parents=True)
    fields = [_field_json(field, older=field.name in older) for field in table.schema]
    schema = json.dumps({"type": "struct", "fields": fields})
    said = {_ROW_METADATA: schema, "org.apache.spark.version": SPARK_VERSION}
    pq.write_table(table.replace_schema_metadata(said), target / "part-00000.snappy.parquet")
    (target / "_SUCCESS").touch()


def read_table(folder: Path, name: str = "data") -> pa.Table:
    """The table below a folder."""
    import pyarrow.parquet as pq

    return pq.read_table(folder / name, partitioning=None).replace_schema_metadata(None)


def _field_json(field: pa.Field, *, older: bool) -> Any:
    text = json.dumps(StructField(field.name, _spark_type(field.type)).jsonValue())
    return json.loads(text.replace(".ml.linalg.", ".mllib.linalg.") if older else text)


def _spark_type(kind: pa.DataType) -> DataType:
    import pyarrow as pa

    for udt in (VectorUDT(), MatrixUDT()):
        if _same_shape(kind, to_arrow_type(udt.sqlType())):
            return udt
    if pa.types.is_list(kind):
        return ArrayType(_spark_type(kind.value_type))
    if pa.types.is_struct(kind):
        return StructType([StructField(field.name, _spark_type(field.type)) for field in kind])
    return from_arrow_type(kind)


def _same_shape(kind: pa.DataType, other: pa.DataType) -> bool:
    """Whether two types hold the same, whatever may be null in them."""
    from pyarrow import types

    if types.is_struct(kind) and types.is_struct(other):
        names = [field.name for field in kind] == [field.name for field in other]
        return names and all(
            _same_shape(mine.type, theirs.type) for mine, theirs in zip(kind, other, strict=True)
        )
    if types.is_list(kind) and types.is_list(other):
        return _same_shape(kind.value_type, other.value_type)
    return bool(kind == other)


@contextlib.contextmanager
def staged(path: str | Path, *, overwrite: bool) -> Iterator[Path]:
    """A new folder that takes the place of `path` when the block ends well, and vanishes when it does not.

    AnalysisException when `path` exists and is not to be overwritten.
    """
    target = local_folder(os.fspath(path))
    if target.exists() and not overwrite:
        raise AnalysisException(
            f"Path {path} already exists. To overwrite it, please use write().overwrite().save(path)."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    hidden = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    hidden.mkdir()
    try:
        yield hidden
        _take_place(hidden, target)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _take_place(new: Path, target: Path) -> None:
    if not target.exists():
        new.rename(target)
        return
    old = new.with_name(new.name + ".old")
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    if old.is_dir():
        shutil.rmtree(old)
    else:
        old.unlink()


def encoded(value: Any) -> Any:
    """A parameter's value as JSON holds it; TypeError for what JSON cannot hold."""
    if isinstance(value, Vector | Matrix):
        return _encoded_values(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Inf" if value > 0 else "-Inf"
    if isinstance(value, list | tuple):
        return [encoded(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): encoded(item) for key, item in value.items()}
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be written as JSON")


def _encoded_values(value: Vector | Matrix) -> dict[str, Any]:
    kind = "matrix" if isinstance(value, Matrix) else None
    udt: Any = value.__UDT__
    named = zip(udt.sqlType().names, udt.serialize(value), strict=True)
    fields = {name: encoded(part) for name, part in named if part is not None}
    return {"class": kind, **fields} if kind else fields


def decoded(param: Param[Any], value: Any) -> Any:
    """A parameter's value of what JSON holds."""
    if param.typeConverter == TypeConverters.toVector and isinstance(value, dict):
        return _decoded_vector(value)
    if param.typeConverter == TypeConverters.toMatrix and isinstance(value, dict):
        return _decoded_matrix(value)
    if param.typeConverter in (
        TypeConverters.toFloat, TypeConverters.toListFloat, TypeConverters.toListListFloat,
    ):  # fmt: skip
        return _number(value)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, list):
        return [_number(item) for item in value]
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value


def _decoded_vector(value: dict[str, Any]) -> Vector:
    values = _number(value["values"])
    if value["type"] == 1:
        return DenseVector(values)
    return SparseVector(value["size"], value["indices"], values)


def _decoded_matrix(value: dict[str, Any]) -> Matrix:
    rows, columns, values = value["numRows"], value["numCols"], _number(value["values"])
    transposed = value.get("isTransposed", False)
    if value["type"] == 1:
        return DenseMatrix(rows, columns, values, transposed)
    return SparseMatrix(rows, columns, value["colPtrs"], value["rowIndices"], values, transposed)
