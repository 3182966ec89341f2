"""DataStreamReader: how a stream is described (`session.readStream`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.execution.leaves import stream_relation
from streamcore.spi.folder_columns import SupportsFolderColumns
from streamcore.spi.not_offered import NotOffered
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options
from streamcore.spi.types import StructType, parse_ddl
from streamcore.sql.arguments import require_kind
from streamcore.streaming.stream_source import StreamSource

if TYPE_CHECKING:
    from streamcore.plan.logical import Relation
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session

_SCHEMA_REQUIRED = ("json", "csv", "orc", "parquet")
_SCHEMA_INFERENCE = "spark.sql.streaming.schemaInference"


class DataStreamReader:
    """Collects format, schema and options; `load` gives a streaming DataFrame.

    >>> from streamcore import Session
    >>> session = Session.builder.getOrCreate()
    >>> session.readStream.format("rate").option("rowsPerSecond", 5).load().isStreaming
    True
    """

    # Where PySpark has it, and users look for it.
    __module__ = "streamcore.sql.streaming.readwriter"

    changes = NotOffered("read the files that a writer adds")
    xml = NotOffered("read the files with text(wholetext=True), and parse them in foreachBatch")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._format: str | None = None
        self._schema: StructType | None = None
        self._options = Options()
        self._name: str | None = None

    def format(self, source: str) -> DataStreamReader:
        """The kind of source: kafka, json, csv, parquet, text, rate, socket, or a registered one."""
        self._format = source
        return self

    def schema(self, schema: StructType | str) -> DataStreamReader:
        """The schema, as a StructType or DDL text; file sources require one."""
        require_kind(schema, "schema", (str, StructType), "str or struct type")
        self._schema = parse_ddl(schema) if isinstance(schema, str) else schema
        return self

    def option(self, key: str, value: Any) -> DataStreamReader:
        """One option; a value of None takes it back."""
        if value is None:
            self._options.pop(key, None)
        else:
            self._options[key] = value
        return self

    def options(self, **options: Any) -> DataStreamReader:
        """Several options."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def name(self, source_name: str) -> DataStreamReader:
        """The source's name in the checkpoint (letters, digits, `_`); by position when not given.

        With a name, sources may change places in the query between two starts.
        """
        if not source_name or not all(c.isascii() and (c.isalnum() or c == "_") for c in source_name):
            raise IllegalArgumentException(
                f"source name {source_name!r} may only have letters, digits and underscores"
            )
        self._name = source_name
        return self

    def load(
        self,
        path: str | None = None,
        format: str | None = None,
        schema: StructType | str | None = None,
        **options: Any,
    ) -> DataFrame:
        """The streaming DataFrame.

        Raises AnalysisException or IllegalArgumentException for an unknown format, a missing schema, or
        options that the source does not know.
        """
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        if path is not None:
            self.option("path", path)
        return self._dataframe()

    def json(self, path: str, schema: StructType | str | None = None, **options: Any) -> DataFrame:
        """A folder of JSON lines files."""
        return self._load_files(path, "json", schema, options)

    def csv(self, path: str, schema: StructType | str | None = None, **options: Any) -> DataFrame:
        """A folder of CSV files."""
        return self._load_files(path, "csv", schema, options)

    def parquet(self, path: str, **options: Any) -> DataFrame:
        """A folder of Parquet files."""
        return self._load_files(path, "parquet", None, options)

    def orc(self, path: str, **options: Any) -> DataFrame:
        """A folder of ORC files."""
        return self._load_files(path, "orc", None, options)

    def text(self, path: str, **options: Any) -> DataFrame:
        """A folder of text files, one row per line in the column `value`."""
        return self._load_files(path, "text", None, options)

    def _load_files(
        self, path: str, format: str, schema: StructType | str | None, options: dict[str, Any]
    ) -> DataFrame:
        require_kind(path, "path", str, "str")
        return self.load(path, format, schema, **{k: v for k, v in options.items() if v is not None})

    def table(self, tableName: str) -> DataFrame:
        """The rows of a table, those that are there and those that come; or the stream behind a view."""
        from streamcore.sql.streaming.tables import streaming_table

        require_kind(tableName, "tableName", str, "str")
        if self._schema is not None:
            raise AnalysisException("User specified schema not supported with `table`.")
        return streaming_table(self._session, tableName, self._options, self._name)

    def _dataframe(self) -> DataFrame:
        from streamcore.execution.connectors import (
            make_data_source,
            source_class,
            with_session_zone,
            with_settings,
        )
        from streamcore.sql.bad_records import bad_records, plan_of
        from streamcore.sql.dataframe import DataFrame

        name = self._format or str(self._session.conf.get("spark.sql.sources.default"))
        zone = str(self._session.conf.get("spark.sql.session.timeZone"))
        given = Options(self._options)
        bad = bad_records(name, given)
        class_ = source_class(name)
        options = with_session_zone(name, with_settings(class_, given, self._session.conf.given), zone)
        data_source = make_data_source(class_, options)
        if isinstance(data_source, ChecksStreamOptions):
            data_source.check_stream_options()
        schema = self._schema_of(name, data_source)
        self._session.analysis_settings.require_distinct(schema.names)

        def leaf(of: StructType) -> Relation:
            source = StreamSource(name, data_source, of, options, self._name)
            return stream_relation(source, of, "stream")

        return DataFrame(plan_of(bad, schema, leaf), self._session)

    def _schema_of(self, name: str, data_source: Any) -> StructType:
        if self._schema is None:
            self._require_schema(name)
            found = data_source.schema()
            return parse_ddl(found) if isinstance(found, str) else found
        if isinstance(data_source, SupportsFolderColumns):
            return data_source.with_folder_columns(self._schema, is_bounded=False)
        return self._schema

    def _require_schema(self, name: str) -> None:
        """A stream must not change its columns with the files that happen to be there."""
        may_infer = self._session.conf.flag(_SCHEMA_INFERENCE)
        if name.lower() not in _SCHEMA_REQUIRED or may_infer:
            return
        raise IllegalArgumentException(
            f"Schema must be specified when creating a streaming source DataFrame: call "
            f".schema(...) before load() of {name!r}, or set {_SCHEMA_INFERENCE}=true to infer it at every "
            "start from the files that exist then"
        )
