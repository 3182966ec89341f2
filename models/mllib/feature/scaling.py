"""Vectors whose entries are scaled, each by itself or all by their norm."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.models.ml.feature.standard_scaler import inverse
from streamcore.models.ml.feature.summaries import moments_of
from streamcore.models.mllib.feature.vectors import VectorTransformer, require_size, with_entries
from streamcore.models.mllib.linalg import DenseVector, Vector
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.points import features_of

if TYPE_CHECKING:
    from streamcore.rdd.rdd import RDD


class Normalizer(VectorTransformer):
    """Scales each vector to unit p-norm; one of zeros stays as it is.

    >>> Normalizer().transform([3.0, -4.0]), Normalizer(float("inf")).transform([3.0, -4.0])
    (DenseVector([0.6, -0.8]), DenseVector([0.75, -1.0]))
    """

    def __init__(self, p: float = 2.0) -> None:
        if p < 1.0:
            raise AssertionError("p should be greater than 1.0")
        self.p = float(p)

    def _of(self, vector: Vector) -> Vector:
        norm = float(vector.norm(self.p))
        return vector if norm == 0 else with_entries(vector, lambda values, _: values / norm)


class ElementwiseProduct(VectorTransformer):
    """Multiplies vectors with one vector, entry by entry; sparse ones stay sparse.

    >>> ElementwiseProduct([1.0, 2.0, 3.0]).transform([2.0, 1.0, 3.0])
    DenseVector([2.0, 2.0, 9.0])
    """

    def __init__(self, scalingVector: Any) -> None:
        self.scalingVector = vector_of(scalingVector)

    def _of(self, vector: Vector) -> Vector:
        factors = self.scalingVector.toArray()
        require_size(vector, len(factors), "ElementwiseProduct")
        return with_entries(vector, lambda values, places: values * factors[places])


class StandardScalerModel(VectorTransformer):
    """Takes the mean away, divides by the standard deviation, or both."""

    def __init__(self, mean: Vector, std: Vector, withMean: bool, withStd: bool) -> None:
        self._mean, self._std = mean, std
        self._with_mean, self._with_std = withMean, withStd

    def setWithMean(self, withMean: bool) -> Self:
        """Whether the mean is taken away; the result is dense then."""
        self._with_mean = withMean
        return self

    def setWithStd(self, withStd: bool) -> Self:
        """Whether entries are divided by their standard deviation; 0 is the result where that is 0."""
        self._with_std = withStd
        return self

    @property
    def withMean(self) -> bool:
        """Whether the mean is taken away."""
        return self._with_mean

    @property
    def withStd(self) -> bool:
        """Whether entries are divided by their standard deviation."""
        return self._with_std

    @property
    def mean(self) -> Vector:
        """The mean of each entry."""
        return self._mean

    @property
    def std(self) -> Vector:
        """The unbiased standard deviation of each entry."""
        return self._std

    def _of(self, vector: Vector) -> Vector:
        require_size(vector, len(self._mean), "the model")
        centred = DenseVector(vector.toArray() - self._mean.toArray()) if self._with_mean else vector
        if not self._with_std:
            return centred
        scale = inverse(np.asarray(self._std.toArray()))
        return with_entries(centred, lambda values, places: values * scale[places])


class StandardScaler:
    """Learns mean and standard deviation of each entry of vectors.

    >>> from streamcore import Context
    >>> rows = Context.getOrCreate().parallelize([[0.0, 1.0], [2.0, 1.0]])
    >>> StandardScaler(withMean=True).fit(rows).transform([3.0, 1.0])
    DenseVector([1.4142, 0.0])
    """

    def __init__(self, withMean: bool = False, withStd: bool = True) -> None:
        if not (withMean or withStd):
            warnings.warn("Both withMean and withStd are false. The model does nothing.", stacklevel=2)
        self.withMean, self.withStd = withMean, withStd

    def fit(self, dataset: RDD[Any]) -> StandardScalerModel:
        """Learn from an RDD of vectors."""
        moments = moments_of(features_of(dataset))
        mean, deviation = DenseVector(moments.mean), DenseVector(moments.deviation)
        return StandardScalerModel(mean, deviation, self.withMean, self.withStd)
