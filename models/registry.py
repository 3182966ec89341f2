"""The built-in models, measures and detectors by name; a class is imported when its name is first used."""

from __future__ import annotations

_ONLINE = "streamcore.models.online"

BUILT_IN: dict[str, str] = {
    "ADWIN": f"{_ONLINE}.drift.adwin:ADWIN",
    "AUC": f"{_ONLINE}.metrics.classification:AUC",
    "Accuracy": f"{_ONLINE}.metrics.classification:Accuracy",
    "BatchGradientDescent": f"{_ONLINE}.linear.descent:BatchGradientDescent",
    "Chain": f"{_ONLINE}.chain:Chain",
    "ConfusionMatrix": f"{_ONLINE}.metrics.classification:ConfusionMatrix",
    "F1": f"{_ONLINE}.metrics.classification:F1",
    "FeatureHasher": f"{_ONLINE}.hashing:FeatureHasher",
    "GaussianNaiveBayes": f"{_ONLINE}.naive_bayes:GaussianNaiveBayes",
    "KMeans": f"{_ONLINE}.kmeans:KMeans",
    "KSWIN": f"{_ONLINE}.drift.kswin:KSWIN",
    "LinearRegression": f"{_ONLINE}.linear.regression:LinearRegression",
    "LogLoss": f"{_ONLINE}.metrics.classification:LogLoss",
    "LogisticRegression": f"{_ONLINE}.linear.logistic:LogisticRegression",
    "MAE": f"{_ONLINE}.metrics.regression:MAE",
    "MacroF1": f"{_ONLINE}.metrics.classification:MacroF1",
    "MultinomialNaiveBayes": f"{_ONLINE}.naive_bayes:MultinomialNaiveBayes",
    "PageHinkley": f"{_ONLINE}.drift.page_hinkley:PageHinkley",
    "Prequential": f"{_ONLINE}.prequential:Prequential",
    "R2": f"{_ONLINE}.metrics.regression:R2",
    "RMSE": f"{_ONLINE}.metrics.regression:RMSE",
    "RiverModel": f"{_ONLINE}.adapters.river:RiverModel",
    "SklearnEstimator": f"{_ONLINE}.adapters.sklearn:SklearnEstimator",
    "SoftmaxRegression": f"{_ONLINE}.linear.softmax:SoftmaxRegression",
    "StandardScaler": f"{_ONLINE}.scaler:StandardScaler",
}
"""Registered name -> "module:Class"."""
