"""Models: those that learn from batches of a stream by name here, `pyspark.ml`'s in `streamcore.models.ml`.

`import streamcore.models` costs next to nothing: a class is imported from its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from streamcore.models.registry import BUILT_IN

if TYPE_CHECKING:
    from streamcore.models.online.adapters.river import RiverModel as RiverModel
    from streamcore.models.online.adapters.sklearn import SklearnEstimator as SklearnEstimator
    from streamcore.models.online.chain import Chain as Chain
    from streamcore.models.online.drift.adwin import ADWIN as ADWIN
    from streamcore.models.online.drift.kswin import KSWIN as KSWIN
    from streamcore.models.online.drift.page_hinkley import PageHinkley as PageHinkley
    from streamcore.models.online.hashing import FeatureHasher as FeatureHasher
    from streamcore.models.online.kmeans import KMeans as KMeans
    from streamcore.models.online.linear.descent import BatchGradientDescent as BatchGradientDescent
    from streamcore.models.online.linear.logistic import LogisticRegression as LogisticRegression
    from streamcore.models.online.linear.regression import LinearRegression as LinearRegression
    from streamcore.models.online.linear.softmax import SoftmaxRegression as SoftmaxRegression
    from streamcore.models.online.metrics.classification import AUC as AUC
    from streamcore.models.online.metrics.classification import F1 as F1
    from streamcore.models.online.metrics.classification import Accuracy as Accuracy
    from streamcore.models.online.metrics.classification import ConfusionMatrix as ConfusionMatrix
    from streamcore.models.online.metrics.classification import LogLoss as LogLoss
    from streamcore.models.online.metrics.classification import MacroF1 as MacroF1
    from streamcore.models.online.metrics.regression import MAE as MAE
    from streamcore.models.online.metrics.regression import R2 as R2
    from streamcore.models.online.metrics.regression import RMSE as RMSE
    from streamcore.models.online.naive_bayes import GaussianNaiveBayes as GaussianNaiveBayes
    from streamcore.models.online.naive_bayes import MultinomialNaiveBayes as MultinomialNaiveBayes
    from streamcore.models.online.prequential import Prequential as Prequential
    from streamcore.models.online.scaler import StandardScaler as StandardScaler

# What type checkers see above, the interpreter finds through the registry; a test holds the two together.
__all__ = sorted(BUILT_IN)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    if name not in BUILT_IN:
        raise AttributeError(f"module 'streamcore.models' has no attribute {name!r}")
    module, _, class_name = BUILT_IN[name].partition(":")
    value: object = getattr(import_module(module), class_name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *BUILT_IN})
