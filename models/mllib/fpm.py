"""Frequent patterns over RDDs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.fpm.baskets import Itemsets, baskets_of, itemsets_of
from streamcore.models.ml.fpm.sequences import Pattern, frequent_sequences
from streamcore.models.ml.persistence import read_table, write_table
from streamcore.models.mllib.saving import SavedFolder

if TYPE_CHECKING:
    from typing import Self

    from streamcore.context import Context
    from streamcore.rdd.rdd import RDD

__all__ = ["FPGrowth", "FPGrowthModel", "PrefixSpan", "PrefixSpanModel"]


class FPGrowthModel(SavedFolder):
    """Frequent itemsets."""

    def __init__(self, sc: Context, itemsets: Itemsets) -> None:
        self._sc, self._itemsets = sc, itemsets

    def freqItemsets(self) -> RDD[FPGrowth.FreqItemset]:
        """Each frequent itemset, and in how many transactions it is."""
        found = self._itemsets.pairs()
        return self._sc.parallelize([FPGrowth.FreqItemset(list(items), freq) for items, freq in found])

    def _about(self) -> dict[str, Any]:
        return {}

    def _write(self, folder: Path) -> None:
        write_table(folder, self._itemsets.table)

    @classmethod
    def _read(cls, sc: Context, metadata: dict[str, Any], folder: Path) -> Self:
        # How many transactions there were is not kept by Spark, and nothing here asks for it.
        return cls(sc, Itemsets(read_table(folder), 0))


class FPGrowth:
    """Finds the sets of items that many transactions have."""

    class FreqItemset(NamedTuple):
        """Items, and in how many transactions all of them are."""

        items: list[Any]
        freq: int

    @classmethod
    def train(cls, data: RDD[list[Any]], minSupport: float = 0.3, numPartitions: int = -1) -> FPGrowthModel:
        """Search transactions, which are lists of texts or of numbers that differ.

        All are searched in one place, so that `numPartitions` is checked and divides nothing.

        >>> from streamcore import Session
        >>> sc = Session.builder.getOrCreate().sparkContext
        >>> model = FPGrowth.train(sc.parallelize([["a", "b"], ["a"], ["a", "c"]]), 0.6)
        >>> model.freqItemsets().collect()
        [FreqItemset(items=['a'], freq=3)]
        """
        _require_share(minSupport, "Minimal support level")
        if numPartitions != -1 and numPartitions <= 0:
            raise IllegalArgumentException(
                f"requirement failed: Number of partitions must be positive but got {numPartitions}"
            )
        baskets = baskets_of(_lists([list(items) for items in data.collect()]))
        return FPGrowthModel(data.context, itemsets_of(baskets, float(minSupport)))


class PrefixSpanModel:
    """Frequent sequences of itemsets."""

    def __init__(self, sc: Context, patterns: list[Pattern]) -> None:
        self._sc, self._patterns = sc, patterns

    def freqSequences(self) -> RDD[PrefixSpan.FreqSequence]:
        """Each frequent sequence, and how many rows contain it."""
        found = [PrefixSpan.FreqSequence(pattern.sequence, pattern.freq) for pattern in self._patterns]
        return self._sc.parallelize(found)


class PrefixSpan:
    """Finds the sequences of itemsets that many rows contain."""

    class FreqSequence(NamedTuple):
        """A sequence of itemsets, and how many rows contain it."""

        sequence: list[list[Any]]
        freq: int

    @classmethod
    def train(
        cls,
        data: RDD[list[list[Any]]],
        minSupport: float = 0.1,
        maxPatternLength: int = 10,
        maxLocalProjDBSize: int = 32000000,
    ) -> PrefixSpanModel:
        """Search sequences; all of them in one place, so that `maxLocalProjDBSize` is checked only."""
        _require_share(minSupport, "The minimum support value")
        _require_positive(maxPatternLength, "The maximum pattern length value")
        _require_positive(maxLocalProjDBSize, "The maximum local projected database size")
        patterns = frequent_sequences(data.collect(), float(minSupport), maxPatternLength)
        return PrefixSpanModel(data.context, patterns)


def _lists(rows: list[list[Any]]) -> pa.ChunkedArray:
    kind = None if any(rows) else pa.list_(pa.string())
    try:
        return pa.chunked_array([pa.array(rows, kind)])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise IllegalArgumentException(
            f"the items of transactions must be of one type that can be compared and saved: {error}"
        ) from None


def _require_share(value: float, name: str) -> None:
    if not 0 <= value <= 1:
        raise IllegalArgumentException(f"requirement failed: {name} must be in [0, 1], but got {value}.")


def _require_positive(value: int, name: str) -> None:
    if value <= 0:
        raise IllegalArgumentException(f"requirement failed: {name} must be greater than 0, but got {value}.")
