"""Rows of several tables put into groups by their keys: SQL says which keys are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.duck.quoting import identifier
from streamcore.execution.stores.arrays import int64_column, integers
from streamcore.execution.stores.hashing import Hashes, hash_rows
from streamcore.execution.stores.ordering import Places, groups_of

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine

_KEYS, _PLACE = "group_keys", "place"


@dataclass(frozen=True)
class KeyGroups:
    """Groups, numbered in the order in which their keys first come.

    `numbers` are, table by table, the groups of the rows; `keys` and `hashes` those of each group.
    """

    numbers: list[Places]
    keys: pa.Table
    hashes: Hashes


def key_groups(tables: Sequence[pa.Table], engine: SlotEngine) -> KeyGroups:
    """The groups of the rows of some tables whose columns are their keys."""
    together = pa.concat_tables(tables)
    hashes = hash_rows(together, range(together.num_columns))
    numbers, firsts = _numbered(together, hashes, engine)
    ends = np.cumsum([0, *(table.num_rows for table in tables)])
    parts = [numbers[start:end] for start, end in pairwise(ends)]
    return KeyGroups(parts, together.take(integers(firsts)), hashes[firsts])


def _numbered(keys: pa.Table, hashes: Hashes, engine: SlotEngine) -> tuple[Places, Places]:
    """The number of each row's group, and where each group comes first."""
    groups = groups_of(hashes)
    # Equal keys have equal hashes: where there are as many keys as hashes, the hash tells the groups apart.
    if not keys.num_columns or _count_of(keys, engine) == int(groups.is_first.sum()):
        firsts = groups.order[groups.is_first]
        in_order = np.cumsum(groups.is_first) - 1
        found = np.empty(len(hashes), dtype=np.int64)
        found[groups.order] = in_order
    else:
        firsts, found = np.unique(_first_places(keys, engine), return_inverse=True)
    by_first = np.argsort(firsts, kind="stable")
    rank = np.empty(len(firsts), dtype=np.int64)
    rank[by_first] = np.arange(len(firsts))
    return rank[found], firsts[by_first]


def _count_of(keys: pa.Table, engine: SlotEngine) -> int:
    """How many keys differ."""
    if not keys.num_rows:
        return 0
    names = _names(keys)
    text = f"SELECT count(*) FROM (SELECT 1 FROM {_KEYS} GROUP BY {_listed(names)})"  # noqa: S608 - our names
    return int(int64_column(engine.run(text, {_KEYS: keys.rename_columns(names)}).column(0))[0])


def _first_places(keys: pa.Table, engine: SlotEngine) -> Places:
    """For each row the place of the first one that has its key."""
    names = _names(keys)
    named = keys.rename_columns(names).append_column(_PLACE, integers(np.arange(keys.num_rows)))
    text = (
        f"SELECT {_PLACE}, min({_PLACE}) OVER (PARTITION BY {_listed(names)}) "  # noqa: S608 - our names
        f"FROM {_KEYS} ORDER BY {_PLACE}"
    )
    return int64_column(engine.run(text, {_KEYS: named}).column(1))


def _names(keys: pa.Table) -> list[str]:
    return [f"k{at}" for at in range(keys.num_columns)]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(identifier, names))
