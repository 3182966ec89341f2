"""The bounds of a logistic regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.classification.logistic_fit import Bounds
from streamcore.models.ml.classification.logistic_params import _LogisticRegressionParams


def bounds_of(params: _LogisticRegressionParams, features: int, margins: int) -> Bounds | None:
    """The bounds that are set, None without any; IllegalArgumentException where they do not fit."""
    names = [
        f"{side}BoundsOn{what}" for side in ("lower", "upper") for what in ("Coefficients", "Intercepts")
    ]
    given = {name: params.getOrDefault(name) for name in names if _is_set(params, name)}
    if not given:
        return None
    if params.getElasticNetParam() != 0.0 and params.getRegParam() != 0.0:
        _refuse(
            "Fitting under bound constrained optimization only supports L2 regularization, but got "
            f"elasticNetParam = {params.getElasticNetParam()}."
        )
    if not params.getFitIntercept() and any(name.endswith("Intercepts") for name in given):
        _refuse("Please don't set bounds on intercepts if fitting without intercept.")
    bounds = Bounds(
        _coefficients(given, "lower", features, margins),
        _coefficients(given, "upper", features, margins),
        _intercepts(given, "lower", margins),
        _intercepts(given, "upper", margins),
    )
    _require_order(bounds.lower, bounds.upper, "Coefficients")
    _require_order(bounds.lower_intercepts, bounds.upper_intercepts, "Intercepts")
    return bounds


def _is_set(params: _LogisticRegressionParams, name: str) -> bool:
    return params.isSet(name) and params.getOrDefault(name) is not None


def _coefficients(given: dict[str, Any], side: str, features: int, margins: int) -> np.ndarray:
    bounds = given.get(f"{side}BoundsOnCoefficients")
    if bounds is None:
        return np.full((margins, features), -np.inf if side == "lower" else np.inf)
    if (bounds.numRows, bounds.numCols) != (margins, features):
        _refuse(
            f"The shape of {side.capitalize()}BoundsOnCoefficients must be compatible with (1, number of "
            "features) for binomial regression, or (number of classes, number of features) for multinomial "
            f"regression, but found: ({bounds.numRows}, {bounds.numCols})."
        )
    return np.asarray(bounds.toArray())


def _intercepts(given: dict[str, Any], side: str, margins: int) -> np.ndarray:
    bounds = given.get(f"{side}BoundsOnIntercepts")
    if bounds is None:
        return np.full(margins, -np.inf if side == "lower" else np.inf)
    if len(bounds) != margins:
        _refuse(
            f"The size of {side}BoundsOnIntercepts must be equal to 1 for binomial regression, or the number "
            f"of classes for multinomial regression, but found: {len(bounds)}."
        )
    return np.asarray(bounds.toArray())


def _require_order(lower: np.ndarray, upper: np.ndarray, what: str) -> None:
    if (lower > upper).any():
        _refuse(
            f"LowerBoundsOn{what} should always be less than or equal to upperBoundsOn{what}, but found: "
            f"lowerBoundsOn{what} = {lower.tolist()}, upperBoundsOn{what} = {upper.tolist()}."
        )


def _refuse(message: str) -> None:
    raise IllegalArgumentException(f"requirement failed: {message}")
