"""Labels that are classes: 0, 1, ..., and how many of them there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.schemas import field_of

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


def require_classes(labels: np.ndarray) -> None:
    """Labels must be whole and not negative.

    >>> require_classes(np.array([0.0, 0.5]))
    Traceback (most recent call last):
    ...
    streamcore.errors.QueryExecutionException: Labels MUST be Integers, but got 0.5
    """
    _require(labels == np.floor(labels), labels, "Labels MUST be Integers")
    _require(labels >= 0, labels, "Labels MUST NOT be Negative")


def require_two_classes(labels: np.ndarray) -> None:
    """Labels must be 0 and 1."""
    _require((labels == 0) | (labels == 1), labels, "Labels MUST be in {0, 1}")


def _require(fine: np.ndarray, values: np.ndarray, rule: str) -> None:
    if not fine.all():
        raise QueryExecutionException(f"{rule}, but got {float(values[~fine][0])}")


def class_count(
    dataset: DataFrame, labelCol: str, labels: np.ndarray, *, inferred_at_most: int | None = None
) -> int:
    """As many classes as the metadata of the column tell, or else as the highest label asks for.

    IllegalArgumentException where labels alone ask for more than `inferred_at_most`.
    """
    found = int(labels.max()) + 1 if len(labels) else 0
    told = _told(field_of(dataset.schema, labelCol).metadata or {})
    if told is not None and told < found:
        raise IllegalArgumentException(
            f"requirement failed: Specified number of classes {told} was less than the number of unique "
            f"labels {found}."
        )
    if told is None and inferred_at_most is not None and found > inferred_at_most:
        raise IllegalArgumentException(
            f"requirement failed: Classifier inferred {found} from label values in column {labelCol}, but "
            f"this exceeded the max numClasses ({inferred_at_most}) allowed to be inferred from values.  To "
            f"avoid this error for labels with > {inferred_at_most} classes, specify numClasses explicitly "
            "in the metadata; this can be done by applying StringIndexer to the label column."
        )
    return found if told is None else told


def _told(metadata: dict[str, Any]) -> int | None:
    attribute = metadata.get("ml_attr", {})
    if attribute.get("type") == "binary":
        return 2
    if "vals" in attribute:
        return len(attribute["vals"])
    return int(attribute["num_vals"]) if "num_vals" in attribute else None


def require_rows(labels: np.ndarray) -> None:
    """There must be a row to learn from."""
    if not len(labels):
        raise IllegalArgumentException("requirement failed: Nothing has been added to this summarizer.")
