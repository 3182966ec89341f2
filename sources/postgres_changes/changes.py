"""The columns of a change: those of the table, and what is told about the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException
from streamcore.spi.types import ArrayType, LongType, StringType, StructField, StructType, TimestampType

if TYPE_CHECKING:
    from collections.abc import Sequence

READ: Final = "r"
CREATED: Final = "c"
UPDATED: Final = "u"
DELETED: Final = "d"
TRUNCATED: Final = "t"

TOLD: Final = StructType([
    StructField("_op", StringType()),
    StructField("_lsn", LongType()),
    StructField("_seq", LongType()),
    StructField("_xid", LongType()),
    StructField("_commit_timestamp", TimestampType()),
    StructField("_unchanged", ArrayType(StringType())),
])  # fmt: skip
"""What is told about a change.

`_op` has the letters of Debezium: r (a row that was there at the start), c (created), u (updated), d
(deleted), t (the table was truncated).  `_lsn` (where the transaction's commit stands in the log) and `_seq`
(the place in the transaction) are the order of changes.  `_unchanged` names columns whose value the server
did not send, because it is stored apart (TOAST) and was not changed; they are null in the row.
"""


@dataclass(frozen=True)
class TableShape:
    """The table whose changes are read: its columns and types, and the columns of its primary key."""

    schema: str
    name: str
    columns: StructType
    keys: tuple[str, ...]

    @property
    def place(self) -> str:
        """The table, for messages."""
        return f"{self.schema}.{self.name}"


def changes_schema(columns: Sequence[StructField], place: str) -> StructType:
    """The columns of the table, then those that tell about the change."""
    taken = {field.name.lower() for field in TOLD.fields}
    if both := [field.name for field in columns if field.name.lower() in taken]:
        raise AnalysisException(
            f"the table {place} has columns that are named as those which tell about a change: "
            f"{', '.join(both)}; rename them"
        )
    return StructType([*columns, *TOLD.fields])
