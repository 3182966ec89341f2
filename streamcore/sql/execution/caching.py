"""cache() and persist(): results of plans, kept as Arrow and found again inside larger plans."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, finalize

from streamcore.duck.memory import BUDGET
from streamcore.execution.leaves import BatchScan, LocalTable
from streamcore.plan.logical import LogicalPlan, Relation
from streamcore.rdd.storagelevel import StorageLevel

if TYPE_CHECKING:
    from streamcore.sql.session import Session

_IN_MEMORY = StorageLevel.MEMORY_AND_DISK_DESER


class ResultCache:
    """The plans that a session keeps, and their results once computed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._relations: dict[int, tuple[LogicalPlan, Relation | None]] = {}
        self._levels: dict[int, StorageLevel] = {}
        self._lock = threading.Lock()
        self._holder = f"cached results {id(self)}"
        finalize(self, BUDGET.release, self._holder)

    def add(self, plan: LogicalPlan, level: StorageLevel = _IN_MEMORY) -> None:
        """Keep this plan's result from its first use on."""
        with self._lock:
            self._relations.setdefault(id(plan), (plan, None))
            self._levels.setdefault(id(plan), level)

    def remove(self, plan: LogicalPlan) -> None:
        """Forget this plan's result."""
        with self._lock:
            self._relations.pop(id(plan), None)
            self._levels.pop(id(plan), None)
            self._count()

    def holds(self, plan: LogicalPlan) -> bool:
        """Whether this plan's result is kept."""
        return id(plan) in self._relations

    def level(self, plan: LogicalPlan) -> StorageLevel:
        """The level that was asked for; `NONE` for a plan that is not kept."""
        return self._levels[id(plan)] if self.holds(plan) else StorageLevel.NONE

    def clear(self) -> None:
        """Forget every result."""
        with self._lock:
            self._relations.clear()
            self._levels.clear()
            self._count()

    def invalidate(self, source: object) -> None:
        """Compute what was read from this leaf's source anew, when it is asked for again."""
        self._invalidate(lambda leaf: leaf.source is source)

    def invalidate_files(self) -> None:
        """Compute what was read through a connector anew, when it is asked for again."""
        self._invalidate(lambda leaf: isinstance(leaf.source, BatchScan))

    def _invalidate(self, is_stale: Callable[[Relation], bool]) -> None:
        with self._lock:
            for key, (plan, relation) in self._relations.items():
                leaves = (node for node in plan.walk() if isinstance(node, Relation))
                if relation is not None and any(map(is_stale, leaves)):
                    self._relations[key] = (plan, None)
            self._count()

    def applied(self, plan: LogicalPlan) -> LogicalPlan:
        """The plan with kept results in the place of the parts that made them."""
        if not self._relations:
            return plan
        kept = None if plan.is_streaming else self._kept(plan)
        if kept is not None:
            return kept
        children = tuple(self.applied(child) for child in plan.children)
        unchanged = all(a is b for a, b in zip(children, plan.children, strict=True))
        return plan if unchanged else plan.with_children(children)

    def _kept(self, plan: LogicalPlan) -> Relation | None:
        entry = self._relations.get(id(plan))
        if entry is None or entry[0] is not plan:
            return None
        if entry[1] is not None:
            return entry[1]
        children = tuple(self.applied(child) for child in plan.children)
        inner = plan.with_children(children) if children else plan
        table = self._session.execution.table(inner, "cache")
        relation = Relation(f"cached_{id(plan)}", plan.output, LocalTable(table))
        with self._lock:
            if id(plan) in self._relations:
                self._relations[id(plan)] = (plan, relation)
                self._count()
        return relation

    def _count(self) -> None:
        """Says how much memory the results take."""
        sizes = [relation.source.table.nbytes for _, relation in self._relations.values() if relation]
        BUDGET.reserve(self._holder, sum(sizes))


_caches: WeakKeyDictionary[Session, ResultCache] = WeakKeyDictionary()


def cache_of(session: Session) -> ResultCache:
    """The cache of a session."""
    found = _caches.get(session)
    if found is None:
        found = _caches[session] = ResultCache(session)
    return found
