"""Features: what is made of columns before a model learns from them."""

from __future__ import annotations

from streamcore.models.ml.feature.binarizer import Binarizer
from streamcore.models.ml.feature.bucketizer import Bucketizer
from streamcore.models.ml.feature.chi_sq_selector import ChiSqSelector, ChiSqSelectorModel
from streamcore.models.ml.feature.count_vectorizer import CountVectorizer, CountVectorizerModel
from streamcore.models.ml.feature.dct import DCT
from streamcore.models.ml.feature.elementwise_product import ElementwiseProduct
from streamcore.models.ml.feature.formula_stages import (
    ColumnPruner as ColumnPruner,
)
from streamcore.models.ml.feature.formula_stages import (
    VectorAttributeRewriter as VectorAttributeRewriter,
)
from streamcore.models.ml.feature.hashing import FeatureHasher, HashingTF
from streamcore.models.ml.feature.idf import IDF, IDFModel
from streamcore.models.ml.feature.imputer import Imputer, ImputerModel
from streamcore.models.ml.feature.index_to_string import IndexToString
from streamcore.models.ml.feature.interaction import Interaction
from streamcore.models.ml.feature.lsh import (
    BucketedRandomProjectionLSH,
    BucketedRandomProjectionLSHModel,
    MinHashLSH,
    MinHashLSHModel,
)
from streamcore.models.ml.feature.ngram import NGram
from streamcore.models.ml.feature.normalizer import Normalizer
from streamcore.models.ml.feature.one_hot_encoder import OneHotEncoder, OneHotEncoderModel
from streamcore.models.ml.feature.pca import PCA, PCAModel
from streamcore.models.ml.feature.polynomial_expansion import PolynomialExpansion
from streamcore.models.ml.feature.quantile_discretizer import QuantileDiscretizer
from streamcore.models.ml.feature.range_scalers import (
    MaxAbsScaler,
    MaxAbsScalerModel,
    MinMaxScaler,
    MinMaxScalerModel,
)
from streamcore.models.ml.feature.rformula import RFormula, RFormulaModel
from streamcore.models.ml.feature.robust_scaler import RobustScaler, RobustScalerModel
from streamcore.models.ml.feature.sql_transformer import SQLTransformer
from streamcore.models.ml.feature.standard_scaler import StandardScaler, StandardScalerModel
from streamcore.models.ml.feature.stop_words import StopWordsRemover
from streamcore.models.ml.feature.string_indexer import StringIndexer, StringIndexerModel
from streamcore.models.ml.feature.target_encoder import TargetEncoder, TargetEncoderModel
from streamcore.models.ml.feature.tokenizer import RegexTokenizer, Tokenizer
from streamcore.models.ml.feature.univariate_selector import (
    UnivariateFeatureSelector,
    UnivariateFeatureSelectorModel,
)
from streamcore.models.ml.feature.variance_selector import (
    VarianceThresholdSelector,
    VarianceThresholdSelectorModel,
)
from streamcore.models.ml.feature.vector_assembler import VectorAssembler
from streamcore.models.ml.feature.vector_indexer import VectorIndexer, VectorIndexerModel
from streamcore.models.ml.feature.vector_size_hint import VectorSizeHint
from streamcore.models.ml.feature.vector_slicer import VectorSlicer
from streamcore.models.ml.feature.word2vec import Word2Vec, Word2VecModel

__all__ = [
    "DCT",
    "IDF",
    "PCA",
    "Binarizer",
    "BucketedRandomProjectionLSH",
    "BucketedRandomProjectionLSHModel",
    "Bucketizer",
    "ChiSqSelector",
    "ChiSqSelectorModel",
    "CountVectorizer",
    "CountVectorizerModel",
    "ElementwiseProduct",
    "FeatureHasher",
    "HashingTF",
    "IDFModel",
    "Imputer",
    "ImputerModel",
    "IndexToString",
    "Interaction",
    "MaxAbsScaler",
    "MaxAbsScalerModel",
    "MinHashLSH",
    "MinHashLSHModel",
    "MinMaxScaler",
    "MinMaxScalerModel",
    "NGram",
    "Normalizer",
    "OneHotEncoder",
    "OneHotEncoderModel",
    "PCAModel",
    "PolynomialExpansion",
    "QuantileDiscretizer",
    "RFormula",
    "RFormulaModel",
    "RegexTokenizer",
    "RobustScaler",
    "RobustScalerModel",
    "SQLTransformer",
    "StandardScaler",
    "StandardScalerModel",
    "StopWordsRemover",
    "StringIndexer",
    "StringIndexerModel",
    "TargetEncoder",
    "TargetEncoderModel",
    "Tokenizer",
    "UnivariateFeatureSelector",
    "UnivariateFeatureSelectorModel",
    "VarianceThresholdSelector",
    "VarianceThresholdSelectorModel",
    "VectorAssembler",
    "VectorIndexer",
    "VectorIndexerModel",
    "VectorSizeHint",
    "VectorSlicer",
    "Word2Vec",
    "Word2VecModel",
]
