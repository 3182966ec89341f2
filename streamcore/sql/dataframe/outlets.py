"""Ways out of a DataFrame: writers and temporary views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.dataframe.core import FrameCore
from streamcore.sql.views import view_name

if TYPE_CHECKING:
    from streamcore.sql.streaming.writer import DataStreamWriter
    from streamcore.sql.table_arg import TableArg
    from streamcore.sql.writer import DataFrameWriter
    from streamcore.sql.writer_v2 import DataFrameWriterV2


class Outlets(FrameCore):
    """write, writeStream, and views for SQL text."""

    @property
    def write(self) -> DataFrameWriter:
        """How the result of a batch DataFrame is saved."""
        from streamcore.errors import AnalysisException
        from streamcore.sql.writer import DataFrameWriter

        if self.isStreaming:
            raise AnalysisException(
                "[CALL_ON_STREAMING_DATASET_UNSUPPORTED] The method `write` can not be called on streaming "
                "Dataset/DataFrame; use writeStream. SQLSTATE: 42KDE"
            )
        return DataFrameWriter(self._frame())

    @property
    def writeStream(self) -> DataStreamWriter:
        """How a streaming DataFrame is started as a query."""
        from streamcore.errors import AnalysisException
        from streamcore.sql.streaming.writer import DataStreamWriter

        if not self.isStreaming:
            raise AnalysisException(
                "[WRITE_STREAM_NOT_ALLOWED] `writeStream` can be called only on streaming Dataset/DataFrame. "
                "SQLSTATE: 42601"
            )
        return DataStreamWriter(self._frame())

    def asTable(self) -> TableArg:
        """This DataFrame as an argument of a function that gives tables; see `functions.udtf`."""
        from streamcore.sql.table_arg import TableArg

        return TableArg(self._frame())

    def writeTo(self, table: str) -> DataFrameWriterV2:
        """How the result goes into a table, named by verbs: `create`, `append`, `overwritePartitions`, ..."""
        from streamcore.sql.writer_v2 import DataFrameWriterV2

        return DataFrameWriterV2(self._frame(), table)

    def createTempView(self, name: str) -> None:
        """Names this DataFrame for SQL text; an error when the name is taken."""
        self._session.views.create(view_name(name), self._plan, replace=False)

    def createOrReplaceTempView(self, name: str) -> None:
        """Names this DataFrame for SQL text, in the place of another view of that name."""
        self._session.views.create(view_name(name), self._plan, replace=True)

    def createGlobalTempView(self, name: str) -> None:
        """As createTempView, for all sessions, under `global_temp.name`."""
        self._session.global_views.create(view_name(name), self._plan, replace=False)

    def createOrReplaceGlobalTempView(self, name: str) -> None:
        """As createOrReplaceTempView, for all sessions, under `global_temp.name`."""
        self._session.global_views.create(view_name(name), self._plan, replace=True)

    def registerTempTable(self, name: str) -> None:
        """The older name of createOrReplaceTempView."""
        self.createOrReplaceTempView(name)
