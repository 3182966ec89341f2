"""Tables of catalogs that the session is told of by `spark.sql.catalog.<name>`, under their whole names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.iceberg.catalog_settings import settings_by_catalog
from streamcore.sql.tables.names import CATALOG, quoted

if TYPE_CHECKING:
    from streamcore.plan.logical import Relation
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session

FORMAT: Final = "iceberg"
"""The format of every such table."""


def is_elsewhere(session: Session, parts: Sequence[str]) -> bool:
    """Whether a name begins with that of a catalog which the session is told of."""
    return len(parts) > 1 and parts[0] != CATALOG and parts[0] in settings_by_catalog(session.conf.given)


def require_format(asked: str | None, parts: Sequence[str]) -> None:
    """Raises AnalysisException where another format is asked for than such tables have."""
    if asked is not None and asked.lower() != FORMAT:
        raise AnalysisException(
            f"{quoted(list(parts))} is a table of an Iceberg catalog: leave the format out, or "
            f"write it with format({FORMAT!r})"
        )


def relation(session: Session, parts: Sequence[str], options: Mapping[str, str] | None = None) -> Relation:
    """A leaf that reads the table as it is when an action runs."""
    from streamcore.plan.logical import Relation

    reader = session.read.format(FORMAT).options(**dict(options or {}))
    found = reader.load(quoted(list(parts))).plan
    assert isinstance(found, Relation)
    return found


class WriteElsewhere:
    """The verbs of `writeTo` over a table of another catalog."""

    def __init__(self, frame: DataFrame, name: str, options: Mapping[str, str]) -> None:
        self._frame = frame
        self._name = name
        self._options = dict(options)

    def create(self) -> None:
        """Makes the table; AnalysisException when it is there."""
        self._save("error")

    def append(self) -> None:
        """Adds the rows to a table that is there."""
        self._require_table()
        self._save("append")

    def replace(self) -> None:
        """Puts the rows in the place of all, in a table of the same columns."""
        self._require_table()
        self._save("overwrite")

    def create_or_replace(self) -> None:
        """Makes the table, or puts the rows in the place of all of its rows."""
        self._save("overwrite")

    def overwrite_partitions(self) -> None:
        """Puts the rows in the place of those in the same partitions."""
        self._require_table()
        self._options["overwrite-mode"] = "dynamic"
        self._save("overwrite")

    def _require_table(self) -> None:
        # Reading its columns raises, with the name, when there is none.
        _ = self._frame.session.read.format(FORMAT).load(self._name).schema

    def _save(self, mode: str) -> None:
        self._frame.write.format(FORMAT).mode(mode).options(**self._options).save(self._name)


def refuse_properties(properties: Mapping[str, str]) -> None:
    """Raises UnsupportedOperationException: table properties come from the catalog's settings."""
    if properties:
        raise UnsupportedOperationException(
            "tableProperty is not offered for tables of other catalogs: set "
            "spark.sql.catalog.<name>.table-default.<property> before the table is made"
        )
