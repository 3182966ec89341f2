"""DataFrameReader: bounded data through the connector contract."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.connectors import make_data_source, source_class, with_session_zone, with_settings
from streamcore.execution.leaves import BatchScan, scan_relation
from streamcore.spi.datasource import is_missing_method
from streamcore.spi.folder_columns import SupportsFolderColumns
from streamcore.spi.not_offered import NotOffered
from streamcore.spi.options import option_text
from streamcore.spi.types import DataType, StructType, parse_ddl
from streamcore.sql.arguments import given_options
from streamcore.sql.bad_records import bad_records, plan_of
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.texts import path_of

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session


class DataFrameReader:
    """`session.read`: format, options and schema, then `load`.

    >>> from streamcore import Session
    >>> reader = Session.builder.getOrCreate().read.format("json").schema("id long")
    """

    # Where PySpark has it, and users look for it.
    __module__ = "streamcore.sql.readwriter"

    changes = NotOffered("read the files that a writer added with readStream")
    xml = NotOffered("read the files with text(wholetext=True), and parse them with df.rdd.map()")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._format: str | None = None
        self._schema: StructType | None = None
        self._options: dict[str, Any] = {}

    def format(self, source: str) -> DataFrameReader:
        """The kind of source: `json`, `csv`, `parquet`, `text`, `kafka`, ... or a registered one."""
        self._format = source
        return self

    def schema(self, schema: StructType | str) -> DataFrameReader:
        """The columns to read, as a StructType or DDL text."""
        self._schema = given_schema(schema)
        return self

    def option(self, key: str, value: Any) -> DataFrameReader:
        """One option of the source; None is ignored."""
        return self.options(**{key: value})

    def options(self, **options: Any) -> DataFrameReader:
        """Options of the source; None is ignored."""
        self._options.update({k: option_text(v) for k, v in options.items() if v is not None})
        return self

    def load(
        self,
        path: str | list[str] | None = None,
        format: str | None = None,
        schema: StructType | str | None = None,
        **options: Any,
    ) -> DataFrame:
        """The DataFrame that reads the source; nothing but the schema is looked at before an action."""
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        if path is not None:
            self._options.update(path_option(path))
        name = self._format or str(self._session.conf.get("spark.sql.sources.default"))
        zone = str(self._session.conf.get("spark.sql.session.timeZone"))
        options = dict(self._options)
        bad = bad_records(name, options)
        class_ = source_class(name)
        known = with_settings(class_, options, self._session.conf.given)
        source = make_data_source(class_, with_session_zone(name, known, zone))
        found = self._schema_of(source, name)
        self._session.analysis_settings.require_distinct(found.names)
        plan = plan_of(bad, found, lambda schema: scan_relation(BatchScan(source, schema, name)))
        return frame_of(plan, self._session)

    def _schema_of(self, source: Any, name: str) -> StructType:
        if self._schema is None:
            return source_schema(source, name)
        if isinstance(source, SupportsFolderColumns):
            return source.with_folder_columns(self._schema, is_bounded=True)
        return self._schema

    def json(
        self,
        path: Any,
        schema: StructType | str | None = None,
        primitivesAsString: Any = None,
        prefersDecimal: Any = None,
        allowComments: Any = None,
        allowUnquotedFieldNames: Any = None,
        allowSingleQuotes: Any = None,
        allowNumericLeadingZero: Any = None,
        allowBackslashEscapingAnyCharacter: Any = None,
        mode: Any = None,
        columnNameOfCorruptRecord: Any = None,
        dateFormat: Any = None,
        timestampFormat: Any = None,
        multiLine: Any = None,
        allowUnquotedControlChars: Any = None,
        lineSep: Any = None,
        samplingRatio: Any = None,
        dropFieldIfAllNull: Any = None,
        encoding: Any = None,
        locale: Any = None,
        pathGlobFilter: Any = None,
        recursiveFileLookup: Any = None,
        modifiedBefore: Any = None,
        modifiedAfter: Any = None,
        allowNonNumericNumbers: Any = None,
        useUnsafeRow: Any = None,
    ) -> DataFrame:
        """JSON, one object per line: files, or the texts of an RDD or DataFrame."""
        options = given_options(locals(), "path", "schema")
        return self.load(path_of(self._session, path), "json", schema, **options)

    def csv(
        self,
        path: Any,
        schema: StructType | str | None = None,
        sep: Any = None,
        encoding: Any = None,
        quote: Any = None,
        escape: Any = None,
        comment: Any = None,
        header: Any = None,
        inferSchema: Any = None,
        ignoreLeadingWhiteSpace: Any = None,
        ignoreTrailingWhiteSpace: Any = None,
        nullValue: Any = None,
        nanValue: Any = None,
        positiveInf: Any = None,
        negativeInf: Any = None,
        dateFormat: Any = None,
        timestampFormat: Any = None,
        maxColumns: Any = None,
        maxCharsPerColumn: Any = None,
        maxMalformedLogPerPartition: Any = None,
        mode: Any = None,
        columnNameOfCorruptRecord: Any = None,
        multiLine: Any = None,
        charToEscapeQuoteEscaping: Any = None,
        samplingRatio: Any = None,
        enforceSchema: Any = None,
        emptyValue: Any = None,
        locale: Any = None,
        lineSep: Any = None,
        pathGlobFilter: Any = None,
        recursiveFileLookup: Any = None,
        modifiedBefore: Any = None,
        modifiedAfter: Any = None,
        unescapedQuoteHandling: Any = None,
    ) -> DataFrame:
        """Separated values: files, or the texts of an RDD or DataFrame."""
        options = given_options(locals(), "path", "schema")
        return self.load(path_of(self._session, path), "csv", schema, **options)

    def parquet(self, *paths: str, **options: Any) -> DataFrame:
        """Parquet files."""
        return self.load(list(paths), "parquet", **options)

    def orc(
        self,
        path: Any,
        mergeSchema: Any = None,
        pathGlobFilter: Any = None,
        recursiveFileLookup: Any = None,
        modifiedBefore: Any = None,
        modifiedAfter: Any = None,
    ) -> DataFrame:
        """ORC files."""
        return self.load(path, "orc", **given_options(locals(), "path"))

    def text(
        self,
        paths: Any,
        wholetext: bool = False,
        lineSep: Any = None,
        pathGlobFilter: Any = None,
        recursiveFileLookup: Any = None,
        modifiedBefore: Any = None,
        modifiedAfter: Any = None,
    ) -> DataFrame:
        """Lines of text, as a column `value`."""
        options = given_options(locals(), "paths", "wholetext")
        whole = True if wholetext else None
        return self.load(paths, "text", wholetext=whole, **options)

    def jdbc(
        self,
        url: str,
        table: str,
        column: str | None = None,
        lowerBound: int | str | None = None,
        upperBound: int | str | None = None,
        numPartitions: int | None = None,
        predicates: list[str] | None = None,
        properties: dict[str, str] | None = None,
    ) -> DataFrame:
        """A table of a database, or a query in parentheses with an alias, through SQLAlchemy.

        Parameters
        ----------
        url
            `jdbc:postgresql://host/db`, `jdbc:sqlite:data.db`, or SQLAlchemy's own URL.
        table
            What is read.
        column, lowerBound, upperBound, numPartitions
            Rows are read in so many ranges of this column, in parallel; the bounds divide, and drop no row.
        predicates
            Conditions, each of a part; instead of a column.
        properties
            Further options, such as `user` and `password`.
        """
        bounds = (column, lowerBound, upperBound, numPartitions)
        if column is not None and any(bound is None for bound in bounds):
            raise AnalysisException(
                "column needs lowerBound, upperBound and numPartitions: the rows are read in ranges of it"
            )
        names = ("partitionColumn", "lowerBound", "upperBound", "numPartitions")
        divided = dict(zip(names, bounds, strict=True)) if column is not None else {}
        listed = json_text.dumps(predicates) if predicates else None
        self.options(**{**(properties or {}), **divided, "url": url, "dbtable": table, "predicates": listed})
        return self.load(format="jdbc")

    def table(self, tableName: str) -> DataFrame:
        """The DataFrame that reads a table, or is behind a view."""
        from streamcore.sql.tables.resolving import table_with_options

        if self._schema is not None:
            raise AnalysisException("User specified schema not supported with `table`.")
        return frame_of(table_with_options(self._session, tableName, self._options), self._session)


def given_schema(schema: Any) -> StructType:
    """The schema that a reader was given, as a StructType."""
    if isinstance(schema, str):
        return parse_ddl(schema)
    if isinstance(schema, StructType):
        return schema
    kind = schema.simpleString() if isinstance(schema, DataType) else type(schema).__name__
    raise AnalysisException(f"[NOT_STR_OR_STRUCT] Argument `schema` should be a struct type, got {kind}.")


def source_schema(source: Any, name: str) -> StructType:
    """The schema that a source knows by itself."""
    try:
        found = source.schema()
    except NotImplementedError as error:
        if not is_missing_method(error):
            raise
        raise AnalysisException(
            f"[UNABLE_TO_INFER_SCHEMA] Unable to infer schema for {name}. It must be specified manually: "
            ".schema(...). SQLSTATE: 42KD9"
        ) from error
    return _own_type(found)


def path_option(path: Any) -> dict[str, str]:
    """One path as `path`, several as `paths` (a JSON list)."""
    paths = [str(p) for p in path] if isinstance(path, (list, tuple)) else [str(path)]
    return {"path": paths[0]} if len(paths) == 1 else {"paths": json_text.dumps(paths)}


def _own_type(schema: Any) -> StructType:
    """A schema as our StructType: DDL text, ours, or PySpark's (by its JSON form)."""
    if isinstance(schema, (str, StructType)):
        return given_schema(schema)
    from streamcore.spi.types import schema_from_json

    return schema_from_json(schema.json())
