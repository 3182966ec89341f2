"""Columns of any kind as one sparse row of features, placed by the hash of their names and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from streamcore.errors import AnalysisException
from streamcore.jvm.murmur3 import hash_texts, places_of
from streamcore.models.online.base import (
    Arrays,
    FeatureColumns,
    Learner,
    NumpyModel,
    Transformer,
    columns_named,
    require,
)
from streamcore.models.online.matrix import Floats, Integers, Matrix, SparseRows
from streamcore.models.online.rows import Rows, column_type, is_number
from streamcore.spi.models import Columns, ModelInputs, State

_VECTOR = pa.struct(
    [
        ("type", pa.int8()),
        ("size", pa.int32()),
        ("indices", pa.list_(pa.int32())),
        ("values", pa.list_(pa.float64())),
    ]
)
_SPARSE = 0


@dataclass(frozen=True, kw_only=True)
class FeatureHasher(NumpyModel):
    """The features of `pyspark.ml.feature.FeatureHasher`, at the same places, without anything to learn.

    A number is kept under the hash of its column's name; a text, a boolean, or a whole number of
    `categoricalCols` is a 1 under the hash of "column=value".  Features that meet at one place add up; a
    null is no feature.
    """

    name: ClassVar[str] = "FeatureHasher"
    transforms: ClassVar[bool] = True
    reads_batches: ClassVar[bool] = True

    inputCols: FeatureColumns
    outputCol: str = "features"
    numFeatures: int = 1 << 18
    categoricalCols: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.numFeatures >= 1, self.name, "numFeatures", self.numFeatures, "at least 1")
        unknown = [name for name in self.categoricalCols if name not in columns_named(self.inputCols)]
        require(not unknown, self.name, "categoricalCols", unknown, "some of inputCols")

    @property
    def split_invariant(self) -> bool:
        return True

    @property
    def inputs(self) -> ModelInputs:
        return ModelInputs(columns_named(self.inputCols))

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        return (pa.field(self.outputCol, _VECTOR),)

    def check_features(self, schema: pa.Schema) -> None:
        for name in self.inputs.features:
            kind = column_type(schema, name)
            if not (is_number(kind) or _is_text(kind)):
                raise AnalysisException(f"FeatureHasher cannot hash the column {name!r} of the type {kind}")
            if name in self.categoricalCols and not (_is_text(kind) or _is_whole(kind)):
                raise AnalysisException(
                    f"the categorical column {name!r} is of the type {kind}; cast it to text, so that it is "
                    "clear how its values are written"
                )

    def initial_state(self) -> State:
        return {}

    def learner(self, state: State) -> Transformer:
        return _NothingToLearn()

    def features(self, batch: pa.Table) -> SparseRows:
        """The hashed features; those of a row in the order of their places."""
        entries = [self._entries(batch.column(name), name) for name in self.inputs.features]
        rows = np.concatenate([rows for rows, _, _ in entries])
        places = np.concatenate([places for _, places, _ in entries])
        values = np.concatenate([values for _, _, values in entries])
        return _together(rows, places, values, (len(batch), self.numFeatures))

    def columns(self, learner: Learner, X: Matrix) -> Columns:
        assert isinstance(X, SparseRows)
        rows = len(X.indptr) - 1
        ends = pa.array(X.indptr.astype(np.int32))
        parts = [
            pa.array(np.full(rows, _SPARSE, dtype=np.int8)),
            pa.array(np.full(rows, X.columns, dtype=np.int32)),
            pa.ListArray.from_arrays(ends, pa.array(X.indices.astype(np.int32))),
            pa.ListArray.from_arrays(ends, pa.array(X.data)),
        ]
        return {self.outputCol: pa.StructArray.from_arrays(parts, fields=list(_VECTOR))}

    def _entries(self, column: pa.ChunkedArray, name: str) -> tuple[Integers, Integers, Floats]:
        """The rows that have a value, its places and what is kept there."""
        rows = np.flatnonzero(column.is_valid().to_numpy())
        known = column.drop_null()
        if is_number(column.type) and not kinds.is_boolean(column.type) and name not in self.categoricalCols:
            values = pc.cast(known, pa.float64(), safe=False).to_numpy()
            return rows, np.full(len(rows), self._places([name])[0]), values
        named = known.cast(pa.string()).combine_chunks().dictionary_encode()
        texts = pc.binary_join_element_wise(f"{name}=", named.dictionary, "")
        return rows, self._places(texts)[named.indices.to_numpy()], np.ones(len(rows))

    def _places(self, texts: pa.Array | list[str]) -> Integers:
        array = pa.array(texts, pa.string()) if isinstance(texts, list) else texts
        places: npt.NDArray[np.int32] = places_of(hash_texts(array), self.numFeatures)
        return places.astype(np.int64)


class _NothingToLearn(Transformer):
    """Rows were hashed when they were read."""

    def learn(self, rows: Rows) -> None:
        """Nothing."""

    def transform(self, X: Matrix) -> Matrix:
        return X

    def state(self) -> Arrays:
        return {}


def _together(rows: Integers, places: Integers, values: Floats, shape: tuple[int, int]) -> SparseRows:
    """One entry for each row and place, the sum of those that are there."""
    count, columns = shape
    keys = rows * columns + places
    kept, where = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(kept))
    np.add.at(sums, where, values)
    ends = np.searchsorted(kept, np.arange(count + 1) * columns)
    return SparseRows(sums, kept % columns, ends, columns)


def _is_text(kind: pa.DataType) -> bool:
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_boolean(kind))


def _is_whole(kind: pa.DataType) -> bool:
    return bool(kinds.is_integer(kind))
