"""A model for tests, small enough to be followed by hand, whose result depends on the order of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from streamcore.errors import AnalysisException
from streamcore.spi.models import BatchId, Columns, ModelInputs, OnlineModel, State
from streamcore.spi.specifications import register


@register
@dataclass(frozen=True)
class Level(OnlineModel):
    """Predicts the exponential average of the labels, and moves a little with each of them."""

    name: ClassVar[str] = "Level"

    rate: float = 0.5
    label: str = "y"

    @property
    def inputs(self) -> ModelInputs:
        return ModelInputs(("x",), self.label)

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        return (pa.field("prediction", pa.float64()),)

    def check(self, schema: pa.Schema, learns: bool) -> None:
        for field in schema:
            if not pa.types.is_floating(field.type):
                raise AnalysisException(f"the column {field.name} must be of type double")

    def initial_state(self) -> State:
        return {"level": np.array(0.0), "rows": np.array(0)}

    def update(self, state: State, batch: pa.Table, at: BatchId) -> State:
        level = float(state["level"])
        for label in batch.column(self.label).to_pylist():
            if label is not None:
                level += self.rate * (label - level)
        return {"level": np.array(level), "rows": state["rows"] + batch.num_rows}

    def predict(self, state: State, batch: pa.Table) -> Columns:
        return {"prediction": pa.array(np.full(batch.num_rows, float(state["level"])))}

    def metrics(self, state: State) -> Mapping[str, Any]:
        return {"level": float(state["level"]), "rows": int(state["rows"])}
