"""The options of the streaming source database, read once and checked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from streamcore.errors import IllegalArgumentException
from streamcore.spi.jdbc_url import database_url
from streamcore.spi.table_name import table_name

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from streamcore.spi.options import Options

OPTIONS: Final = (
    "url", "dbtable", "user", "password", "incrementColumn", "commitOrdered", "commitDelay", "updates",
    "startingPosition", "maxRowsPerTrigger", "numPartitions", "customSchema", "fetchsize",
)  # fmt: skip
_OWNER: Final = "the database source"
_DELAY: Final = re.compile(r"(\d+)\s*(ms|s|m|h|d)")
_UNITS: Final = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FETCHED_ROWS: Final = 10_000


@dataclass(frozen=True)
class FollowSettings:
    """Which table is followed by which column, and what the user promises about it.

    `commit_ordered`: rows become visible in the order of the column.  `commit_delay`: no later than this
    after their value.  `rows_change`: rows are changed too, and get a new value then.
    """

    url: URL = field(repr=False)
    schema: str | None
    table: str
    column: str
    commit_ordered: bool
    commit_delay: dt.timedelta | None
    rows_change: bool
    starts_at_end: bool
    max_rows: int | None
    partitions: int
    custom_schema: str
    fetched_rows: int

    @property
    def place(self) -> str:
        """The table and its database, for messages, without secrets."""
        name = ".".join(filter(None, [self.schema, self.table]))
        return f"{name} in {self.url.set(query={}).render_as_string(hide_password=True)}"


def read_settings(options: Options) -> FollowSettings:
    """The settings in the options; raises IllegalArgumentException naming the option that is wrong."""
    options.reject_unknown(OPTIONS, _OWNER)
    column = options.get("incrementColumn")
    if not column:
        raise IllegalArgumentException(
            f"{_OWNER} needs the option incrementColumn: the column whose values grow, by which new rows are "
            "known. For all changes of a PostgreSQL table there is postgres-changes; for a batch, jdbc"
        )
    schema, table = _table(options.get("dbtable"))
    return FollowSettings(
        url=database_url(options, "database"),
        schema=schema,
        table=table,
        column=column,
        commit_ordered=options.boolean("commitOrdered", default=False),
        commit_delay=_delay(options.get("commitDelay")),
        rows_change=options.choice("updates", ("none", "allowed"), "none") == "allowed",
        starts_at_end=options.choice("startingPosition", ("earliest", "latest"), "earliest") == "latest",
        max_rows=options.integer("maxRowsPerTrigger", minimum=1),
        partitions=options.integer("numPartitions", 1, minimum=1) or 1,
        custom_schema=options.get("customSchema", ""),
        fetched_rows=options.integer("fetchsize", _FETCHED_ROWS, minimum=1) or _FETCHED_ROWS,
    )


def _delay(text: str | None) -> dt.timedelta | None:
    if text is None:
        return None
    found = _DELAY.fullmatch(text.strip().lower())
    if found is None:
        raise IllegalArgumentException(f"option commitDelay={text!r} must be a duration such as 30s or 5m")
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})


def _table(text: str | None) -> tuple[str | None, str]:
    if not text:
        raise IllegalArgumentException(f"{_OWNER} needs the option 'dbtable': table or schema.table")
    name = table_name(text)
    if name is None:
        raise IllegalArgumentException(f"option dbtable={text!r} must be table or schema.table")
    return name
