"""Small models to publish."""

from __future__ import annotations

from typing import Any

import numpy as np

from streamcore.models.store import Manifest, ModelStore
from streamcore.spi.exactly_once import CommitRecord

MODEL = {"name": "line", "format": 1, "settings": {"step": 0.1}}


def weights(value: float) -> dict[str, Any]:
    return {"weights": np.array([value, -value]), "rows": np.array(7)}


def publish(store: ModelStore, value: float, batch: int | None = None, query: str = "q") -> Manifest:
    record = None if batch is None else CommitRecord(query, batch, f'{{"batch_id":{batch}}}')
    return store.publish(weights(value), model=MODEL, made_by=record)


def weight_of(store: ModelStore, reference: int | str) -> float:
    return float(store.load(reference)[1]["weights"][0])
