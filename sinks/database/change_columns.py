"""Rows that are changes: the columns that say what each one is, which of them comes last, what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException
from streamcore.spi.types import StructType

if TYPE_CHECKING:
    from collections.abc import Sequence

UNCHANGED: Final = "_unchanged"
ORDER: Final = ("_lsn", "_seq")

READ: Final = "r"
CREATED: Final = (READ, "c", "i", "insert")
_WRITTEN: Final = (*CREATED, "u", "update", "update_postimage")
_DELETED: Final = ("d", "delete")
_TRUNCATED: Final = ("t", "truncate")
_BEFORE: Final = ("update_preimage",)


@dataclass(frozen=True)
class ChangeColumns:
    """The columns of the data that tell about a change; none of them is written.

    `op` says what the row is: the letters of Debezium and of `postgres-changes` (r, c, u, d, t), I, U and D,
    and the words of Delta's change data feed (insert, update_preimage, update_postimage, delete), in any
    case.  `order` are the columns by which of several changes of a key the last one is known.  `unchanged`
    (None: there is none) names columns that a row does not have because they were not changed.
    """

    op: str
    order: tuple[str, ...]
    unchanged: str | None

    def of_data(self, names: Sequence[str]) -> ChangeColumns:
        """These, as far as the data must have them and does; AnalysisException for one that is missing."""
        for option, column in [("opColumn", self.op), *(("orderColumns", column) for column in self.order)]:
            if column not in names:
                raise AnalysisException(
                    f"the option {option} names {column!r}, which is not in the data; its columns are "
                    f"{', '.join(names)}. Without a column that orders changes nobody knows which of a "
                    "key's is "
                    "the last: name it with orderColumns"
                )
        if self.unchanged is None:
            return ChangeColumns(self.op, self.order, UNCHANGED if UNCHANGED in names else None)
        if self.unchanged not in names:
            raise AnalysisException(f"unchangedColumn names {self.unchanged!r}, which is not in the data")
        return self

    def without(self, schema: StructType) -> StructType:
        """The columns that are written."""
        told = {self.op, *self.order, self.unchanged}
        return StructType([field for field in schema.fields if field.name not in told])


def kinds_of_words() -> dict[str, int]:
    """What each word of an op column means: one of the numbers below."""
    groups = {WRITE: _WRITTEN, DELETE: _DELETED, TRUNCATE: _TRUNCATED, BEFORE: _BEFORE}
    return {word: kind for kind, words in groups.items() for word in words}


WRITE, DELETE, TRUNCATE, BEFORE = range(4)
