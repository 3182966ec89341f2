"""Topics of documents, and of further documents."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Model
from streamcore.models.ml.clustering.cluster_model import require_size
from streamcore.models.ml.clustering.distances import Rows
from streamcore.models.ml.clustering.lda_params import LDAParams
from streamcore.models.ml.clustering.topics import GAMMA_SHAPE, Topics, distributions, likelihood_bound
from streamcore.models.ml.clustering.topics_em import Assignments
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.inputs import VECTOR, require
from streamcore.models.ml.linalg import DenseMatrix, DenseVector, MatrixUDT
from streamcore.models.ml.matrices import dense_of, named, sparse_of, vector_type, vectors_of
from streamcore.models.ml.persistence import read_table, write_metadata, write_table
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_vector
from streamcore.models.ml.stat.significance import frame_of_columns
from streamcore.spi.types import ArrayType, DoubleType, IntegerType, StructField, to_arrow_type

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_GRAPH_CLASS = "org.apache.spark.mllib.clustering.DistributedLDAModel"


@dataclass(frozen=True)
class TopicShares:
    """Counts of terms as the share of each topic."""

    column: str
    topics: Topics

    def __call__(self, rows: pa.Table) -> Computed:
        """The shares of each row."""
        if not rows.num_rows:
            return Computed([pa.array([], vector_type())])
        documents = sparse_of(rows, rows.column_names[0])
        require_size(documents, len(self.topics.terms))
        return Computed([vectors_of(distributions(documents, self.topics))])


class LDAModel(Model, LDAParams, Saved):
    """Topics: what `LDA` has learnt from documents."""

    @property
    @abstractmethod
    def _topics(self) -> Topics:
        """The topics."""

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`: it decides nothing here, since what is inferred starts from no random numbers."""
        return self._set(seed=value)

    def setTopicDistributionCol(self, value: str) -> Self:
        """Set `topicDistributionCol`."""
        return self._set(topicDistributionCol=value)

    @abstractmethod
    def isDistributed(self) -> bool:
        """Whether it remembers the documents that it was trained on."""

    def vocabSize(self) -> int:
        """How many terms there are."""
        return len(self._topics.terms)

    def topicsMatrix(self) -> DenseMatrix:
        """How much of each term (row) is in each topic (column)."""
        terms, k = self._topics.terms.shape
        return DenseMatrix(terms, k, self._topics.terms.ravel(order="F"))

    def estimatedDocConcentration(self) -> DenseVector:
        """What was assumed, or learnt, of the shares of topics in documents."""
        return DenseVector(self._topics.alpha)

    def logLikelihood(self, dataset: DataFrame) -> float:
        """A lower bound of the log-likelihood of documents."""
        return likelihood_bound(self._documents(dataset), self._topics)

    def logPerplexity(self, dataset: DataFrame) -> float:
        """An upper bound of the perplexity per token: lower is better."""
        documents = self._documents(dataset)
        return -likelihood_bound(documents, self._topics) / float(documents.sum())

    def describeTopics(self, maxTermsPerTopic: int = 10) -> DataFrame:
        """For each topic the terms that are most of it, and how much."""
        from streamcore.sql.session import Session

        shares = self._topics.shares
        order = np.argsort(-shares, axis=0, kind="stable")[:maxTermsPerTopic].T
        weights = [shares[terms, topic].tolist() for topic, terms in enumerate(order)]
        ints, doubles = (
            ArrayType(IntegerType(), containsNull=False),
            ArrayType(DoubleType(), containsNull=False),
        )
        columns = {
            "topic": (pa.array(range(len(order)), pa.int32()), IntegerType()),
            "termIndices": (pa.array(order.tolist(), pa.list_(pa.int32())), ints),
            "termWeights": (pa.array(weights, pa.list_(pa.float64())), doubles),
        }
        return frame_of_columns(Session.active(), columns)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vector(dataset.schema, self.getFeaturesCol())
        output = StructField(self.getTopicDistributionCol(), VECTOR)
        function = TopicShares(self.getFeaturesCol(), self._topics)
        return computed(dataset, [self.getFeaturesCol()], [output], function)

    def _documents(self, dataset: DataFrame) -> Rows:
        documents = documents_of(dataset, self.getFeaturesCol())
        require_size(documents, self.vocabSize())
        return documents


