"""What a DataFrame computes and reads, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import ArgumentTypeError
from streamcore.sql.dataframe.core import FrameCore

if TYPE_CHECKING:
    from streamcore.rdd.storagelevel import StorageLevel
    from streamcore.sql.dataframe import DataFrame


class Comparing(FrameCore):
    """sameSemantics, semanticHash, isLocal, inputFiles, storageLevel."""

    def sameSemantics(self, other: DataFrame) -> bool:
        """Whether both have the same plan, so that they give the same rows; names do not count.

        False says nothing: other plans may give the same rows too.

        >>> from streamcore import Session
        >>> numbers = Session.builder.getOrCreate().range(3)
        >>> numbers.withColumn("n", numbers.id * 2).sameSemantics(numbers.withColumn("m", numbers.id * 2))
        True
        """
        from streamcore.plan.plan_forms import plan_form

        if not isinstance(other, FrameCore):
            raise ArgumentTypeError(
                f"[NOT_DATAFRAME] Argument `other` should be a DataFrame, got {type(other).__name__}."
            )
        return plan_form(self._plan) == plan_form(other.plan)

    def semanticHash(self) -> int:
        """A hash of the plan: the same for DataFrames with `sameSemantics`; of this process only."""
        from streamcore.plan.plan_forms import plan_form

        found = hash(plan_form(self._plan)) & 0xFFFFFFFF
        return found - (1 << 32) if found >= 1 << 31 else found

    def isLocal(self) -> bool:
        """Whether the rows are held in memory, so that `collect` and `take` compute nothing."""
        from streamcore.execution.leaves import LocalTable
        from streamcore.plan.logical import Relation

        return isinstance(self._plan, Relation) and isinstance(self._plan.source, LocalTable)

    def inputFiles(self) -> list[str]:
        """The files that are read, as they are now; each once.

        A source that is no file source has none.
        """
        from streamcore.execution.leaves import BatchScan
        from streamcore.plan.logical import Relation
        from streamcore.spi.capabilities import ReadsFiles

        sources = [
            node.source.data_source
            for node in self._plan.walk()
            if isinstance(node, Relation) and isinstance(node.source, BatchScan)
        ]
        found = (file for source in sources if isinstance(source, ReadsFiles) for file in source.files())
        return list(dict.fromkeys(found))

    @property
    def storageLevel(self) -> StorageLevel:
        """How the result is kept; `StorageLevel(False, False, False, False, 1)` when it is not."""
        from streamcore.sql.execution.caching import cache_of

        return cache_of(self._session).level(self._plan)

    def _ipython_key_completions_(self) -> list[Any]:
        """The names that IPython offers behind `df["`."""
        return self.columns
