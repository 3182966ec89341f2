"""The table that a summary of a generalized linear regression is shown as."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from streamcore.errors import UnsupportedOperationException
from streamcore.models.ml.attributes import group_of
from streamcore.models.ml.schemas import field_of

if TYPE_CHECKING:
    from streamcore.models.ml.regression.glm_summary import GeneralizedLinearRegressionTrainingSummary

_HEADINGS = ["Feature", "Estimate", "Std Error", "T Value", "P Value"]


def table_text(summary: GeneralizedLinearRegressionTrainingSummary) -> str:
    """Coefficients with their errors, the intercept first; dispersion; deviances; Akaike's criterion."""
    rows = [_HEADINGS, *_coefficients(summary)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
    lines = ["Coefficients:", *(" ".join(map(str.rjust, row, widths)) for row in rows), ""]
    lines.append(
        f"(Dispersion parameter for {summary._measures.response.family.name} family taken to be "
        f"{summary.dispersion:.4f})"
    )
    deviances = [f"Null deviance: {summary.nullDeviance:.4f}", f"Residual deviance: {summary.deviance:.4f}"]
    width = max(map(len, deviances))
    freedom = summary.degreesOfFreedom
    lines += [f"{deviance.rjust(width)} on {freedom} degrees of freedom" for deviance in deviances]
    with contextlib.suppress(UnsupportedOperationException):  # tweedie has none
        lines.append(f"AIC: {summary.aic:.4f}")
    return "\n".join(lines)


def _coefficients(summary: GeneralizedLinearRegressionTrainingSummary) -> list[list[str]]:
    model = summary._model
    names = _feature_names(summary)
    estimates = model.coefficients.toArray().tolist()
    if model.getFitIntercept():
        names, estimates = [*names, "(Intercept)"], [*estimates, model.intercept]
    columns = [estimates, summary.coefficientStandardErrors, summary.tValues, summary.pValues]
    rows = [
        [name, *(f"{value:.4f}" for value in values)] for name, *values in zip(names, *columns, strict=True)
    ]
    return [rows[-1], *rows[:-1]] if model.getFitIntercept() else rows


def _feature_names(summary: GeneralizedLinearRegressionTrainingSummary) -> list[str]:
    """The names that the metadata of the features tell, or else numbers."""
    model = summary._model
    column = model.getFeaturesCol()
    group = group_of(field_of(summary._dataset.schema, column))
    numbered = [f"{column}_{place}" for place in range(model.numFeatures)]
    if group is None or group.attributes is None or len(group.attributes) != len(numbered):
        return numbered
    told = (attribute.name for attribute in group.attributes)
    return [name or number for name, number in zip(told, numbered, strict=True)]
