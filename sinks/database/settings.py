"""The options of the database sink, read once and checked; secrets never leave this module in clear."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sinks.database.change_columns import ORDER, ChangeColumns
from streamcore.spi.secrets import is_secret
from streamcore.spi.table_name import table_name

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from streamcore.spi.options import Options

DATABASE_OPTIONS = (
    "url", "dbtable", "keyColumns", "user", "password", "createTableColumnTypes", "batchsize",
    "isolationLevel", "sinkName", "ledgerTable", "stagingMemory", "truncate",
    "opColumn", "orderColumns", "unchangedColumn",
)  # fmt: skip
_KEY_COLUMN = re.compile(r"""\s*(?:"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|([^,"`]*[^,"`\s][^,"`]*?))\s*(?=,|$)""")
_BATCH_ROWS = 10_000
_STAGING_BYTES = 64 << 20


@dataclass(frozen=True)
class TableName:
    """A table's name and, perhaps, its schema's."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True)
class DatabaseSettings:
    """Where rows go.

    `sink_name` is the sink's name in the ledger, `staging_bytes` what one write task keeps in memory before
    it spills to a temporary file, `batch_rows` how many rows are sent by one statement.  `changes` are the
    columns that make rows changes (None: rows are rows).
    """

    url: URL = field(repr=False)
    table: TableName
    key_columns: tuple[str, ...]
    column_types: str
    batch_rows: int
    isolation_level: str | None
    sink_name: str
    ledger: TableName
    staging_bytes: int
    truncate: bool
    changes: ChangeColumns | None

    @property
    def place(self) -> str:
        """The table and its database, for messages."""
        return f"{self.table} in {self.shown_url}"

    @property
    def shown_url(self) -> str:
        """The URL without its secrets."""
        shown = self.url.set(query={k: "***" if is_secret(k) else v for k, v in self.url.query.items()})
        return shown.render_as_string(hide_password=True)

    def redact(self, text: str) -> str:
        """The text with every secret of the URL replaced."""
        secrets = [self.url.password, *(v for k, v in self.url.query.items() if is_secret(k))]
        for secret in filter(None, secrets):
            text = text.replace(str(secret), "***")
        return text


def read_settings(options: Options) -> DatabaseSettings:
    """The settings in the options; raises IllegalArgumentException naming the option that is wrong."""
    table = _table_name(options.get("dbtable"), "dbtable")
    return DatabaseSettings(
        url=_url(options),
        table=table,
        key_columns=_columns(options, "keyColumns"),
        column_types=options.get("createTableColumnTypes", ""),
        batch_rows=options.integer("batchsize", _BATCH_ROWS, minimum=1) or 0,
        isolation_level=options["isolationLevel"].replace("_", " ") if "isolationLevel" in options else None,
        sink_name=options.get("sinkName") or str(table),
        ledger=_table_name(options.get("ledgerTable", "streamcore_commits"), "ledgerTable"),
        staging_bytes=options.integer("stagingMemory", _STAGING_BYTES, minimum=0) or 0,
        truncate=options.boolean("truncate", default=False),
        changes=_changes(options),
    )


def check_keys(keys: tuple[str, ...], columns: list[str]) -> None:
    """Raises AnalysisException for a key column that the data does not have."""
    for key in keys:
        if key not in columns:
            raise AnalysisException(
                f"keyColumns names {key!r}, which is not in the data; its columns are {', '.join(columns)}"
            )


def _url(options: Options) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    text = options.get("url")
    if not text:
        raise IllegalArgumentException("the database sink needs the option 'url', such as sqlite:///data.db")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise IllegalArgumentException(
            "the option 'url' is no SQLAlchemy URL (dialect://user@host:port/database); it is not shown, "
            "since it may hold a password"
        ) from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if "user" in options:
        url = url.set(username=options["user"])
    return url.set(password=options["password"]) if "password" in options else url


def _table_name(text: str | None, option: str) -> TableName:
    if not text:
        raise IllegalArgumentException(
            f"the database sink needs the option {option!r}: table or schema.table"
        )
    name = table_name(text)
    if name is None:
        raise IllegalArgumentException(f"option {option}={text!r} must be table or schema.table")
    return TableName(*name)


def _changes(options: Options) -> ChangeColumns | None:
    if "opColumn" not in options:
        for name in ("orderColumns", "unchangedColumn"):
            if name in options:
                raise IllegalArgumentException(
                    f"option {name} tells about changes, and needs opColumn, which says what each row is"
                )
        return None
    if not options.get("keyColumns", "").strip():
        raise IllegalArgumentException(
            "option opColumn needs keyColumns: a change is applied to the row that has its key"
        )
    order = _columns(options, "orderColumns") if "orderColumns" in options else ORDER
    if not order:
        raise IllegalArgumentException(
            "option orderColumns must name the columns by which the last change of a key is known"
        )
    return ChangeColumns(options["opColumn"], order, options.get("unchangedColumn"))


def _columns(options: Options, option: str) -> tuple[str, ...]:
    """Names between commas; one that holds a comma, or begins or ends with a blank, stands in quotes."""
    text = options.get(option, "")
    if not text.strip():
        return ()
    names, at = [], 0
    while at <= len(text):
        found = _KEY_COLUMN.match(text, at)
        if found is None:
            raise IllegalArgumentException(
                f"option {option}={text!r} must be column names between commas; a name that holds a comma "
                'or a quote stands in quotes: "a,b", `a,b`'
            )
        double, back, plain = found.groups()
        names.append((double or "").replace('""', '"') or (back or "").replace("``", "`") or plain.strip())
        at = found.end() + 1
    if len(set(names)) != len(names):
        raise IllegalArgumentException(f"option {option}={text!r} names a column twice")
    return tuple(names)
