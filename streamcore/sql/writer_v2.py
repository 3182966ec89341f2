"""DataFrameWriterV2: `df.writeTo(table)`, what is done with a table named by verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.refusals import table_or_view_not_found
from streamcore.spi.options import option_text
from streamcore.sql.column import Column
from streamcore.sql.dataframe.core import flattened
from streamcore.sql.tables.assignment import by_name
from streamcore.sql.tables.names import parts_of, quoted
from streamcore.sql.tables.other_catalogs import (
    WriteElsewhere,
    is_elsewhere,
    refuse_properties,
    require_format,
)
from streamcore.sql.tables.saving import SavedTable, create_table_of, replace_table_by
from streamcore.sql.tables.writing import insert

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.tables.metadata import TableMetadata


class DataFrameWriterV2:
    """`df.writeTo(table)`: columns go by their names, and each verb says what becomes of the table.

    >>> from streamcore import Session
    >>> session = Session.builder.getOrCreate()
    >>> session.range(2).writeTo("numbers").using("parquet").createOrReplace()
    >>> session.range(3).writeTo("numbers").append()
    >>> session.table("numbers").count()
    5
    """

    # Where PySpark has it, and users look for it.
    __module__ = "streamcore.sql.readwriter"

    def __init__(self, df: DataFrame, table: str) -> None:
        self._df = df
        self._table = table
        self._format: str | None = None
        self._options: dict[str, Any] = {}
        self._properties: dict[str, str] = {}
        self._columns: dict[str, list[str]] = {}

    def using(self, provider: str) -> DataFrameWriterV2:
        """The format of a table that is made."""
        self._format = provider
        return self

    def option(self, key: str, value: Any) -> DataFrameWriterV2:
        """One option of the format."""
        return self.options(**{key: value})

    def options(self, **options: Any) -> DataFrameWriterV2:
        """Options of the format; None is ignored."""
        self._options.update({k: option_text(v) for k, v in options.items() if v is not None})
        return self

    def tableProperty(self, property: str, value: str) -> DataFrameWriterV2:
        """A property of a table that is made."""
        self._properties[property] = value
        return self

    def partitionedBy(self, col: Any, *cols: Any) -> DataFrameWriterV2:
        """The columns that become folders of a table that is made; functions of columns are not offered."""
        self._columns["partitionBy"] = [_name(one) for one in flattened((col, *cols))]
        return self

    def clusterBy(self, col: str, *cols: str) -> DataFrameWriterV2:
        """The columns by which the rows of each file of a table that is made are sorted."""
        self._columns["clusterBy"] = [_name(one) for one in flattened((col, *cols))]
        return self

    def create(self) -> None:
        """Makes the table; AnalysisException when its name is taken."""
        if (other := self._elsewhere()) is not None:
            other.create()
            return
        create_table_of(self._df, self._saved, self._properties)

    def replace(self) -> None:
        """Puts a new table in the place of one that is there; AnalysisException when there is none."""
        if (other := self._elsewhere()) is not None:
            other.replace()
            return
        self._existing()
        replace_table_by(self._df, self._saved, self._properties)

    def createOrReplace(self) -> None:
        """Makes the table, or puts a new one in the place of one that is there."""
        if (other := self._elsewhere()) is not None:
            other.create_or_replace()
            return
        if self._df.session.tables.entry(parts_of(self._table)) is None:
            self.create()
        else:
            self.replace()

    def append(self) -> None:
        """Adds the rows to the table, its columns by their names."""
        if (other := self._elsewhere()) is not None:
            other.append()
            return
        table = self._existing()
        insert(by_name(self._df, table), table, overwrite=False, asked=self._options)

    def overwrite(self, condition: Any) -> None:
        """Puts the rows in the place of those that fulfil a condition; only of all, `lit(True)`."""
        text = condition.expression.sql() if isinstance(condition, Column) else str(condition)
        if text.lower() != "true":
            raise UnsupportedOperationException(
                f"writeTo(...).overwrite({text}) is not offered: the files of a table are replaced whole, "
                "with lit(True), or by partitions, with overwritePartitions()"
            )
        if (other := self._elsewhere()) is not None:
            other.replace()
            return
        table = self._existing()
        rows = by_name(self._df, table)
        insert(rows, table, overwrite=True, asked={**self._options, "partitionOverwriteMode": "static"})

    def overwritePartitions(self) -> None:
        """Puts the rows in the place of those in the partitions that they are in."""
        if (other := self._elsewhere()) is not None:
            other.overwrite_partitions()
            return
        table = self._existing()
        rows = by_name(self._df, table)
        insert(rows, table, overwrite=True, asked={**self._options, "partitionOverwriteMode": "dynamic"})

    def _elsewhere(self) -> WriteElsewhere | None:
        """The same verbs over a table of another catalog; None for one of the session's own."""
        import json

        parts = parts_of(self._table)
        if not is_elsewhere(self._df.session, parts):
            return None
        require_format(self._format, parts)
        refuse_properties(self._properties)
        columns = {key: json.dumps(names) for key, names in self._columns.items()}
        return WriteElsewhere(self._df, self._table, {**self._options, **columns})

    @property
    def _saved(self) -> SavedTable:
        import json

        columns = {key: json.dumps(names) for key, names in self._columns.items()}
        return SavedTable(self._table, self._format, "error", {**self._options, **columns})

    def _existing(self) -> TableMetadata:
        parts = parts_of(self._table)
        if self._df.session.tables.entry(parts) is None:
            raise table_or_view_not_found(quoted(parts))
        return self._df.session.tables.require(parts, "writeTo")


def _name(column: Any) -> str:
    """The name of a column that is given as one; raises AnalysisException for another expression."""
    if isinstance(column, Column):
        name = str(column.expression.name)
        if not column.expression.key == "column":
            raise AnalysisException(
                f"partitions are columns, not {column}: add the column with withColumn, and name it"
            )
        return name
    return str(column)
