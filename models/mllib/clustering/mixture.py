"""Mixtures of normal distributions over an RDD of vectors."""

from __future__ import annotations

import array
import secrets
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.clustering.mixtures import Mixture, fit_mixture, responsibilities
from streamcore.models.ml.matrices import dense_of, vectors_of
from streamcore.models.mllib.linalg import DenseMatrix, DenseVector, MatrixUDT
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.points import features_of
from streamcore.models.mllib.saving import SavedModel
from streamcore.models.mllib.stat.distribution import MultivariateGaussian
from streamcore.rdd.rdd import RDD
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    import pyarrow as pa


class GaussianMixtureModel(SavedModel):
    """Normal distributions with their weights."""

    _typed = ("mu", "sigma")

    def __init__(self, mixture: Mixture) -> None:
        self.mixture = mixture

    @property
    def weights(self) -> np.ndarray:
        """How much of the rows each distribution makes up; they add up to one."""
        return self.mixture.weights

    @property
    def gaussians(self) -> list[MultivariateGaussian]:
        """The distributions."""
        return [
            MultivariateGaussian(DenseVector(mean), DenseMatrix(len(mean), len(mean), cov.ravel(order="F")))
            for mean, cov in zip(self.mixture.means, self.mixture.covariances, strict=True)
        ]

    @property
    def k(self) -> int:
        """How many distributions there are."""
        return len(self.weights)

    def predict(self, x: Any) -> Any:
        """The most probable distribution of a vector; of an RDD of vectors, an RDD."""
        if isinstance(x, RDD):
            return x.map(lambda one: int(self._shares(one).argmax()))
        return self._shares(x).argmax()

    def predictSoft(self, x: Any) -> Any:
        """The probability of each distribution for a vector; of an RDD of vectors, an RDD of arrays."""
        if isinstance(x, RDD):
            return x.map(lambda one: array.array("d", self._shares(one)))
        return self._shares(x)

    def _shares(self, x: Any) -> np.ndarray:
        row = vector_of(x).toArray()[np.newaxis]
        shares, _ = responsibilities(self.mixture.weights, self.mixture.densities(), row)
        return np.asarray(shares[0])

    def _about(self) -> dict[str, Any]:
        return {"k": self.k}

    def _table(self) -> pa.Table:
        import pyarrow as pa

        names, udt = MatrixUDT.sqlType().fieldNames(), MatrixUDT()
        sigmas = [dict(zip(names, udt.serialize(one.sigma), strict=True)) for one in self.gaussians]
        return pa.table(
            {
                "weight": self.mixture.weights,
                "mu": vectors_of(self.mixture.means),
                "sigma": pa.array(sigmas, to_arrow_type(MatrixUDT.sqlType())),
            }
        )

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        sigmas = [MatrixUDT().deserialize(tuple(one.values())) for one in table.column("sigma").to_pylist()]
        covariances = np.stack([sigma.toArray() for sigma in sigmas])
        return cls(Mixture(table.column("weight").to_numpy(), dense_of(table, "mu"), covariances))


class GaussianMixture:
    """Learns a mixture by expectation and maximization, from a start at random.

    >>> from streamcore import Context
    >>> rows = Context.getOrCreate().parallelize([[0.0], [1.0], [8.0], [9.0]])
    >>> GaussianMixture.train(rows, 2, seed=1).weights.round(3).tolist()
    [0.5, 0.5]
    """

    @classmethod
    def train(
        cls,
        rdd: RDD[Any],
        k: int,
        convergenceTol: float = 1e-3,
        maxIterations: int = 100,
        seed: int | None = None,
        initialModel: GaussianMixtureModel | None = None,
    ) -> GaussianMixtureModel:
        """Train on vectors, from `initialModel` where there is one."""
        if k <= 0:
            raise IllegalArgumentException(
                f"requirement failed: Number of Gaussians must be positive but got {k}"
            )
        if initialModel is not None and initialModel.k != k:
            raise ValueError(f"Mismatched cluster count, initialModel.k = {initialModel.k}, however k = {k}")
        rows = features_of(rdd)
        found = fit_mixture(
            rows if isinstance(rows, np.ndarray) else rows.toarray(),
            None,
            k,
            maxIterations,
            convergenceTol,
            secrets.randbits(63) if seed is None else seed,
            None if initialModel is None else initialModel.mixture,
        )
        return GaussianMixtureModel(found.mixture)
