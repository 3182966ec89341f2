"""Data sets that river ships, as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa


def table_of(dataset: Any, label: Callable[[Any], float] = float) -> tuple[tuple[str, ...], pa.Table]:
    """The names of the features, and the rows with their label in the column `label`."""
    rows = list(dataset)
    names = tuple(rows[0][0])
    columns = {name: [float(features[name]) for features, _ in rows] for name in names}
    return names, pa.table({**columns, "label": [label(target) for _, target in rows]})
