"""DataFrameWriter: the result of a batch DataFrame through the connector contract."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.execution.connectors import make_data_source, sink_class, with_session_zone
from streamcore.execution.rows import iterate_rows
from streamcore.spi.capabilities import KnowsWhatExists, takes_arrow
from streamcore.spi.datasource import is_missing_method
from streamcore.spi.not_offered import NotOffered
from streamcore.spi.options import option_text
from streamcore.sql.dataframe.core import flattened
from streamcore.sql.execution.caching import cache_of

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.types import StructType
    from streamcore.sql.dataframe import DataFrame

_MODES = {
    "append": "append", "overwrite": "overwrite", "ignore": "ignore",
    "error": "error", "errorifexists": "error", "default": "error",
}  # fmt: skip


_OVERWRITE_MODE = "partitionOverwriteMode"
_HAS_PARTITION_FOLDERS = ("parquet", "json", "csv", "text")


class DataFrameWriter:
    """`df.write`: format, mode and options, then `save`."""

    bucketBy = NotOffered("use partitionBy")
    clusterBy = NotOffered("use partitionBy")
    insertInto = NotOffered("there are no tables; use df.write.mode('append').save(path)")
    jdbc = NotOffered("use format('database'), exactly-once in streams, or pandas' to_sql")
    orc = NotOffered("use parquet")
    saveAsTable = NotOffered(
        "there are no tables; use df.write.save(path), or df.createOrReplaceTempView(name)"
    )
    sortBy = NotOffered("sort the DataFrame with orderBy")
    xml = NotOffered("make the lines with concat_ws, and write them as text")

    def __init__(self, df: DataFrame) -> None:
        self._df = df
        self._format: str | None = None
        self._mode = "error"
        self._options: dict[str, Any] = {}

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

    def save(
        self,
        path: str | None = None,
        format: str | None = None,
        mode: str | None = None,
        partitionBy: str | list[str] | None = None,
        **options: Any,
    ) -> None:
        """Runs the query and writes its rows; they become visible together, when all are written."""
        if format is not None:
            self.format(format)
        self.mode(mode).options(**options)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        if path is not None:
            self._options["path"] = str(path)
        name = self._format or str(self._df.session.conf.get("spark.sql.sources.default"))
        zone = str(self._df.session.conf.get("spark.sql.session.timeZone"))
        known = with_session_zone(name, self._with_overwrite_mode(name), zone)
        sink = make_data_source(sink_class(name), known)
        if self._mode in ("ignore", "error") and _exists(sink):
            if self._mode == "ignore":
                return
            raise AnalysisException(
                f"[PATH_ALREADY_EXISTS] Path {self._options.get('path', name)} already exists. Set mode as "
                '"overwrite" to overwrite the existing path. SQLSTATE: 42K04'
            )
        self._write(_writer(sink, name, self._df.schema, overwrite=self._mode == "overwrite"))

    def json(self, path: str, mode: str | None = None, **options: Any) -> None:
        """JSON, one object per line."""
        self.save(path, "json", mode, **options)

    def csv(self, path: str, mode: str | None = None, **options: Any) -> None:
        """Separated values."""
        self.save(path, "csv", mode, **options)

    def parquet(
        self, path: str, mode: str | None = None, partitionBy: Any = None, compression: str | None = None
    ) -> None:
        """Parquet files."""
        self.save(path, "parquet", mode, partitionBy, compression=compression)

    def text(self, path: str, compression: str | None = None, lineSep: str | None = None) -> None:
        """Lines of text, from one column of strings."""
        self.save(path, "text", compression=compression, lineSep=lineSep)

    def _with_overwrite_mode(self, name: str) -> dict[str, Any]:
        """The options; of a format with partition folders, those of the session too."""
        given = {key.lower() for key in self._options}
        if name.lower() not in _HAS_PARTITION_FOLDERS or _OVERWRITE_MODE.lower() in given:
            return self._options
        mode = self._df.session.conf.get("spark.sql.sources.partitionOverwriteMode")
        return {**self._options, _OVERWRITE_MODE: mode}

    def _write(self, writer: Any) -> None:
        session, schema = self._df.session, self._df.schema
        plan = cache_of(session).applied(self._df.plan)
        in_arrow = takes_arrow(writer)
        parts = session.execution.parts(plan, "save", 1)

        def write(_: int, table: pa.Table) -> Any:
            return writer.write(iter(table.to_batches()) if in_arrow else iterate_rows(table, schema))

        try:
            # Each part is written where it was computed, and let go.
            messages = parts.compute(range(parts.count), write)
        except BaseException:
            writer.abort([None] * parts.count)
            raise
        writer.commit(messages)


def _exists(sink: Any) -> bool:
    return sink.exists() if isinstance(sink, KnowsWhatExists) else False


def _writer(sink: Any, name: str, schema: StructType, *, overwrite: bool) -> Any:
    try:
        return sink.writer(schema, overwrite)
    except NotImplementedError as error:
        if not is_missing_method(error):
            raise
        raise UnsupportedOperationException(
            f"The sink {name!r} cannot write a batch DataFrame; use writeStream."
        ) from error
