"""From an estimator to its model, and from a model to what is saved of it."""

# The names of PySpark's Params that only its package may touch are ours too.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from streamcore.models.ml.linalg import Vector, VectorUDT
from streamcore.models.ml.matrices import vector_type

if TYPE_CHECKING:
    from streamcore.models.ml.param import Params

M = TypeVar("M", bound="Params")


def fitted(estimator: Params, model: M) -> M:
    """A model with the uid and the parameters of the estimator that made it."""
    model._resetUid(estimator.uid)
    return estimator._copyValues(model)


def vector_data(**vectors: Vector) -> pa.Table:
    """A table of one row with a vector in each column."""
    kind, udt = vector_type(), VectorUDT()
    names = udt.sqlType().names
    return pa.table(
        {
            name: pa.array([dict(zip(names, udt.serialize(vector), strict=True))], kind)
            for name, vector in vectors.items()
        }
    )


def vectors_of_data(data: pa.Table) -> dict[str, Any]:
    """The vectors of such a table, by column."""
    udt = VectorUDT()
    names = udt.sqlType().names
    (row,) = data.to_pylist()
    return {name: udt.deserialize([stored[key] for key in names]) for name, stored in row.items()}
