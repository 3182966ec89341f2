"""The rows that are handed to Python in groups: how they reach an operator, and how they are sent on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.duck.results import conform
from streamcore.execution.stores.arrays import at_most, flags, integers, no_rows
from streamcore.execution.stores.hashing import hash_rows, split_by_hash
from streamcore.execution.stores.ordering import Places
from streamcore.spi.types import StructField, StructType, to_arrow_schema, to_arrow_type
from streamcore.streaming.stateful.event_time import expiry_us, stats_of_column

if TYPE_CHECKING:
    from streamcore.plan.attributes import Attribute
    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.watermark import EventTimeStats


class GroupsPort:
    """Rows with their keys, spread by key."""

    def __init__(
        self, columns: Sequence[Attribute], keys: Sequence[Attribute], values: Sequence[Attribute]
    ) -> None:
        self._schema = pa.schema([pa.field(a.physical, to_arrow_type(a.data_type)) for a in columns])
        places = {column.id: place for place, column in enumerate(columns)}
        self._keys = [places[key.id] for key in keys]
        self._values = [places[value.id] for value in values]
        self._event_time = next(
            (place for place, a in enumerate(columns) if a.watermark_delay_ms is not None), None
        )
        self.key_schema = struct_of(keys)
        self.value_schema = struct_of(values)

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """The rows as they are."""
        return fragment.plan

    def no_rows(self) -> pa.Table:
        """An empty table of input rows."""
        return no_rows(self._schema)

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """From the event-time column itself."""
        if fragment.watermark is None or self._event_time is None:
            return None
        return stats_of_column(rows.column(self._event_time))

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """Rows by the partition of their key."""
        together = pa.concat_tables([conform(table, self._schema) for table in rows])
        if partitions == 1:
            return [together]
        return split_by_hash(together, hash_rows(together, self._keys), partitions)

    def keys_of(self, rows: pa.Table) -> pa.Table:
        """The keys of the rows, as the stores have them."""
        return rows.select(self._keys).rename_columns(key_names(self.key_schema))

    def values_of(self, rows: pa.Table) -> pa.Table:
        """What the function sees of the rows."""
        return rows.select(self._values)

    def without_late(self, rows: pa.Table, late_us: int) -> pa.Table:
        """The rows that are not older than the watermark."""
        if self._event_time is None or late_us <= 0:
            return rows
        event_us = expiry_us(rows.column(self._event_time))
        return rows.filter(flags(~at_most(event_us, late_us, null_is=False)))


def struct_of(columns: Sequence[Attribute]) -> StructType:
    """The schema that these columns form."""
    return StructType([StructField(a.name, a.data_type, a.nullable) for a in columns])


def key_names(keys: StructType) -> list[str]:
    """The names that the keys have in a store: `key` and the user's name."""
    return [f"key {at} {name}" for at, name in enumerate(keys.names)]


def key_fields(keys: StructType) -> list[pa.Field]:
    """The key columns of a store."""
    types = [field.type for field in to_arrow_schema(keys)]
    return [pa.field(name, type_) for name, type_ in zip(key_names(keys), types, strict=True)]


def by_group(numbers: Places, table: pa.Table) -> pa.Table:
    """The rows behind the numbers of their groups, sorted by these; rows of a group keep their order."""
    order = np.argsort(numbers, kind="stable")
    rows = table.take(integers(order))
    columns = [integers(numbers[order]), *rows.columns]
    return pa.Table.from_arrays(columns, [f"c{at}" for at in range(len(columns))])
