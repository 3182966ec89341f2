"""SQLContext: the entry point of PySpark 1.x, over a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.context import Context
from streamcore.sql.conf import NO_VALUE
from streamcore.sql.session import Session

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.reader import DataFrameReader
    from streamcore.sql.streaming.manager import StreamingQueryManager
    from streamcore.sql.streaming.reader import DataStreamReader


class SQLContext:
    """What a session offers, under the names that programs from before `SparkSession` use.

    >>> SQLContext(sc).range(2).count()
    2
    """

    def __init__(
        self, sparkContext: Context, sparkSession: Session | None = None, jsqlContext: Any = None
    ) -> None:
        self.sparkSession = sparkSession if sparkSession is not None else _session_of(sparkContext)

    @classmethod
    def getOrCreate(cls, sc: Context | None = None) -> SQLContext:
        """Return a SQLContext over the active session, or over a new one."""
        return cls(Context.getOrCreate() if sc is None else sc)

    def newSession(self) -> SQLContext:
        """Return a SQLContext with its own settings and views."""
        session = self.sparkSession.newSession()
        return type(self)(session.sparkContext, session)

    def setConf(self, key: str, value: bool | int | str) -> None:
        """Set a setting of the session."""
        self.sparkSession.conf.set(key, value)

    def getConf(self, key: str, defaultValue: Any = NO_VALUE) -> str | None:
        """Return a setting of the session."""
        return self.sparkSession.conf.get(key, defaultValue)

    def range(
        self, start: int, end: int | None = None, step: int = 1, numPartitions: int | None = None
    ) -> DataFrame:
        """See `Session.range`."""
        return self.sparkSession.range(start, end, step, numPartitions)

    def createDataFrame(
        self, data: Any, schema: Any = None, samplingRatio: float | None = None, verifySchema: bool = True
    ) -> DataFrame:
        """See `Session.createDataFrame`."""
        return self.sparkSession.createDataFrame(data, schema, samplingRatio, verifySchema)

    def sql(self, sqlQuery: str) -> DataFrame:
        """See `Session.sql`."""
        return self.sparkSession.sql(sqlQuery)

    def table(self, tableName: str) -> DataFrame:
        """See `Session.table`."""
        return self.sparkSession.table(tableName)

    def registerDataFrameAsTable(self, df: DataFrame, tableName: str) -> None:
        """Make a DataFrame a temporary view."""
        df.createOrReplaceTempView(tableName)

    def dropTempTable(self, tableName: str) -> None:
        """Forget a temporary view."""
        self.sparkSession.catalog.dropTempView(tableName)

    def tableNames(self, dbName: str | None = None) -> list[str]:
        """Return the names of the tables and views."""
        return [table.name for table in self.sparkSession.catalog.listTables(dbName)]

    def tables(self, dbName: str | None = None) -> DataFrame:
        """Return the tables and views as a DataFrame: namespace, tableName, isTemporary."""
        if dbName is not None:
            self.sparkSession.catalog.getDatabase(dbName)
        return self.sql("SHOW TABLES")

    def cacheTable(self, tableName: str) -> None:
        """Keep a table in memory once it is computed."""
        self.sparkSession.catalog.cacheTable(tableName)

    def uncacheTable(self, tableName: str) -> None:
        """Keep a table no longer."""
        self.sparkSession.catalog.uncacheTable(tableName)

    def clearCache(self) -> None:
        """Keep no table any longer."""
        self.sparkSession.catalog.clearCache()

    @property
    def read(self) -> DataFrameReader:
        """See `Session.read`."""
        return self.sparkSession.read

    @property
    def readStream(self) -> DataStreamReader:
        """See `Session.readStream`."""
        return self.sparkSession.readStream

    @property
    def streams(self) -> StreamingQueryManager:
        """See `Session.streams`."""
        return self.sparkSession.streams

    def registerFunction(self, name: str, f: Any, returnType: Any = None) -> Any:
        """See `UDFRegistration.register`."""
        return self.sparkSession.udf.register(name, f, returnType)

    @property
    def udtf(self) -> Any:
        """See `Session.udtf`."""
        return self.sparkSession.udtf

    @property
    def udf(self) -> Any:
        """See `Session.udf`."""
        return self.sparkSession.udf


def _session_of(context: Context) -> Session:
    active = Session.getActiveSession()
    if active is not None and active.sparkContext is context:
        return active
    return Session(context)
