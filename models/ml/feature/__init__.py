"""Features: what is made of columns before a model learns from them."""

from __future__ import annotations

from streamcore.models.ml.feature.count_vectorizer import CountVectorizer, CountVectorizerModel
from streamcore.models.ml.feature.hashing import FeatureHasher, HashingTF
from streamcore.models.ml.feature.idf import IDF, IDFModel
from streamcore.models.ml.feature.lsh import (
    BucketedRandomProjectionLSH,
    BucketedRandomProjectionLSHModel,
    MinHashLSH,
    MinHashLSHModel,
)
from streamcore.models.ml.feature.ngram import NGram
from streamcore.models.ml.feature.stop_words import StopWordsRemover
from streamcore.models.ml.feature.tokenizer import RegexTokenizer, Tokenizer

__all__ = [
    "IDF",
    "BucketedRandomProjectionLSH",
    "BucketedRandomProjectionLSHModel",
    "CountVectorizer",
    "CountVectorizerModel",
    "FeatureHasher",
    "HashingTF",
    "IDFModel",
    "MinHashLSH",
    "MinHashLSHModel",
    "NGram",
    "RegexTokenizer",
    "StopWordsRemover",
    "Tokenizer",
]
