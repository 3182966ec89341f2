"""The streaming readers of a table that is followed by a column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, CheckpointMismatch
from streamcore.sources.database.horizon import Horizon, horizon_of
from streamcore.sources.database.statements import (
    Followed,
    connected,
    disconnect,
    follow,
    newest,
    rows_between,
    smallest,
)
from streamcore.sources.jdbc.values import conversion
from streamcore.spi.datasource import DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow
from streamcore.spi.types import DateType, DecimalType, IntegralType, TimestampType

if TYPE_CHECKING:
    import sqlalchemy as sa

    from streamcore.sources.database.settings import FollowSettings
    from streamcore.spi.types import DataType, StructType


@dataclass(frozen=True)
class RangePartition(InputPartition):
    """The rows above `start` (None: from the first) up to `end`."""

    start: Any
    end: Any


class FollowingReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Reads rows by ranges of a column; a row that was changed meanwhile is found in its later range."""

    def __init__(self, settings: FollowSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema
        self._type: DataType = schema[settings.column].dataType
        self._ceiling: Any = None
        self._is_bounded = False
        self._found: tuple[Followed, Horizon] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_found": None}

    def initialOffset(self) -> Offset:
        with connected(self._settings) as connection:
            self._followed(connection)
            return self._offset(
                self._newest(connection, None, None) if self._settings.starts_at_end else None
            )

    def getDefaultReadLimit(self) -> ReadLimit:
        most = self._settings.max_rows
        return ReadAllAvailable() if most is None else ReadMaxRows(most)

    def prepareForTriggerAvailableNow(self) -> None:
        with connected(self._settings) as connection:
            self._ceiling = self._newest(connection, None, None)
        self._is_bounded = True

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        if self._is_bounded and self._ceiling is None:
            return start
        most = limit.max_rows if isinstance(limit, ReadMaxRows) else None
        with connected(self._settings) as connection:
            end = self._newest(connection, self._value(start), most)
        return start if end is None else self._offset(end)

    def _newest(self, connection: sa.Connection, start: Any, most: int | None) -> Any:
        followed, horizon = self._followed(connection)
        return newest(connection, followed.column, self._settings, horizon, start, self._ceiling, most)

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        low, high = self._value(start), self._value(end)
        if low == high:
            return []
        inner: list[Any] = []
        if self._settings.partitions > 1:
            with connected(self._settings) as connection:
                first = smallest(connection, self._followed(connection)[0].column) if low is None else low
            inner = steps_between(first, high, self._settings.partitions)
        return [RangePartition(a, b) for a, b in zip([low, *inner], [*inner, high], strict=True)]

    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]]:
        assert isinstance(partition, RangePartition)
        converts = [conversion(field.dataType) for field in self._schema.fields]
        with connected(self._settings) as connection:
            query = rows_between(self._followed(connection)[0].column, partition.start, partition.end)
            fetched = connection.execution_options(yield_per=self._settings.fetched_rows)
            for row in fetched.execute(query):
                yield tuple(
                    value if value is None or convert is None else convert(value)
                    for value, convert in zip(row, converts, strict=True)
                )

    def stop(self) -> None:
        disconnect(self._settings)

    def _followed(self, connection: sa.Connection) -> tuple[Followed, Horizon]:
        """The table, looked at once, and what bounds a batch; AnalysisException when nothing does."""
        if self._found is None:
            found = follow(connection, self._settings)
            horizon = horizon_of(self._settings, connection.dialect.name, found.kind, self._type)
            if found.column.nullable and not found.column.primary_key:
                raise AnalysisException(
                    f"incrementColumn={self._settings.column!r} may be null, and a row without a value would "
                    "never be read: make the column NOT NULL"
                )
            self._found = found, horizon
        return self._found

    def _offset(self, value: Any) -> Offset:
        if isinstance(value, Decimal):
            return {"value": str(value)}
        return {"value": value.isoformat() if isinstance(value, dt.date) else value}

    def _value(self, offset: Offset) -> Any:
        try:
            return _value_of(offset["value"], self._type)
        except (KeyError, ValueError, TypeError, ArithmeticError):
            raise CheckpointMismatch(
                f"the checkpoint holds the offset {offset!r}, which is no {self._type.simpleString()} of the "
                f"column {self._settings.column!r}: the query was made for another source, or the column's "
                "type was changed; start with an empty checkpoint"
            ) from None


class AppendingReader(FollowingReader, Replayable):
    """Reads a table whose rows are added and stay as they are: a range has the same rows at any time."""


def steps_between(first: Any, last: Any, count: int) -> list[Any]:
    """Bounds between `count` ranges of equal width from above `first` up to `last`, each once.

    >>> steps_between(0, 10, 3)
    [3, 6]
    """
    if first is None or (isinstance(first, dt.date) and not isinstance(first, dt.datetime)):
        return []
    whole = isinstance(first, int)
    width = last - first
    steps = [first + (width * at // count if whole else width * at / count) for at in range(1, count)]
    return [step for step in dict.fromkeys(steps) if first < step < last]


def _value_of(logged: Any, data_type: DataType) -> Any:
    if logged is None:
        return None
    match data_type:
        case IntegralType():
            return int(logged)
        case DecimalType():
            return Decimal(logged)
        case TimestampType():
            return dt.datetime.fromisoformat(logged)
        case DateType():
            return dt.date.fromisoformat(logged)
    raise TypeError
