"""How dates and times are written in text files: the options that say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streamcore.duck.text_times import read_date, read_instant, read_local
from streamcore.spi.options import Options
from streamcore.spi.types import DataType, DateType, TimestampType

TIME_OPTIONS: Final = ("timeZone", "dateFormat", "timestampFormat", "timestampNTZFormat")


@dataclass(frozen=True)
class TimeForms:
    """The zone of local times, and Java's patterns where they are given.

    `unusual` is the SQL for texts in none of the usual forms; None takes them apart (see `read_date`).
    """

    zone: str = "UTC"
    date: str | None = None
    timestamp: str | None = None
    timestamp_ntz: str | None = None
    unusual: str | None = None

    @classmethod
    def of(cls, options: Options) -> TimeForms:
        """The forms that the options name."""
        date, timestamp, local = (options.get(name) for name in TIME_OPTIONS[1:])
        return cls(options.get("timeZone", "UTC"), date, timestamp, local)

    def read(self, text: str, data_type: DataType) -> str:
        """SQL of the date, timestamp or local timestamp in `text`, null where there is none.

        Raises IllegalArgumentException for a pattern or a zone that is not offered.
        """
        if isinstance(data_type, DateType):
            return read_date(text, self.date, self.unusual)
        if isinstance(data_type, TimestampType):
            return read_instant(text, self.zone, self.timestamp, self.unusual)
        return read_local(text, self.timestamp_ntz, self.unusual)
