"""river documents what its models reach on data that it ships; ours reach the same, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamcore import models
from streamcore.spi.models import BatchId, OnlineModel
from tests.unit.models.online.published import table_of

if TYPE_CHECKING:
    import pyarrow as pa

datasets = pytest.importorskip("river.datasets")


def _metrics_after(model: OnlineModel, rows: pa.Table) -> Any:
    """Of a model that has learnt the rows in batches of 300."""
    state = model.initial_state()
    for number, begin in enumerate(range(0, len(rows), 300)):
        state = model.update(state, rows.slice(begin, 300), BatchId("query", number))
    return model.metrics(state)


def test_phishing_by_logistic_regression() -> None:
    names, rows = table_of(datasets.Phishing())
    chain = models.StandardScaler(inputCol=names) | models.LogisticRegression(stepSize=0.1, innerStep=1)
    evaluated = models.Prequential(model=chain, measures=(models.Accuracy(), models.F1()), every=1)
    metrics = _metrics_after(evaluated, rows)
    assert f"{metrics['accuracy']:.2%}" == "88.96%"
    assert f"{metrics['f1']:.2%}" == "87.85%"


def test_trump_approval_by_linear_regression() -> None:
    names, rows = table_of(datasets.TrumpApproval())
    chain = models.StandardScaler(inputCol=names) | models.LinearRegression(
        interceptStepSize=0.1, innerStep=1
    )
    metrics = _metrics_after(models.Prequential(model=chain, measures=(models.MAE(),), every=1), rows)
    assert f"{metrics['mae']:.6f}" == "0.558735"


def test_image_segments_by_softmax_regression() -> None:
    kinds = sorted({kind for _, kind in datasets.ImageSegments()})
    names, rows = table_of(datasets.ImageSegments(), label=kinds.index)
    softmax = models.SoftmaxRegression(numClasses=7, fitIntercept=False, innerStep=1)
    chain = models.StandardScaler(inputCol=names) | softmax
    metrics = _metrics_after(models.Prequential(model=chain, measures=(models.MacroF1(7),), every=1), rows)
    assert f"{metrics['macroF1']:.2%}" == "81.88%"
