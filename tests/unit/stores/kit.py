"""What the tests of stores share: a small layout, stores in memory, and hashes that collide on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.checkpoint.state_access import PartitionFiles, StateAccess
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import Hashes
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.store import Store, StoreChange
from streamcore.execution.stores.view import StoreView
from streamcore.storage import LargeFileStorage

Content = dict[int | None, tuple[int, int | None]]
"""Key -> (value, expiry)."""

SCHEMA = pa.schema([("k", pa.int64()), ("v", pa.string()), ("expiry", pa.int64())])


class CollidingLayout(StoreLayout):
    """Seven hashes for all keys."""

    def hashes_of(self, rows: pa.Table) -> Hashes:
        return super().hashes_of(rows) % np.uint64(7)


LASTING = StoreLayout(SCHEMA, (0,))
EXPIRING = StoreLayout(SCHEMA, (0,), 2)
COLLIDING = CollidingLayout(SCHEMA, (0,), 2)


class AtOnce:
    """A merger that merges when it is told to."""

    is_stopping = False

    def submit(self, merge: Callable[[], None]) -> None:
        merge()


@dataclass
class Later:
    """A merger that keeps what it is told, until the test runs it."""

    waiting: list[Callable[[], None]] = field(default_factory=list)
    is_stopping: bool = False

    def submit(self, merge: Callable[[], None]) -> None:
        self.waiting.append(merge)

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


def files_in(storage: LargeFileStorage, epoch: int = 1) -> PartitionFiles:
    return StateAccess(storage, epoch).partition("op", 0)


def table(content: Mapping[int | None, tuple[int, int | None]]) -> pa.Table:
    columns = [list(content), [str(v) for v, _ in content.values()], [e for _, e in content.values()]]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def content_of(rows: pa.Table) -> Content:
    found: Content = {}
    for row in rows.to_pylist():
        assert row["k"] not in found, "a key twice"
        found[row["k"]] = (int(row["v"]), row["expiry"])
    return found


def hashes_of(layout: StoreLayout, keys: list[Any]) -> Hashes:
    return layout.hashes_of(table(dict.fromkeys(keys, (0, None))))


def change_to(view: StoreView, put: Content, removed: AbstractSet[Any], watermark: int | None) -> StoreChange:
    """What an operator does: it decides by key, and puts the other candidates of a hash again."""
    layout = view.layout
    due = None if watermark is None else view.due(watermark)
    hashes = distinct(np.concatenate([hashes_of(layout, list(put)), hashes_of(layout, list(removed))]))
    kept = content_of(view.lookup(hashes).rows)
    floor = AT_ONCE if watermark is None else watermark
    living = {k: (v, e) for k, (v, e) in kept.items() if e is None or e > floor or not due}
    if layout.expiry_column is None:
        living = kept
    again = {key: value for key, value in living.items() if key not in put and key not in removed}
    rows = table({**again, **put})
    hashed = layout.hashes_of(rows)
    gone = np.setdiff1d(hashes, hashed)
    return StoreChange(HashedRows(hashed, rows), len(living), due, gone)


def commit(
    store: Store,
    version: int,
    put: Content,
    removed: AbstractSet[Any] = frozenset(),
    watermark: int | None = None,
) -> None:
    store.adopt(store.stage(change_to(store.view, put, removed, watermark), version))
