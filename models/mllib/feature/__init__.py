"""Transformers of vectors and of texts over RDDs."""

from __future__ import annotations

from streamcore.models.mllib.feature.counting import IDF, HashingTF, IDFModel
from streamcore.models.mllib.feature.projection import PCA, PCAModel
from streamcore.models.mllib.feature.scaling import (
    ElementwiseProduct,
    Normalizer,
    StandardScaler,
    StandardScalerModel,
)
from streamcore.models.mllib.feature.selection import ChiSqSelector, ChiSqSelectorModel
from streamcore.models.mllib.feature.vectors import VectorTransformer
from streamcore.models.mllib.feature.word2vec import Word2Vec, Word2VecModel

__all__ = [
    "IDF",
    "PCA",
    "ChiSqSelector",
    "ChiSqSelectorModel",
    "ElementwiseProduct",
    "HashingTF",
    "IDFModel",
    "Normalizer",
    "PCAModel",
    "StandardScaler",
    "StandardScalerModel",
    "VectorTransformer",
    "Word2Vec",
    "Word2VecModel",
]