class LocalLDAModel(LDAModel):
    """Topics alone, without the documents that they were learnt from."""

    def __init__(self, topics: Topics | None = None) -> None:
        super().__init__()
        self._known = Topics(np.empty((0, 0)), np.empty(0), 0.0) if topics is None else topics

    def __repr__(self) -> str:
        return f"LocalLDAModel: uid={self.uid}, k={len(self._known.alpha)}, numFeatures={self.vocabSize()}"

    @property
    def _topics(self) -> Topics:
        return self._known

    def isDistributed(self) -> bool:
        """No."""
        return False

    def _data(self) -> pa.Table:
        udt = MatrixUDT()
        stored = dict(zip(udt.sqlType().names, udt.serialize(self.topicsMatrix()), strict=True))
        return pa.table(
            {
                "vocabSize": pa.array([self.vocabSize()], pa.int32()),
                "topicsMatrix": pa.array([stored], to_arrow_type(udt.sqlType())),
                "docConcentration": vectors_of(self._known.alpha[np.newaxis]),
                "topicConcentration": pa.array([self._known.eta], pa.float64()),
                "gammaShape": pa.array([GAMMA_SHAPE], pa.float64()),
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        matrix = MatrixUDT().deserialize(tuple(data.column("topicsMatrix")[0].as_py().values()))
        alpha = dense_of(data, "docConcentration")[0]
        return cls(Topics(matrix.toArray(), alpha, data.column("topicConcentration")[0].as_py()))


class DistributedLDAModel(LDAModel):
    """Topics, and how they are met in the documents that they were learnt from."""

    def __init__(self, assignments: Assignments | None = None) -> None:
        super().__init__()
        none, no_topics = np.empty(0, np.int64), np.empty((0, 0))
        empty = Assignments(none, none, np.empty(0), no_topics, no_topics, 0.0, 0.0)
        self._assignments = empty if assignments is None else assignments

    def __repr__(self) -> str:
        k = self._assignments.of_terms.shape[1]
        return f"DistributedLDAModel: uid={self.uid}, k={k}, numFeatures={self.vocabSize()}"

    @property
    def _topics(self) -> Topics:
        return self._assignments.topics

    def isDistributed(self) -> bool:
        """Yes: it remembers the documents."""
        return True

    def toLocal(self) -> LocalLDAModel:
        """The topics alone."""
        return self._copyValues(LocalLDAModel(self._topics)._resetUid(self.uid))

    def trainingLogLikelihood(self) -> float:
        """The log-likelihood of the documents that it was trained on, by what was found in training."""
        return self._assignments.log_likelihood()

    def logPrior(self) -> float:
        """The log-probability of what was found, by what was assumed of it."""
        return self._assignments.log_prior()

    def getCheckpointFiles(self) -> list[str]:
        """None: training is one computation in memory, and writes no checkpoints."""
        return []

    def _save_parts(self, folder: Path) -> None:
        save_assignments(folder / "oldModel", self._assignments)

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        return cls(load_assignments(folder / "oldModel"))


def save_assignments(folder: Path, found: Assignments) -> None:
    """Write what was learnt by expectation and maximization, as the model of mllib is kept."""
    vocabulary, k = found.of_terms.shape
    told = {"k": k, "vocabSize": vocabulary, "topicConcentration": found.eta}
    alpha = found.topics.alpha.tolist()
    times: dict[str, Any] = {"iterationTimes": [], "gammaShape": GAMMA_SHAPE, "docConcentration": alpha}
    write_metadata(folder, {"class": _GRAPH_CLASS, "version": "1.0", **told, **times})
    terms, documents = np.unique(found.terms), np.unique(found.documents)
    tokens = {"srcId": found.documents, "dstId": -(found.terms + 1), "tokenCounts": found.counts}
    table = pa.table({name: pa.array(values) for name, values in tokens.items()})
    write_table(folder, table, "data/tokenCounts")
    weights = np.concatenate([found.of_documents[documents], found.of_terms[terms]])
    ids = pa.array(np.concatenate([documents, -(terms + 1)]))
    counts = pa.table({"id": ids, "topicWeights": vectors_of(weights)})
    write_table(folder, counts, "data/topicCounts", older=("topicWeights",))
    totals = pa.table({"globalTopicTotals": vectors_of(found.of_terms.sum(axis=0)[np.newaxis])})
    write_table(folder, totals, "data/globalTopicTotals", older=("globalTopicTotals",))


def load_assignments(folder: Path) -> Assignments:
    """What `save_assignments` has written, or Spark."""
    (text,) = [part.read_text(encoding="utf-8") for part in (folder / "metadata").glob("part-*")]
    told = json.loads(text)
    if told.get("class") != _GRAPH_CLASS:
        raise IllegalArgumentException(f"{folder} holds a {told.get('class')}, and not a {_GRAPH_CLASS}")
    tokens, topics = read_table(folder, "data/tokenCounts"), read_table(folder, "data/topicCounts")
    sources, targets, counts = (column.to_numpy() for column in tokens.columns)
    ids, weights = topics.column("id").to_numpy(), dense_of(topics, "topicWeights")
    documents, places = np.unique(sources, return_inverse=True)
    of_documents = np.zeros((len(documents), told["k"]))
    of_documents[np.searchsorted(documents, ids[ids >= 0])] = weights[ids >= 0]
    of_terms = np.zeros((told["vocabSize"], told["k"]))
    of_terms[-ids[ids < 0] - 1] = weights[ids < 0]
    alpha, eta = told["docConcentration"][0], told["topicConcentration"]
    return Assignments(places, -targets - 1, counts, of_documents, of_terms, alpha, eta)


def documents_of(dataset: DataFrame, column: str) -> Rows:
    """A column of counts of terms as a sparse matrix, a row for each document."""
    require_vector(dataset.schema, column)
    found = sparse_of(dataset.select(named(dataset, column)).toArrow(), column)
    require(bool((found.data >= 0).all()), "The counts of terms must not be negative.")
    return found
