"""Lists of items between Arrow and the search for itemsets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.fpm.itemsets import Codes, frequent_itemsets
from streamcore.models.ml.fpm.rules import Consequents, Rule
from streamcore.spi.computed import Computed


@dataclass(frozen=True)
class Baskets:
    """Rows with their items, as codes that ascend with the items; `names[code]` is the item."""

    rows: Codes
    items: Codes
    names: pa.Array
    count: int


@dataclass(frozen=True)
class Itemsets:
    """Frequent itemsets as rows (items, freq), and how many rows they were counted in."""

    table: pa.Table
    rows: int

    @property
    def kind(self) -> pa.DataType:
        """The type of an item."""
        return self.table.schema.field("items").type.value_type

    def pairs(self) -> Iterable[tuple[tuple[Any, ...], int]]:
        """Items and how many rows have them all."""
        items, freq = self.table.column("items").to_pylist(), self.table.column("freq").to_pylist()
        return ((tuple(some), count) for some, count in zip(items, freq, strict=True))


def baskets_of(column: pa.ChunkedArray) -> Baskets:
    """The rows that have a list; QueryExecutionException for a list with an item twice."""
    lists = column.drop_null()
    flat = pa.concat_arrays(
        [chunk.flatten() for chunk in lists.chunks] or [pa.array([], column.type.value_type)]
    )
    lengths = np.asarray(pc.list_value_length(lists).to_numpy(), np.int64)
    rows = np.repeat(np.arange(len(lists)), lengths)
    encoded = flat.dictionary_encode(null_encoding="encode")
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    items = rank[encoded.indices.to_numpy()] if len(order) else np.empty(0, np.int64)
    _require_once(rows, items, lists)
    return Baskets(rows, items, encoded.dictionary.take(pa.array(order)), len(lists))


def _require_once(rows: Codes, items: Codes, lists: pa.ChunkedArray) -> None:
    order = np.lexsort((items, rows))
    twice = (np.diff(rows[order]) == 0) & (np.diff(items[order]) == 0)
    if twice.any():
        row = int(rows[order][1:][twice][0])
        raise QueryExecutionException(f"Items in a transaction must be unique but got {lists[row].as_py()}.")


def itemsets_of(baskets: Baskets, minSupport: float) -> Itemsets:
    """The itemsets in at least `minSupport` of the rows."""
    found = frequent_itemsets(baskets.rows, baskets.items, baskets.count, minSupport)
    offsets = np.cumsum([0, *(len(itemset.items) for itemset in found)]).astype(np.int32)
    codes = np.array([code for itemset in found for code in itemset.items], np.int64)
    items = pa.ListArray.from_arrays(pa.array(offsets), baskets.names.take(pa.array(codes)))
    freq = pa.array([itemset.freq for itemset in found], pa.int64())
    fields = [pa.field("items", items.type, nullable=False), pa.field("freq", pa.int64(), nullable=False)]
    return Itemsets(pa.table([items, freq], schema=pa.schema(fields)), baskets.count)


def rules_table(rules: Sequence[Rule], kind: pa.DataType) -> pa.Table:
    """Rows (antecedent, consequent, confidence, lift, support)."""
    lists, number = pa.list_(kind), pa.float64()
    columns = {
        "antecedent": (lists, [list(rule.antecedent) for rule in rules]),
        "consequent": (lists, [[rule.consequent] for rule in rules]),
        "confidence": (number, [rule.confidence for rule in rules]),
        "lift": (number, [rule.lift for rule in rules]),
        "support": (number, [rule.support for rule in rules]),
    }
    fields = [pa.field(name, kind, nullable=name == "lift") for name, (kind, _) in columns.items()]
    arrays = [pa.array(values, kind) for kind, values in columns.values()]
    return pa.table(arrays, schema=pa.schema(fields))


@dataclass(frozen=True)
class Predicted:
    """The consequents for each row's items."""

    consequents: Consequents

    def __call__(self, rows: pa.Table) -> Computed:
        """One column of lists."""
        column = rows.column(0)
        found = [self.consequents.of(items) for items in column.to_pylist()]
        return Computed([pa.array(found, pa.list_(column.type.value_type))])
