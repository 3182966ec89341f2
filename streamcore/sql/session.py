"""Session: the entry point of the DataFrame API (PySpark's `SparkSession`)."""

from __future__ import annotations

import datetime as dt
import getpass
import random
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from streamcore.errors import IllegalArgumentException
from streamcore.spi.not_offered import NotOffered
from streamcore.sql.builder import Builder
from streamcore.sql.conf import RuntimeConfig

if TYPE_CHECKING:
    from types import TracebackType

    from sqlglot import exp

    from streamcore.context import Context
    from streamcore.execution.execute import Execution
    from streamcore.execution.tasks import Executor
    from streamcore.plan.analysis import AnalysisSettings
    from streamcore.plan.python_functions import PythonFunction
    from streamcore.plan.resolution import Names
    from streamcore.plan.table_functions import TableFunction
    from streamcore.plan.translate import TranslationContext
    from streamcore.scheduler.slots import ThreadSlots
    from streamcore.spi.types import StructType
    from streamcore.sql.catalog import Catalog
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.datasource import DataSourceRegistration
    from streamcore.sql.function_catalog import FunctionCatalog
    from streamcore.sql.names_of_session import NamesOfSession
    from streamcore.sql.reader import DataFrameReader
    from streamcore.sql.streaming.manager import StreamingQueryManager
    from streamcore.sql.streaming.reader import DataStreamReader
    from streamcore.sql.tables.session_tables import SessionTables
    from streamcore.sql.tables.view_plans import ViewPlans
    from streamcore.sql.tvf import TableValuedFunction
    from streamcore.sql.udf import UDFRegistration
    from streamcore.sql.udtf import UDTFRegistration
    from streamcore.sql.variables import Variables
    from streamcore.sql.views import GlobalViews, Views


class _BuilderOfClass:
    """`Session.builder`: a new builder each time it is read."""

    def __get__(self, instance: object, owner: type) -> Builder:
        return Builder()


