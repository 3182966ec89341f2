"""What tree estimators learn from: rows of a dataset, and the settings in their parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.attributes import NOMINAL, group_of
from streamcore.models.ml.labels import class_count, require_classes
from streamcore.models.ml.matrices import fit_rows, named
from streamcore.models.ml.predicting import weight_of
from streamcore.models.ml.schemas import field_of, require_type
from streamcore.models.ml.tree.fitting import Rows, Settings
from streamcore.spi.types import BooleanType

if TYPE_CHECKING:
    from streamcore.spi.types import StructField
    from streamcore.sql.dataframe import DataFrame

_MOST_CLASSES = 100


def rows_of(params: Any, dataset: DataFrame) -> Rows:
    """The rows of a dataset, as numbers to be told."""
    found = fit_rows(dataset, params.getFeaturesCol(), params.getLabelCol(), weight_of(params))
    target = np.empty(0) if found.y is None else found.y
    weight = np.ones(len(target)) if found.w is None else found.w
    categories = categories_of(field_of(dataset.schema, params.getFeaturesCol()))
    return Rows(found.X, target, weight, categories, classes=0)


def class_rows_of(params: Any, dataset: DataFrame) -> Rows:
    """The rows of a dataset, as classes to be told."""
    rows = rows_of(params, dataset)
    require_classes(rows.target)
    classes = class_count(dataset, params.getLabelCol(), rows.target, inferred_at_most=_MOST_CLASSES)
    if classes < 2:
        raise IllegalArgumentException(
            "requirement failed: DecisionTree Strategy for Classification must have numClasses >= 2, but "
            f"numClasses = {classes}."
        )
    return replace(rows, classes=classes)


def categories_of(field: StructField) -> dict[int, int]:
    """How many categories the categorical features have, as far as the metadata of the column tell."""
    group = group_of(field)
    found: dict[int, int] = {}
    for place, attribute in enumerate((group and group.attributes) or ()):
        categories = attribute.categories()
        if categories is not None:
            found[place] = categories
        elif attribute.kind == NOMINAL:
            raise IllegalArgumentException(
                f"Feature {place} is marked as Nominal (categorical), but it does not have the number of "
                "values specified."
            )
    return found


def settings_of(params: Any, **more: Any) -> Settings:
    """How trees are grown, by the parameters of an estimator."""
    return Settings(
        impurity=params.getImpurity().lower(),
        maxDepth=params.getMaxDepth(),
        maxBins=params.getMaxBins(),
        minInstancesPerNode=params.getMinInstancesPerNode(),
        minWeightFractionPerNode=params.getMinWeightFractionPerNode(),
        minInfoGain=params.getMinInfoGain(),
        maxMemoryInMB=params.getMaxMemoryInMB(),
        seed=params.getSeed(),
        **more,
    )


def divided(params: Any, dataset: DataFrame) -> tuple[DataFrame, DataFrame | None]:
    """The rows to learn from and those held out; None where no column tells them apart."""
    name = params.validationIndicatorCol
    if not params.isDefined(name) or not params.getValidationIndicatorCol():
        return dataset, None
    require_type(dataset.schema, params.getValidationIndicatorCol(), BooleanType())
    held_out = named(dataset, params.getValidationIndicatorCol())
    return dataset.filter(~held_out), dataset.filter(held_out)
