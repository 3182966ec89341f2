"""Stages that only a fitted formula has: features get their names, and columns in between are dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.models.ml.attributes import Attribute, group_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class VectorAttributeRewriter(Transformer, Saved):
    """Replaces parts of the names of a column's features."""

    def __init__(self, vectorCol: str, prefixesToRewrite: Mapping[str, str]) -> None:
        super().__init__()
        self._column = vectorCol
        self._prefixes = dict(prefixesToRewrite)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        group = group_of(field_of(dataset.schema, self._column))
        if group is None or group.attributes is None:
            return dataset
        renamed = replace(group, attributes=tuple(map(self._renamed, group.attributes)))
        return dataset.withMetadata(self._column, renamed.of_column())

    def _renamed(self, attribute: Attribute) -> Attribute:
        name = attribute.name
        for prefix, other in self._prefixes.items():
            name = None if name is None else name.replace(prefix, other)
        return attribute.named(name)

    def _data(self) -> pa.Table:
        prefixes = pa.array([list(self._prefixes.items())], pa.map_(pa.string(), pa.string()))
        return pa.table({"vectorCol": [self._column], "prefixesToRewrite": prefixes})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        (row,) = data.to_pylist()
        return cls(row["vectorCol"], dict(row["prefixesToRewrite"]))


class ColumnPruner(Transformer, Saved):
    """Drops columns."""

    def __init__(self, columnsToPrune: Sequence[str]) -> None:
        super().__init__()
        self._columns = sorted(columnsToPrune)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return dataset.drop(*self._columns)

    def _data(self) -> pa.Table:
        return pa.table({"columnsToPrune": pa.array([self._columns], pa.list_(pa.string()))})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(data.column("columnsToPrune")[0].as_py())
