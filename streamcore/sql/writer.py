"""DataFrameWriter: the result of a batch DataFrame through the connector contract."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.execution.connectors import make_data_source, sink_class, with_session_zone, with_settings
from streamcore.spi.capabilities import ChecksSaveMode, KnowsWhatExists
from streamcore.spi.not_offered import NotOffered
from streamcore.spi.options import option_text
from streamcore.sql.arguments import given_options, require_kind
from streamcore.sql.dataframe.core import flattened
from streamcore.sql.tables.metadata import Buckets
from streamcore.sql.tables.names import parts_of
from streamcore.sql.tables.other_catalogs import FORMAT, is_elsewhere, require_format
from streamcore.sql.writing import write_rows

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

_MODES = {
    "append": "append", "overwrite": "overwrite", "ignore": "ignore",
    "error": "error", "errorifexists": "error", "default": "error",
}  # fmt: skip


_OVERWRITE_MODE = "partitionOverwriteMode"
_HAS_PARTITION_FOLDERS = ("parquet", "orc", "json", "csv", "text", "delta")


class DataFrameWriter:
    """`df.write`: format, mode and options, then `save`."""

    # Where PySpark has it, and users look for it.
    __module__ = "streamcore.sql.readwriter"

    xml = NotOffered("make the lines with concat_ws, and write them as text")

    def __init__(self, df: DataFrame) -> None:
        self._df = df
        self._format: str | None = None
        self._mode = "error"
        self._options: dict[str, Any] = {}
        self._buckets: Buckets | None = None

    def format(self, source: str) -> DataFrameWriter:
        """The kind of sink: `parquet`, `json`, `csv`, `text`, `database`, ... or a registered one."""
        self._format = source
        return self

    def mode(self, saveMode: str | None) -> DataFrameWriter:
        """What happens to data that is there: `append`, `overwrite`, `ignore`, `error` (default)."""
        if saveMode is None:
            return self
        if saveMode.lower() not in _MODES:
            raise AnalysisException(
                f'[INVALID_SAVE_MODE] The specified save mode "{saveMode}" is invalid. Valid save modes '
                "include "
                '"append", "overwrite", "ignore", "error", "errorifexists", and "default". SQLSTATE: 42000'
            )
        self._mode = _MODES[saveMode.lower()]
        return self

    def option(self, key: str, value: Any) -> DataFrameWriter:
        """One option of the sink; None is ignored."""
        return self.options(**{key: value})

    def options(self, **options: Any) -> DataFrameWriter:
        """Options of the sink; None is ignored."""
        self._options.update({k: option_text(v) for k, v in options.items() if v is not None})
        return self

    def partitionBy(self, *cols: Any) -> DataFrameWriter:
        """Columns that become folders `column=value`."""
        return self.option("partitionBy", json_text.dumps(list(flattened(cols))))

    def clusterBy(self, *cols: Any) -> DataFrameWriter:
        """Columns by which the rows of each file are sorted, so that readers can skip parts of it."""
        return self.option("clusterBy", json_text.dumps(list(flattened(cols))))

    def bucketBy(self, numBuckets: int, col: Any, *cols: Any) -> DataFrameWriter:
        """Notes buckets in the description of a table; its files are not divided by them.

        Joins and groupings need no buckets here. `save` and `insertInto` refuse them, as in Spark.
        """
        require_kind(numBuckets, "numBuckets", int, "int")
        self._buckets = Buckets(numBuckets, tuple(flattened((col, *cols))), self._sorted_by())
        return self

    def sortBy(self, col: Any, *cols: Any) -> DataFrameWriter:
        """Notes by which columns the rows of a bucket would be sorted; goes with `bucketBy`."""
        found = self._buckets or Buckets(0, ())
        self._buckets = replace(found, sorted_by=tuple(flattened((col, *cols))))
        return self

    def _sorted_by(self) -> tuple[str, ...]:
        return () if self._buckets is None else self._buckets.sorted_by

    def _require_no_buckets(self, operation: str) -> None:
        if self._buckets is not None:
            what = "bucketBy and sortBy" if self._buckets.sorted_by else "bucketBy"
            raise AnalysisException(
                f"[UNSUPPORTED_FEATURE.WRITER] '{operation}' does not support {what} right now: buckets are "
                "noted for tables, with saveAsTable. SQLSTATE: 0A000"
            )

    def save(
        self,
        path: str | None = None,
        format: str | None = None,
        mode: str | None = None,
        partitionBy: str | list[str] | None = None,
        **options: Any,
    ) -> None:
        """Runs the query and writes its rows; they become visible together, when all are written."""
        self._require_no_buckets("save")
        if format is not None:
            self.format(format)
        self.mode(mode).options(**options)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if path is not None:
            self._options["path"] = str(path)
        name = self._format or str(self._df.session.conf.get("spark.sql.sources.default"))
        zone = str(self._df.session.conf.get("spark.sql.session.timeZone"))
        class_ = sink_class(name)
        given = with_settings(class_, self._with_overwrite_mode(name), self._df.session.conf.given)
        sink = make_data_source(class_, with_session_zone(name, given, zone))
        if isinstance(sink, ChecksSaveMode):
            sink.check_save_mode(self._mode)
        if self._mode in ("ignore", "error") and _exists(sink):
            if self._mode == "ignore":
                return
            raise AnalysisException(
                f"[PATH_ALREADY_EXISTS] Path {self._options.get('path', name)} already exists. Set mode as "
                '"overwrite" to overwrite the existing path. SQLSTATE: 42K04'
            )
        write_rows(self._df, sink, name, overwrite=self._mode == "overwrite")

    def saveAsTable(
        self,
        name: str,
        format: str | None = None,
        mode: str | None = None,
        partitionBy: str | list[str] | None = None,
        **options: Any,
    ) -> None:
        """Runs the query and keeps its rows as a table; the mode says what happens to one that is there.

        The table's files are in the folder of its name in the warehouse, and go when it is dropped, unless
        the option `path` names another folder.
        """
        from streamcore.sql.tables.saving import SavedTable, save_as_table

        if format is not None:
            self.format(format)
        self.mode(mode).options(**options)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if is_elsewhere(self._df.session, parts_of(name)):
            require_format(self._format, parts_of(name))
            self._require_no_buckets("saveAsTable")
            self.format(FORMAT).save(name)
            return
        if self._buckets is not None:
            if self._buckets.count == 0:
                raise IllegalArgumentException("sortBy must be used together with bucketBy")
            self.option("bucketBy", json_text.dumps(asdict(self._buckets)))
        save_as_table(self._df, SavedTable(name, self._format, self._mode, self._options))

    def insertInto(self, tableName: str, overwrite: bool | None = None) -> None:
        """Adds the rows to a table, the first column as its first; or puts them in the place of its rows."""
        from streamcore.sql.tables.saving import SavedTable, insert_into

        self._require_no_buckets("insertInto")
        if "partitionBy" in self._options:
            raise AnalysisException(
                "[PARTITION_BY_NOT_ALLOWED_WITH_INSERT_INTO] partitionBy() cannot be used with insertInto(). "
                f"Partition columns for table {tableName} are determined by the table definition. SQLSTATE: "
                "42601"
            )
        is_over = self._mode == "overwrite" if overwrite is None else overwrite
        mode = "overwrite" if is_over else "append"
        insert_into(self._df, SavedTable(tableName, self._format, mode, self._options))

    def json(
        self,
        path: str,
        mode: str | None = None,
        compression: Any = None,
        dateFormat: Any = None,
        timestampFormat: Any = None,
        lineSep: Any = None,
        encoding: Any = None,
        ignoreNullFields: Any = None,
    ) -> None:
        """JSON, one object per line."""
        options = given_options(locals(), "path", "mode")
        self.save(path, "json", mode, **options)

    def csv(
        self,
        path: str,
        mode: str | None = None,
        compression: Any = None,
        sep: Any = None,
        quote: Any = None,
        escape: Any = None,
        header: Any = None,
        nullValue: Any = None,
        escapeQuotes: Any = None,
        quoteAll: Any = None,
        dateFormat: Any = None,
        timestampFormat: Any = None,
        ignoreLeadingWhiteSpace: Any = None,
        ignoreTrailingWhiteSpace: Any = None,
        charToEscapeQuoteEscaping: Any = None,
        encoding: Any = None,
        emptyValue: Any = None,
        lineSep: Any = None,
    ) -> None:
        """Separated values."""
        options = given_options(locals(), "path", "mode")
        self.save(path, "csv", mode, **options)

    def jdbc(
        self, url: str, table: str, mode: str | None = None, properties: dict[str, str] | None = None
    ) -> None:
        """A table of a database, in one transaction; see `DataFrameReader.jdbc` for the URL."""
        self.save(None, "jdbc", mode, **{**(properties or {}), "url": url, "dbtable": table})

    def parquet(
        self, path: str, mode: str | None = None, partitionBy: Any = None, compression: str | None = None
    ) -> None:
        """Parquet files."""
        self.save(path, "parquet", mode, partitionBy, compression=compression)

    def orc(
        self, path: str, mode: str | None = None, partitionBy: Any = None, compression: str | None = None
    ) -> None:
        """ORC files."""
        self.save(path, "orc", mode, partitionBy, compression=compression)

    def text(self, path: str, compression: str | None = None, lineSep: str | None = None) -> None:
        """Lines of text, from one column of strings."""
        self.save(path, "text", compression=compression, lineSep=lineSep)

    def _with_overwrite_mode(self, name: str) -> dict[str, Any]:
        """The options; of a format with partition folders, those of the session too."""
        given = {key.lower() for key in self._options}
        says_itself = _OVERWRITE_MODE.lower() in given or "replacewhere" in given
        if name.lower() not in _HAS_PARTITION_FOLDERS or says_itself:
            return self._options
        mode = self._df.session.conf.get("spark.sql.sources.partitionOverwriteMode")
        return {**self._options, _OVERWRITE_MODE: mode}


def _exists(sink: Any) -> bool:
    return sink.exists() if isinstance(sink, KnowsWhatExists) else False
