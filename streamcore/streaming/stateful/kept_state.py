"""What stores keep for the keys of a batch, and how it is changed by what a worker gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.execution.stores.arrays import at_most, flags, int64_column, integers
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import Hashes
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import Places, distinct, is_among
from streamcore.execution.stores.store import StoreChange
from streamcore.execution.stores.view import DueRows
from streamcore.streaming.stateful.groups_port import by_group
from streamcore.streaming.stateful.key_groups import KeyGroups


@dataclass(frozen=True)
class KeptRows:
    """What a store keeps for the keys of a batch, and for others that have their hashes.

    `numbers` are the groups of the rows; those from `touched` on are of keys that the batch does not have.
    """

    layout: StoreLayout
    content: HashedRows
    numbers: Places
    touched: int

    def sent(self, columns: Sequence[int], order: int | None = None) -> pa.Table:
        """These columns of the rows of the batch's keys, by group; in a group by the column `order`."""
        found = self._those(self.numbers < self.touched)
        if order is not None:
            places = int64_column(found.content.rows.column(order))
            found = found.at(np.argsort(places, kind="stable"))
        return by_group(found.numbers, found.content.rows.select(columns))

    def lasting(self, until_us: int) -> KeptRows:
        """Those that have not expired at this time."""
        return self if self.layout.expiry_column is None else self._those(~self._expired(until_us))

    def expired(self, until_us: int) -> KeptRows:
        """Those of the batch's keys that have expired at this time."""
        return self._those(self._expired(until_us) & (self.numbers < self.touched))

    def without(self, groups: Places) -> KeptRows:
        """Those of other groups."""
        return self._those(~np.isin(self.numbers, groups))

    def _expired(self, until_us: int) -> npt.NDArray[np.bool_]:
        assert self.layout.expiry_column is not None
        if not len(self.content):
            return np.zeros(0, dtype=np.bool_)
        return at_most(self.content.rows.column(self.layout.expiry_column), until_us, null_is=False)

    def _those(self, chosen: npt.NDArray[np.bool_]) -> KeptRows:
        return self if chosen.all() else self.at(np.flatnonzero(chosen))

    def at(self, places: Places) -> KeptRows:
        """Those at these places."""
        content = HashedRows(self.content.hashes[places], self.content.rows.take(integers(places)))
        return replace(self, content=content, numbers=self.numbers[places])

    def change(
        self, changed: Places, put: pa.Table, numbers: Places, hashes: Hashes, due: DueRows | None
    ) -> StoreChange:
        """The change by which the groups `changed` keep the rows `put`, whose groups are `numbers`.

        `hashes` are those of the groups.  Rows of other keys that share a hash are put again.
        """
        gone = distinct(hashes[changed])
        is_replaced = is_among(self.content.hashes, gone)
        stays = is_replaced & ~np.isin(self.numbers, changed)
        again = self.content.rows.filter(flags(stays))
        rows = HashedRows(
            np.concatenate([hashes[numbers], self.content.hashes[stays]]), pa.concat_tables([put, again])
        )
        emptied = distinct(self.content.hashes[is_replaced])
        removed = emptied[~is_among(emptied, distinct(rows.hashes))]
        return StoreChange(rows, replaced=int(is_replaced.sum()), due=due, removed=removed)


def numbers_in(table: pa.Table) -> Places:
    """The first column of what a worker gave: groups."""
    return int64_column(table.column(0))


@dataclass(frozen=True)
class KeptState:
    """The groups of a batch, of which the first `touched` are those of its own keys, and what stores keep."""

    groups: KeyGroups
    touched: int
    kept: Mapping[str, KeptRows]

    def keys_sent(self) -> pa.Table:
        """The keys of the batch, by group."""
        return by_group(np.arange(self.touched), self.groups.keys.slice(0, self.touched))

    def with_keys(self, rows: pa.Table, more: Sequence[pa.Array], layout: StoreLayout) -> pa.Table:
        """Rows of a worker as those of a store: keys in the place of groups, and `more` columns behind."""
        keys = self.groups.keys.take(integers(numbers_in(rows)))
        return pa.Table.from_arrays([*keys.columns, *rows.columns[1:], *more], schema=layout.schema)
