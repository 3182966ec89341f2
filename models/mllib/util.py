"""Reading, writing and converting vectors and labeled points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml import linalg as ml
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.libsvm_lines import SparseRows, parse_lines
from streamcore.models.ml.schemas import field_of
from streamcore.models.mllib import linalg as mllib
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.points import LabeledPoint
from streamcore.models.mllib.saving import Loader, Saveable
from streamcore.rdd.rdd import RDD
from streamcore.spi.types import StructField, UserDefinedType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamcore.context import Context
    from streamcore.sql.dataframe import DataFrame

__all__ = ["LinearDataGenerator", "Loader", "MLUtils", "Saveable"]


class MLUtils:
    """Helpers for labeled points, vectors, and columns of vectors."""

    @staticmethod
    def loadLibSVMFile(
        sc: Context, path: str, numFeatures: int = -1, minPartitions: int | None = None
    ) -> RDD[LabeledPoint]:
        """Labeled points of LIBSVM's text; the files are read for the highest index without `numFeatures`."""
        rows = sc.textFile(path, minPartitions).mapPartitions(_parsed)
        size = numFeatures if numFeatures > 0 else max(rows.map(lambda part: part.size).collect(), default=0)
        return rows.flatMap(lambda part: _points(part, size))

    @staticmethod
    def saveAsLibSVMFile(data: RDD[LabeledPoint], dir: str) -> None:
        """Write labeled points as LIBSVM's text: of dense vectors the entries that are zero too."""
        data.map(_line).saveAsTextFile(dir)

    @staticmethod
    def loadLabeledPoints(sc: Context, path: str, minPartitions: int | None = None) -> RDD[LabeledPoint]:
        """Labeled points of texts such as `(1.0,[0.5,2.0])`, as `RDD.saveAsTextFile` writes them."""
        return sc.textFile(path, minPartitions).map(parse_point)

    @staticmethod
    def loadVectors(sc: Context, path: str) -> RDD[mllib.Vector]:
        """Vectors of texts, as `RDD.saveAsTextFile` writes them."""
        return sc.textFile(path).map(mllib.Vectors.parse)

    @staticmethod
    def appendBias(data: Any) -> mllib.Vector:
        """The vector with a one behind its entries.

        >>> MLUtils.appendBias([2.0])
        DenseVector([2.0, 1.0])
        """
        vector = vector_of(data)
        if isinstance(vector, mllib.SparseVector):
            indices, values = np.append(vector.indices, len(vector)), np.append(vector.values, 1.0)
            return mllib.SparseVector(len(vector) + 1, indices, values)
        return mllib.DenseVector(np.append(vector.toArray(), 1.0))

    @staticmethod
    def convertVectorColumnsToML(dataset: DataFrame, *cols: str) -> DataFrame:
        """Columns of mllib's vectors as those of ml; all of them without names."""
        return _converted(dataset, cols, mllib.VectorUDT(), ml.VectorUDT())

    @staticmethod
    def convertVectorColumnsFromML(dataset: DataFrame, *cols: str) -> DataFrame:
        """Columns of ml's vectors as those of mllib; all of them without names."""
        return _converted(dataset, cols, ml.VectorUDT(), mllib.VectorUDT())

    @staticmethod
    def convertMatrixColumnsToML(dataset: DataFrame, *cols: str) -> DataFrame:
        """Columns of mllib's matrices as those of ml; all of them without names."""
        return _converted(dataset, cols, mllib.MatrixUDT(), ml.MatrixUDT())

    @staticmethod
    def convertMatrixColumnsFromML(dataset: DataFrame, *cols: str) -> DataFrame:
        """Columns of ml's matrices as those of mllib; all of them without names."""
        return _converted(dataset, cols, ml.MatrixUDT(), mllib.MatrixUDT())


def _converted(
    dataset: DataFrame, cols: tuple[str, ...], source: UserDefinedType, target: UserDefinedType
) -> DataFrame:
    """Both are stored alike, so that only the type of the column changes."""
    names = cols or tuple(field.name for field in dataset.schema.fields if field.dataType == source)
    for name in names:
        found = field_of(dataset.schema, name).dataType
        if found not in (source, target):
            raise IllegalArgumentException(
                f"requirement failed: Column {name} must be a {source.simpleString()} column but got "
                f"{found.simpleString()}."
            )
    changed = [name for name in names if field_of(dataset.schema, name).dataType == source]
    made = {name: f"{name} as {target!r}" for name in changed}
    fields = [StructField(made[name], target, metadata=dataset.schema[name].metadata) for name in changed]
    both = computed(dataset, changed, fields, _Same())
    return both.select(*(both[made.get(name, name)].alias(name) for name in dataset.columns))


@dataclass(frozen=True)
class _Same:
    """The columns as they are."""

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed(list(rows.columns))


def parse_point(text: str) -> LabeledPoint:
    """The labeled point of a text.

    >>> parse_point("(1.0,(3,[1],[2.0]))")
    LabeledPoint(1.0, (3,[1],[2.0]))
    """
    label, _, vector = text.strip().removeprefix("(").removesuffix(")").partition(",")
    return LabeledPoint(float(label), mllib.Vectors.parse(vector))


def _parsed(lines: Iterable[str]) -> Iterator[SparseRows]:
    yield parse_lines(pa.array(list(lines), pa.string())).without_zeros()


def _points(rows: SparseRows, size: int) -> Iterator[LabeledPoint]:
    for at, label in enumerate(rows.labels.tolist()):
        entries = slice(rows.offsets[at], rows.offsets[at + 1])
        yield LabeledPoint(label, mllib.SparseVector(size, rows.indices[entries], rows.values[entries]))


def _line(point: LabeledPoint) -> str:
    if not isinstance(point, LabeledPoint):
        raise TypeError(f"data should be an RDD of LabeledPoint, but got {type(point)}")
    features = point.features
    entries: Iterable[tuple[int, float]]
    if isinstance(features, mllib.SparseVector):
        entries = zip(features.indices.tolist(), features.values.tolist(), strict=True)
    else:
        entries = enumerate(features.toArray().tolist())
    return " ".join([str(point.label), *(f"{index + 1}:{value}" for index, value in entries)])


class LinearDataGenerator:
    """Labeled points of a linear model with noise."""

    @staticmethod
    def generateLinearInput(
        intercept: float,
        weights: Any,
        xMean: Any,
        xVariance: Any,
        nPoints: int,
        seed: int,
        eps: float,
    ) -> list[LabeledPoint]:
        """Points whose features are uniform around `xMean`, with noise of the standard deviation `eps`."""
        rng = np.random.default_rng(seed)
        slopes, means, variances = (vector_of(given).toArray() for given in (weights, xMean, xVariance))
        X = means + (rng.random((nPoints, len(slopes))) - 0.5) * np.sqrt(12.0 * variances)
        y = X @ slopes + intercept + eps * rng.normal(size=nPoints)
        return [LabeledPoint(label, row) for label, row in zip(y.tolist(), X, strict=True)]

    @staticmethod
    def generateLinearRDD(
        sc: Context, nexamples: int, nfeatures: int, eps: float, nParts: int = 2, intercept: float = 0.0
    ) -> RDD[LabeledPoint]:
        """An RDD of points whose weights are drawn with the seed 42 from -0.5 to 0.5."""
        weights = np.random.default_rng(42).random(nfeatures) - 0.5
        zeros, thirds = np.zeros(nfeatures), np.full(nfeatures, 1.0 / 3.0)
        points = LinearDataGenerator.generateLinearInput(
            intercept, weights, zeros, thirds, nexamples, 42, eps
        )
        return sc.parallelize(points, nParts)