class Session:
    """Reads data, runs SQL, and makes DataFrames.

    >>> session = Session.builder.master("local[2]").appName("doc").getOrCreate()
    >>> session.range(3).collect()
    [Row(id=0), Row(id=1), Row(id=2)]
    """

    builder: ClassVar[_BuilderOfClass] = _BuilderOfClass()
    Builder: ClassVar[type[Builder]] = Builder

    _active: ClassVar[Session | None] = None
    _active_lock: ClassVar[threading.Lock] = threading.Lock()

    addArtifact = NotOffered("use session.sparkContext.addPyFile or addFile")
    addArtifacts = NotOffered("use session.sparkContext.addPyFile or addFile")
    addTag = NotOffered("use session.sparkContext.addJobTag")
    clearProgressHandlers = NotOffered("use session.streams.addListener")
    clearTags = NotOffered("use session.sparkContext.clearJobTags")
    client = NotOffered("there is no server to speak to")
    copyFromLocalToFs = NotOffered("copy the file with pyarrow.fs")
    getTags = NotOffered("use session.sparkContext.getJobTags")
    interruptAll = NotOffered("use session.sparkContext.cancelAllJobs, or query.stop()")
    interruptOperation = NotOffered("use session.sparkContext.cancelJobGroup, or query.stop()")
    interruptTag = NotOffered("use session.sparkContext.cancelJobsWithTag")
    profile = NotOffered("profile the process with a sampling profiler")
    registerProgressHandler = NotOffered("use session.streams.addListener")
    removeProgressHandler = NotOffered("use session.streams.removeListener")
    removeTag = NotOffered("use session.sparkContext.removeJobTag")

    def __init__(self, context: Context, conf: RuntimeConfig | None = None) -> None:
        from streamcore.sql.views import GlobalViews, Views

        self._context = context
        self._conf = conf if conf is not None else RuntimeConfig(context.getConf())
        self._global_views = GlobalViews()
        self._views: Views = Views(self)
        self._functions: dict[str, PythonFunction] = {}
        self._table_functions: dict[str, TableFunction] = {}
        self._lazy: dict[str, Any] = {}
        self._executors: dict[str, Executor] = {}
        context.session_for = lambda _: self
        with Session._active_lock:
            Session._active = self

    # ---- life ------------------------------------------------------------------------------------

    @classmethod
    def getActiveSession(cls) -> Session | None:
        """The session that was made last and not stopped; None when there is none."""
        return cls._active

    @classmethod
    def active(cls) -> Session:
        """The active session; an error when there is none."""
        if cls._active is None:
            raise IllegalArgumentException("No active session: start one with Session.builder.getOrCreate().")
        return cls._active

    def newSession(self) -> Session:
        """A session with its own settings and views over the same context."""
        session = Session(self._context, self._conf.copy())
        session._global_views = self._global_views
        return session

    def stop(self) -> None:
        """Stops the queries and the context under this session; nothing runs any more.

        A query ends with the batch that is under way; one that takes longer than
        `spark.streamcore.shutdown.timeout` is interrupted, and run again by the next start.
        """
        self._context.stop()
        with Session._active_lock:
            if Session._active is not None and Session._active.sparkContext is self._context:
                Session._active = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def udf(self) -> UDFRegistration:
        """The Python functions that SQL text may call by name."""
        from streamcore.sql.udf import UDFRegistration

        return UDFRegistration(self._functions)

    @property
    def udtf(self) -> UDTFRegistration:
        """The Python functions that give tables and that SQL text may call by name."""
        from streamcore.sql.udtf import UDTFRegistration

        return UDTFRegistration(self._table_functions)

    @property
    def tvf(self) -> TableValuedFunction:
        """The functions that give tables."""
        from streamcore.sql.tvf import TableValuedFunction

        return TableValuedFunction(self)

    # ---- what it is made of ----------------------------------------------------------------------

    @property
    def version(self) -> str:
        """The version of streamcore."""
        from streamcore.version import __version__

        return __version__

    @property
    def conf(self) -> RuntimeConfig:
        """The session's settings."""
        return self._conf

    @property
    def sparkContext(self) -> Context:
        """The context under this session, with the RDD API."""
        return self._context

    @property
    def slots(self) -> ThreadSlots:
        """Where fragments run."""
        return self._context.slots

    @property
    def catalog(self) -> Catalog:
        """Temporary views and what is known about them."""
        if "catalog" not in self._lazy:
            from streamcore.sql.catalog import Catalog

            self._lazy["catalog"] = Catalog(self)
        catalog: Catalog = self._lazy["catalog"]
        return catalog

    @property
    def tables(self) -> SessionTables:
        """The tables, as names resolve in this session."""
        if "tables" not in self._lazy:
            from streamcore.sql.tables.session_tables import SessionTables

            self._lazy["tables"] = SessionTables(self)
        tables: SessionTables = self._lazy["tables"]
        return tables

    @property
    def function_catalog(self) -> FunctionCatalog:
        """The functions that can be called by name."""
        if "functions" not in self._lazy:
            from streamcore.sql.function_catalog import FunctionCatalog

            self._lazy["functions"] = FunctionCatalog(self)
        functions: FunctionCatalog = self._lazy["functions"]
        return functions

    def forget_python_function(self, name: str) -> bool:
        """Forgets a Python function that SQL text could call; whether there was one."""
        return self._functions.pop(name.lower(), None) is not None

    @property
    def python_functions(self) -> Mapping[str, PythonFunction]:
        """The Python functions that SQL text may call, by lower-case name."""
        return self._functions

    @property
    def variables(self) -> Variables:
        """The variables of the session, which SQL text may name."""
        if "variables" not in self._lazy:
            from streamcore.sql.variables import Variables

            self._lazy["variables"] = Variables()
        variables: Variables = self._lazy["variables"]
        return variables

    @property
    def names(self) -> NamesOfSession:
        """What names in a query mean besides columns and built-in functions."""
        if "names" not in self._lazy:
            from streamcore.sql.names_of_session import NamesOfSession

            self._lazy["names"] = NamesOfSession(self)
        names: NamesOfSession = self._lazy["names"]
        return names

    @property
    def view_plans(self) -> ViewPlans:
        """The plans of the views that are kept as text."""
        if "view_plans" not in self._lazy:
            from streamcore.sql.tables.view_plans import ViewPlans

            self._lazy["view_plans"] = ViewPlans(self)
        plans: ViewPlans = self._lazy["view_plans"]
        return plans

    @property
    def dataSource(self) -> DataSourceRegistration:
        """Where Python data sources are registered: `session.dataSource.register(MySource)`."""
        if "dataSource" not in self._lazy:
            from streamcore.sql.datasource import DataSourceRegistration

            self._lazy["dataSource"] = DataSourceRegistration()
        registration: DataSourceRegistration = self._lazy["dataSource"]
        return registration

    # ---- making DataFrames -----------------------------------------------------------------------

    def createDataFrame(
        self,
        data: Any,
        schema: Any = None,
        samplingRatio: float | None = None,
        verifySchema: bool = True,
    ) -> DataFrame:
        """A DataFrame of rows held in memory.

        Parameters
        ----------
        data
            A list of tuples, Rows, dicts or plain values, an RDD of them, a pandas DataFrame, an Arrow
            table, or a numpy array.
        schema
            A StructType, DDL text, one data type (the column is called `value`), or a list of names;
            without types they are inferred from the data.
        samplingRatio
            For an RDD without types: the share of records to infer them from; None looks at the first, and
            at up to 100 where that leaves a type open. Of other data all rows are looked at.
        verifySchema
            Whether every value is checked against the schema.

        An RDD is computed when an action runs, except for what its types are inferred from.

        Raises PySparkTypeError-like AnalysisException for a value that does not fit.

        >>> session = Session.builder.getOrCreate()
        >>> session.createDataFrame([("a", 1)], "name string, n int").collect()
        [Row(name='a', n=1)]
        >>> session.sparkContext.parallelize([("b", 2)]).toDF(["name", "n"]).collect()
        [Row(name='b', n=2)]
        """
        if hasattr(data, "getNumPartitions"):
            from streamcore.execution.leaves import rdd_relation
            from streamcore.sql.execution.rdd_rows import rdd_rows

            return self._frame(rdd_relation(rdd_rows(data, schema, samplingRatio, verify=verifySchema)))
        from streamcore.sql.create import local_data

        zone = str(self._conf.get("spark.sql.session.timeZone"))
        table, found = local_data(data, schema, zone, verify=verifySchema)
        return self._local(table, found)

    def emptyDataFrame(self, schema: StructType | str) -> DataFrame:
        """A DataFrame without rows, whose columns are those of a StructType or of DDL text.

        >>> Session.builder.getOrCreate().emptyDataFrame("a int, b string").dtypes
        [('a', 'int'), ('b', 'string')]
        """
        return self.createDataFrame([], schema)

    def range(
        self, start: int, end: int | None = None, step: int = 1, numPartitions: int | None = None
    ) -> DataFrame:
        """The numbers from `start` up to (not including) `end`, as a column `id`."""
        from streamcore.execution.leaves import range_relation

        first, last = (0, start) if end is None else (start, end)
        if step == 0:
            raise IllegalArgumentException("requirement failed: step (0) cannot be 0")
        return self._frame(range_relation(first, last, step, numPartitions or self.slots.slots))

    def table(self, tableName: str) -> DataFrame:
        """The DataFrame that reads a table, or is behind a view."""
        from streamcore.sql.tables.resolving import table_or_view

        return self._frame(table_or_view(self, tableName))

    def sql(
        self, sqlQuery: str, args: Mapping[str, Any] | list[Any] | None = None, **kwargs: Any
    ) -> DataFrame:
        """The result of a SQL statement; parameters are `:name` with a mapping or `?` with a list.

        Keyword arguments replace `{name}` in the text: DataFrames become views, values literals.

        >>> session = Session.builder.getOrCreate()
        >>> session.sql("SELECT id * :k AS n FROM range(3)", {"k": 2}).collect()
        [Row(n=0), Row(n=2), Row(n=4)]
        """
        from streamcore.sql.statements import run_statement

        return run_statement(self, sqlQuery, args, kwargs)

    @property
    def read(self) -> DataFrameReader:
        """How bounded data is read."""
        from streamcore.sql.reader import DataFrameReader

        return DataFrameReader(self)

    @property
    def readStream(self) -> DataStreamReader:
        """How unbounded data is read."""
        from streamcore.sql.streaming.reader import DataStreamReader

        return DataStreamReader(self)

    @property
    def streams(self) -> StreamingQueryManager:
        """The streaming queries of this session."""
        if "streams" not in self._lazy:
            from streamcore.sql.streaming.manager import StreamingQueryManager

            self._lazy["streams"] = StreamingQueryManager(self)
        manager: StreamingQueryManager = self._lazy["streams"]
        return manager

    # ---- for the parts of the engine -------------------------------------------------------------

    @property
    def views(self) -> Views:
        """The temporary views, by name."""
        return self._views

    @property
    def global_views(self) -> GlobalViews:
        """The views shared by all sessions of the application."""
        return self._global_views

    @property
    def execution(self) -> Execution:
        """How batch plans run."""
        from streamcore.execution.execute import Execution
        from streamcore.execution.slot_executor import SlotExecutor

        return Execution(SlotExecutor(self.slots), self.translation_context)

    @property
    def executor(self) -> Executor:
        """Where the tasks of streaming queries run."""
        where = str(self._conf.get("spark.streamcore.streaming.executor")).lower()
        if where not in self._executors:
            self._executors[where] = self._new_executor(where)
        return self._executors[where]

    def _new_executor(self, where: str) -> Executor:
        if where == "processes":
            from streamcore.execution.worker_executor import WorkerExecutor

            return WorkerExecutor(self._context)
        from streamcore.execution.slot_executor import SlotExecutor

        return SlotExecutor(self.slots)

    @property
    def analysis_settings(self) -> AnalysisSettings:
        """The settings that analysis depends on."""
        from streamcore.plan.analysis import AnalysisSettings
        from streamcore.plan.modes import SETTINGS as MODE_SETTINGS
        from streamcore.plan.modes import Modes
        from streamcore.sql.dataframe.open_frames import columns_around

        case_sensitive = self._conf.flag("spark.sql.caseSensitive")
        modes = Modes.of({key: str(self._conf.get(key)) for key in MODE_SETTINGS})
        levels, rows = (
            int(str(self._conf.get(f"spark.sql.cteRecursion{kind}Limit"))) for kind in ("Level", "Row")
        )
        return AnalysisSettings(
            case_sensitive,
            self._functions,
            modes,
            self._fact,
            recursion_limits=(levels, rows),
            subqueries=self._subquery,
            outer=columns_around(),
            of_session=self.names,
            table_functions=self._table_functions,
        )

    def _subquery(self, node: exp.Expression, names: Names) -> exp.Expression:
        """A subquery within an expression of a DataFrame: a DataFrame, or text over this session's tables."""
        from streamcore.sql.statements import Statement

        return Statement(self).scope(None).subquery(node, names)

    def _fact(self, name: str) -> str:
        """What queries may ask of the session (see `streamcore.plan.session_facts`)."""
        if name == "user":
            return getpass.getuser()
        if name == "database":
            return self.tables.current
        if name == "time_zone":
            return str(self._conf.get("spark.sql.session.timeZone"))
        return {"catalog": "spark_catalog", "version": self.version}[name]

    def translation_context(self) -> TranslationContext:
        """How the expressions of one query of this session become DuckDB SQL."""
        from streamcore.plan.translate import TranslationContext

        return TranslationContext(
            time_zone=str(self._conf.get("spark.sql.session.timeZone")),
            now=dt.datetime.now(dt.UTC),
            seed=random.getrandbits(31),
            case_sensitive=self._conf.flag("spark.sql.caseSensitive"),
        )

    def _frame(self, plan: Any) -> DataFrame:
        from streamcore.sql.dataframe import DataFrame

        return DataFrame(plan, self)

    def _local(self, table: Any, schema: Any) -> DataFrame:
        from streamcore.execution.leaves import local_relation

        return self._frame(local_relation(table, schema))
