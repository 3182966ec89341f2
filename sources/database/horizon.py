"""Up to which value of its column a table is complete, so that no row comes to stand below later.

`id > the largest seen` loses rows: a transaction that took its number early may commit late, below a number
that was already read.  What makes an end safe is decided here, purely, from the column and the promises.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.spi.types import DateType, DecimalType, IntegralType, TimestampType

if TYPE_CHECKING:
    from streamcore.sources.database.settings import FollowSettings
    from streamcore.spi.types import DataType

XID8 = "xid8"
_TIMESTAMPTZ = "timestamp with time zone"


class Horizon(Enum):
    """What bounds a batch."""

    RUNNING_TRANSACTIONS = auto()
    """PostgreSQL's xid8 of the transaction that wrote the row: complete below the oldest that runs."""

    DELAY = auto()
    """A time: complete up to now less the longest that a transaction takes."""

    NEWEST = auto()
    """Rows become visible in order: complete up to the largest."""


def horizon_of(settings: FollowSettings, database: str, kind: str | None, data_type: DataType) -> Horizon:
    """The bound for a column of this kind (`kind` is PostgreSQL's name of its type).

    Raises AnalysisException, with the ways out, where rows could be lost, or the promise does not fit.
    """
    named = f"incrementColumn={settings.column!r}"
    if kind == XID8:
        if settings.commit_ordered or settings.commit_delay is not None:
            raise AnalysisException(
                f"{named} is of type xid8, of which the server itself knows what is complete: leave out "
                "commitOrdered and commitDelay"
            )
        return Horizon.RUNNING_TRANSACTIONS
    if not isinstance(data_type, IntegralType | DecimalType | DateType | TimestampType):
        raise AnalysisException(
            f"{named} is of type {data_type.simpleString()}, and only numbers, dates, times and xid8 are "
            "followed"
        )
    if settings.commit_delay is not None:
        if database != "postgresql" or kind != _TIMESTAMPTZ:
            raise AnalysisException(
                f"commitDelay needs a column of PostgreSQL's type timestamptz, and {named} is "
                f"{kind or data_type.simpleString()}: other times depend on the zone of who wrote them"
            )
        return Horizon.DELAY
    if not settings.commit_ordered:
        raise AnalysisException(
            f"rows could be lost: a transaction that takes a value of {named} early may commit late, when "
            "larger values have been read. Say what is so: commitOrdered=true, when rows become visible in "
            "the order of the column (there is one writer, or writers wait for each other, as in SQLite); "
            "on PostgreSQL commitDelay=30s, for a timestamptz, when no transaction lasts longer; or follow "
            "a column that knows: ALTER TABLE ... ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id(), "
            "with an index"
        )
    return Horizon.NEWEST
