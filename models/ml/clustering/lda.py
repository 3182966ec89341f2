"""Topics of documents: latent Dirichlet allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streamcore.models.ml.base import Estimator
from streamcore.models.ml.clustering.distances import Numbers
from streamcore.models.ml.clustering.lda_models import (
    DistributedLDAModel,
    LDAModel,
    LocalLDAModel,
    documents_of,
)
from streamcore.models.ml.clustering.lda_params import LDAParams
from streamcore.models.ml.clustering.topics import OnlineSettings, learn_online
from streamcore.models.ml.clustering.topics_em import learn_by_em
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.inputs import require
from streamcore.models.ml.param import keyword_only
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_DEFAULT = -1.0


class LDA(Estimator[LDAModel], LDAParams, Saved):
    """Finds topics in documents, which are vectors of how often each term occurs.

    `optimizer="online"` learns from samples of the documents by variational inference, "em" from all of
    them by expectation and maximization. Both start from random numbers: for "em" they are Spark's for
    documents in one partition, for "online" ours, which agree in kind.
    `checkpointInterval` and `keepLastCheckpoint` have nothing to decide: no checkpoints are written.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> counts = [(Vectors.dense(9.0, 8.0, 0.0, 0.0),), (Vectors.dense(0.0, 0.0, 7.0, 9.0),)]
    >>> rows = Session.builder.getOrCreate().createDataFrame(counts, ["features"])
    >>> model = LDA(k=2, optimizer="em", maxIter=50, seed=1, docConcentration=[1.1]).fit(rows)
    >>> sorted(row.termIndices for row in model.describeTopics(2).collect())
    [[0, 1], [3, 2]]
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        maxIter: int = 20,
        seed: int | None = None,
        checkpointInterval: int = 10,
        k: int = 10,
        optimizer: str = "online",
        learningOffset: float = 1024.0,
        learningDecay: float = 0.51,
        subsamplingRate: float = 0.05,
        optimizeDocConcentration: bool = True,
        docConcentration: list[float] | None = None,
        topicConcentration: float | None = None,
        topicDistributionCol: str = "topicDistribution",
        keepLastCheckpoint: bool = True,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        maxIter: int = 20,
        seed: int | None = None,
        checkpointInterval: int = 10,
        k: int = 10,
        optimizer: str = "online",
        learningOffset: float = 1024.0,
        learningDecay: float = 0.51,
        subsamplingRate: float = 0.05,
        optimizeDocConcentration: bool = True,
        docConcentration: list[float] | None = None,
        topicConcentration: float | None = None,
        topicDistributionCol: str = "topicDistribution",
        keepLastCheckpoint: bool = True,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setCheckpointInterval(self, value: int) -> Self:
        """Set `checkpointInterval`."""
        return self._set(checkpointInterval=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setK(self, value: int) -> Self:
        """Set `k`."""
        return self._set(k=value)

    def setOptimizer(self, value: str) -> Self:
        """Set `optimizer`."""
        return self._set(optimizer=value)

    def setLearningOffset(self, value: float) -> Self:
        """Set `learningOffset`."""
        return self._set(learningOffset=value)

    def setLearningDecay(self, value: float) -> Self:
        """Set `learningDecay`."""
        return self._set(learningDecay=value)

    def setSubsamplingRate(self, value: float) -> Self:
        """Set `subsamplingRate`."""
        return self._set(subsamplingRate=value)

    def setOptimizeDocConcentration(self, value: bool) -> Self:
        """Set `optimizeDocConcentration`."""
        return self._set(optimizeDocConcentration=value)

    def setDocConcentration(self, value: list[float]) -> Self:
        """Set `docConcentration`."""
        return self._set(docConcentration=value)

    def setTopicConcentration(self, value: float) -> Self:
        """Set `topicConcentration`."""
        return self._set(topicConcentration=value)

    def setTopicDistributionCol(self, value: str) -> Self:
        """Set `topicDistributionCol`."""
        return self._set(topicDistributionCol=value)

    def setKeepLastCheckpoint(self, value: bool) -> Self:
        """Set `keepLastCheckpoint`."""
        return self._set(keepLastCheckpoint=value)

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def _fit(self, dataset: DataFrame) -> LDAModel:
        documents = documents_of(dataset, self.getFeaturesCol())
        require(documents.shape[0] > 0, "There are no documents to find topics in.")
        if self.getOptimizer().lower() == "em":
            alpha, eta = self._assumed_by_em()
            found = learn_by_em(documents, self.getK(), alpha, eta, self.getMaxIter(), self.getSeed())
            return fitted(self, DistributedLDAModel(found))
        settings = OnlineSettings(
            k=self.getK(),
            maxIter=self.getMaxIter(),
            learningOffset=self.getLearningOffset(),
            learningDecay=self.getLearningDecay(),
            subsamplingRate=self.getSubsamplingRate(),
            optimizeDocConcentration=self.getOptimizeDocConcentration(),
            seed=self.getSeed(),
        )
        eta = self._given_eta()
        eta = 1 / self.getK() if eta == _DEFAULT else eta
        require(eta >= 0, f"LDA topicConcentration must be >= 0 (or -1 for auto), but was set to {eta}")
        return fitted(self, LocalLDAModel(learn_online(documents, self._assumed_online(), eta, settings)))

    def _assumed_online(self) -> Numbers:
        given = self._given_alpha()
        if given == [_DEFAULT]:
            return np.full(self.getK(), 1 / self.getK())
        require(min(given) >= 0, f"all entries in alpha must be >=0, got: {given}")
        return np.full(self.getK(), given[0]) if len(given) == 1 else np.array(given)

    def _assumed_by_em(self) -> tuple[float, float]:
        given, eta = self._given_alpha(), self._given_eta()
        for name, value in [("docConcentration", given[0]), ("topicConcentration", eta)]:
            require(
                value > 1 or value == _DEFAULT,
                f"LDA {name} must be > 1.0 (or -1 for auto) for EM Optimizer, but was set to {value}",
            )
        require(len(set(given)) == 1, "The EM optimizer takes one docConcentration for all topics.")
        alpha = 50 / self.getK() + 1 if given[0] == _DEFAULT else given[0]
        return alpha, 1.1 if eta == _DEFAULT else eta

    def _given_alpha(self) -> list[float]:
        given = self.getDocConcentration() if self.isSet("docConcentration") else [_DEFAULT]
        require(
            len(given) in (1, self.getK()),
            f"LDA docConcentration was of length {len(given)}, but k = {self.getK()}.  docConcentration must "
            "be an array of length either 1 (scalar) or k (num topics).",
        )
        return given

    def _given_eta(self) -> float:
        return self.getTopicConcentration() if self.isSet("topicConcentration") else _DEFAULT
