"""The table: PySpark's modules, the names in them, and where ours live.

A name stands for the attribute of the same name in the module given, or for `module:attribute`. The names
of a mirrored module (its `__all__`) are added as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Alias:
    """What one module of PySpark holds here."""

    names: Mapping[str, str] = field(default_factory=dict)
    mirrors: tuple[str, ...] = ()


def _in(home: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, home)


_CONF = {"SparkConf": "streamcore.conf:Conf"}
_CONTEXT = {"SparkContext": "streamcore.context:Context"}
_ACCUMULATORS = _in(
    "streamcore.rdd.accumulators", "Accumulator", "AccumulatorParam", "AddingAccumulatorParam"
)
_BROADCAST = _in("streamcore.rdd.broadcast", "Broadcast")
_FILES = _in("streamcore.rdd.shared_files", "SparkFiles")
_RDD = _in("streamcore.rdd.rdd", "RDD", "RDDBarrier")
_PARTITIONING = _in("streamcore.rdd.partitioner", "Partitioner", "portable_hash")
_STATUS = _in("streamcore.rdd.tracker", "SparkJobInfo", "SparkStageInfo", "StatusTracker")
_STORAGE_LEVEL = _in("streamcore.rdd.storagelevel", "StorageLevel")
_TASK_CONTEXT = _in("streamcore.rdd.taskcontext", "BarrierTaskContext", "BarrierTaskInfo", "TaskContext")
_THREADS = _in("streamcore.pyspark.threads", "InheritableThread", "inheritable_thread_target")
_SERIALIZERS = _in(
    "streamcore.pyspark.serializers",
    "AutoBatchedSerializer",
    "BatchedSerializer",
    "CPickleSerializer",
    "CloudPickleSerializer",
    "MarshalSerializer",
    "NoOpSerializer",
    "PickleSerializer",
    "UTF8Deserializer",
)
_IS_REMOTE = _in("streamcore.pyspark.version", "is_remote")
_VERSION = {"__version__": "streamcore.pyspark.version:PYSPARK_VERSION"}
_RDD_MODULE = {
    **_RDD,
    **_PARTITIONING,
    "BoundedFloat": "streamcore.rdd.approximate",
    "ResultIterable": "streamcore.rdd.resultiterable",
    "StatCounter": "streamcore.rdd.statcounter",
}

_ROW = _in("streamcore.spi.row", "Row")
_SESSION = {"SparkSession": "streamcore.sql.session:Session"}
_SQL_CONTEXT = _in("streamcore.pyspark.sqlcontext", "SQLContext")
_COLUMN = _in("streamcore.sql.column", "Column")
_DATAFRAME = _in("streamcore.sql.dataframe", "DataFrame", "DataFrameNaFunctions", "DataFrameStatFunctions")
_GROUP = _in("streamcore.sql.group", "GroupedData")
_OBSERVATION = _in("streamcore.sql.observation", "Observation")
_COGROUPS = _in("streamcore.sql.python_rows", "PandasCogroupedOps")
_UDF = {
    **_in("streamcore.sql.udf", "UDFRegistration"),
    **_in("streamcore.sql.udtf", "UDTFRegistration"),
}
_UDF_FUNCTIONS = {
    **_in("streamcore.sql.vectorized_udf", "ArrowUDFType", "PandasUDFType"),
    **_in("streamcore.sql.udf", "UserDefinedFunction"),
    **_in(
        "streamcore.sql.udtf",
        "AnalyzeArgument",
        "AnalyzeResult",
        "OrderingColumn",
        "PartitioningColumn",
        "SelectedColumn",
        "SkipRestOfInputTableException",
        "UserDefinedTableFunction",
    ),
}
_WINDOW = _in("streamcore.sql.window", "Window", "WindowSpec")
_BATCH_IO = {
    "DataFrameReader": "streamcore.sql.readwriter",
    "DataFrameWriter": "streamcore.sql.readwriter",
    "DataFrameWriterV2": "streamcore.sql.readwriter",
}
_CATALOG = {
    **_in("streamcore.sql.catalog", "Catalog", "CatalogMetadata", "Database", "Table", "TablePartition"),
    "Column": "streamcore.sql.catalog:CatalogColumn",
    "Function": "streamcore.sql.catalog:CatalogFunction",
}
_STREAM_IO = {
    "DataStreamReader": "streamcore.sql.streaming.readwriter",
    "DataStreamWriter": "streamcore.sql.streaming.readwriter",
}
_QUERIES = {
    "StreamingQuery": "streamcore.sql.streaming.query",
    "StreamingQueryManager": "streamcore.sql.streaming.manager",
}
_LISTENER = _in(
    "streamcore.sql.streaming.listener",
    "QueryIdleEvent",
    "QueryProgressEvent",
    "QueryStartedEvent",
    "QueryTerminatedEvent",
    "StreamingQueryListener",
)
_PROGRESS = _in(
    "streamcore.streaming.progress",
    "SinkProgress",
    "SourceProgress",
    "StateOperatorProgress",
    "StreamingQueryProgress",
)
_LIMITS = _in(
    "streamcore.spi.limits",
    "ReadAllAvailable",
    "ReadLimit",
    "ReadMaxBytes",
    "ReadMaxFiles",
    "ReadMaxRows",
    "ReadMinRows",
    "SupportsTriggerAvailableNow",
)
_DATA_SOURCE = {
    **_in(
        "streamcore.spi.datasource",
        "DataSource",
        "DataSourceArrowWriter",
        "DataSourceReader",
        "DataSourceStreamArrowWriter",
        "DataSourceStreamReader",
        "DataSourceStreamWriter",
        "DataSourceWriter",
        "Filter",
        "InputPartition",
        "SimpleDataSourceStreamReader",
        "WriterCommitMessage",
    ),
    **_in(
        "streamcore.spi.filters",
        "EqualNullSafe",
        "EqualTo",
        "GreaterThan",
        "GreaterThanOrEqual",
        "In",
        "IsNotNull",
        "IsNull",
        "LessThan",
        "LessThanOrEqual",
        "Not",
        "StringContains",
        "StringEndsWith",
        "StringStartsWith",
    ),
    "CaseInsensitiveDict": "streamcore.spi.options:Options",
    "DataSourceRegistration": "streamcore.sql.datasource",
}
# Private, and used all the same.
_TYPE_TOOLS = {
    "_create_row": "streamcore.spi.row:row_of",
    "_infer_schema": "streamcore.spi.types.inference:infer_row",
    "_infer_type": "streamcore.spi.types.inference:infer_type",
    "_make_type_verifier": "streamcore.sql.verification:type_verifier",
    "_merge_type": "streamcore.spi.types.inference:merge_types",
    "_parse_datatype_json_string": "streamcore.pyspark.datatypes:parse_json_string",
    "_parse_datatype_json_value": "streamcore.spi.types.schema_json:type_from_json",
    "_parse_datatype_string": "streamcore.spi.types.ddl:parse_data_type",
}

_PROCESSOR = "streamcore.execution.python_state.processor"

_ML = "streamcore.models.ml"
_ML_MODULES = (
    "base", "classification", "clustering", "evaluation", "feature", "fpm", "functions", "linalg", "param",
    "pipeline", "recommendation", "regression", "stat", "tuning", "util",
)  # fmt: skip
_MLLIB = "streamcore.models.mllib"
_MLLIB_MODULES = (
    "classification", "clustering", "evaluation", "feature", "fpm", "linalg", "random", "recommendation",
    "regression", "stat", "stat.distribution", "stat.test", "tree", "util",
)  # fmt: skip
# These hold nothing; of each name in them it is said what to use instead.
_MLLIB_EMPTY = ("linalg.distributed",)
_MACHINE_LEARNING = {
    "pyspark.ml": Alias(mirrors=(_ML,)),
    **{f"pyspark.ml.{name}": Alias(mirrors=(f"{_ML}.{name}",)) for name in _ML_MODULES},
    # Private, and used all the same.
    "pyspark.ml.linalg": Alias(
        {
            "_convert_to_vector": f"{_ML}.linalg.vector:as_vector",
            "_vector_size": f"{_ML}.linalg.vector:size_of",
        },
        (f"{_ML}.linalg",),
    ),
    # Programs import these from here, too.
    "pyspark.ml.param.shared": Alias(
        _in(f"{_ML}.param", "Param", "Params", "TypeConverters"), (f"{_ML}.param.shared",)
    ),
    "pyspark.mllib": Alias(),
    **{f"pyspark.mllib.{name}": Alias(mirrors=(f"{_MLLIB}.{name}",)) for name in _MLLIB_MODULES},
    **{f"pyspark.mllib.{name}": Alias() for name in _MLLIB_EMPTY},
}

_ERRORS = {
    "PySparkException": "streamcore.errors:StreamcoreError",
    **_in("streamcore.query_context", "QueryContext", "QueryContextType"),
    **_in(
        "streamcore.errors",
        "AnalysisException",
        "ArithmeticException",
        "DateTimeException",
        "IllegalArgumentException",
        "NumberFormatException",
        "ParseException",
        "QueryExecutionException",
        "StreamingQueryException",
        "TempTableAlreadyExistsException",
        "UnsupportedOperationException",
    ),
    "PySparkAssertionError": "streamcore.errors:CheckFailed",
    "PySparkNotImplementedError": "streamcore.errors:UnsupportedOperationException",
    "PySparkTypeError": "streamcore.errors:ArgumentTypeError",
    "PySparkValueError": "streamcore.errors:IllegalArgumentException",
    "PySparkPicklingError": "streamcore.scheduler.errors:UnpicklableValue",
    "PythonException": "streamcore.errors:PythonException",
    "SparkNoSuchElementException": "streamcore.errors:SparkNoSuchElementException",
    "SparkRuntimeException": "streamcore.errors:QueryExecutionException",
    **_in(
        "streamcore.pyspark.errors",
        "PySparkAttributeError",
        "PySparkImportError",
        "PySparkIndexError",
        "PySparkKeyError",
        "PySparkRuntimeError",
    ),
}
_ASSERTIONS = _in("streamcore.testing.frames", "assertDataFrameEqual", "assertSchemaEqual")
_CORE_ERRORS = {name: home for name, home in _ERRORS.items() if name.startswith("PySpark")}

TABLE: Mapping[str, Alias] = {
    "pyspark": Alias(
        {
            **_CONF,
            **_CONTEXT,
            **_FILES,
            **_RDD,
            **_STORAGE_LEVEL,
            **_BROADCAST,
            **_in("streamcore.rdd.accumulators", "Accumulator", "AccumulatorParam"),
            **_in("streamcore.pyspark.serializers", "CPickleSerializer", "MarshalSerializer"),
            **_STATUS,
            **_TASK_CONTEXT,
            **_THREADS,
            **_ROW,
            **_SQL_CONTEXT,
            **_VERSION,
            **_in(f"{_ML}.param", "keyword_only"),
        }
    ),
    **_MACHINE_LEARNING,
    "pyspark.accumulators": Alias(_ACCUMULATORS),
    "pyspark.broadcast": Alias(_BROADCAST),
    "pyspark.conf": Alias(_CONF),
    "pyspark.context": Alias(_CONTEXT),
    "pyspark.core": Alias(),
    "pyspark.core.broadcast": Alias(_BROADCAST),
    "pyspark.core.context": Alias(_CONTEXT),
    "pyspark.core.files": Alias(_FILES),
    "pyspark.core.rdd": Alias(_RDD_MODULE),
    "pyspark.core.status": Alias(_STATUS),
    "pyspark.errors": Alias(_ERRORS),
    "pyspark.errors.exceptions": Alias(),
    "pyspark.errors.exceptions.base": Alias(_ERRORS),
    "pyspark.errors.exceptions.captured": Alias(_ERRORS),
    "pyspark.files": Alias(_FILES),
    "pyspark.rdd": Alias(_RDD_MODULE),
    "pyspark.resultiterable": Alias(_in("streamcore.rdd.resultiterable", "ResultIterable")),
    "pyspark.serializers": Alias(_SERIALIZERS),
    "pyspark.sql": Alias(
        {
            "VariantVal": "streamcore.spi.variant",
            **_SESSION,
            **_SQL_CONTEXT,
            **_COLUMN,
            **_DATAFRAME,
            **_GROUP,
            **_UDF,
            **_COGROUPS,
            **_WINDOW,
            **_OBSERVATION,
            **_BATCH_IO,
            **_ROW,
            "Catalog": "streamcore.sql.catalog",
            **_IS_REMOTE,
        }
    ),
    "pyspark.cloudpickle": Alias(
        {name: f"cloudpickle:{name}" for name in ("CloudPickler", "dump", "dumps", "load", "loads")}
    ),
    "pyspark.testing": Alias(_ASSERTIONS),
    "pyspark.testing.utils": Alias(_ASSERTIONS),
    "pyspark.sql.pandas": Alias(),
    "pyspark.sql.pandas.utils": Alias(
        _in(
            "streamcore.pyspark.requirements",
            "require_minimum_numpy_version",
            "require_minimum_pandas_version",
            "require_minimum_pyarrow_version",
        )
    ),
    "pyspark.sql.pandas.functions": Alias(
        _in("streamcore.sql.vectorized_udf", "ArrowUDFType", "PandasUDFType", "arrow_udf", "pandas_udf")
    ),
    "pyspark.sql.pandas.group_ops": Alias(_COGROUPS),
    "pyspark.sql.udf": Alias({**_UDF, "UserDefinedFunction": "streamcore.sql.udf"}),
    "pyspark.sql.catalog": Alias(_CATALOG),
    "pyspark.sql.observation": Alias(_OBSERVATION),
    "pyspark.sql.column": Alias(_COLUMN),
    "pyspark.sql.conf": Alias({"RuntimeConfig": "streamcore.sql.conf"}),
    "pyspark.sql.context": Alias(_SQL_CONTEXT),
    "pyspark.sql.dataframe": Alias(_DATAFRAME),
    "pyspark.sql.datasource": Alias(_DATA_SOURCE),
    "pyspark.sql.functions": Alias(_UDF_FUNCTIONS, mirrors=("streamcore.sql.functions",)),
    "pyspark.sql.functions.builtin": Alias(mirrors=("streamcore.sql.functions",)),
    "pyspark.sql.avro": Alias(),
    "pyspark.sql.avro.functions": Alias(mirrors=("streamcore.sql.avro.functions",)),
    "pyspark.sql.protobuf": Alias(),
    "pyspark.sql.protobuf.functions": Alias(mirrors=("streamcore.sql.protobuf.functions",)),
    "pyspark.sql.group": Alias(_GROUP),
    "pyspark.sql.readwriter": Alias(_BATCH_IO),
    "pyspark.sql.session": Alias(_SESSION),
    "pyspark.sql.streaming": Alias(
        {
            **_STREAM_IO,
            **_QUERIES,
            "StatefulProcessor": _PROCESSOR,
            "StatefulProcessorHandle": _PROCESSOR,
            "StreamingQueryException": "streamcore.errors",
            "StreamingQueryListener": "streamcore.sql.streaming.listener",
            "TwsTester": "streamcore.sql.streaming.tws_tester",
        }
    ),
    "pyspark.sql.streaming.datasource": Alias(_LIMITS),
    "pyspark.sql.streaming.listener": Alias({**_LISTENER, **_PROGRESS}),
    "pyspark.sql.streaming.query": Alias(_QUERIES),
    "pyspark.sql.streaming.readwriter": Alias(_STREAM_IO),
    "pyspark.sql.streaming.state": Alias(
        _in("streamcore.execution.python_state.group_state", "GroupState", "GroupStateTimeout")
    ),
    "pyspark.sql.streaming.stateful_processor": Alias(
        {
            "StatefulProcessor": _PROCESSOR,
            "StatefulProcessorHandle": _PROCESSOR,
            **_in(
                "streamcore.execution.python_state.states",
                "ExpiredTimerInfo",
                "ListState",
                "MapState",
                "TimerValues",
                "ValueState",
            ),
        }
    ),
    "pyspark.sql.streaming.tws_tester": Alias(_in("streamcore.sql.streaming.tws_tester", "TwsTester")),
    "pyspark.sql.table_arg": Alias(_in("streamcore.sql.table_arg", "TableArg")),
    "pyspark.sql.udtf": Alias(mirrors=("streamcore.sql.udtf",)),
    "pyspark.sql.tvf": Alias(_in("streamcore.sql.tvf", "TableValuedFunction")),
    "pyspark.sql.types": Alias(_TYPE_TOOLS, mirrors=("streamcore.sql.types",)),
    "pyspark.sql.utils": Alias({**_ERRORS, **_IS_REMOTE}),
    "pyspark.sql.window": Alias(_WINDOW),
    "pyspark.statcounter": Alias(_in("streamcore.rdd.statcounter", "StatCounter")),
    "pyspark.status": Alias(_STATUS),
    "pyspark.storagelevel": Alias(_STORAGE_LEVEL),
    "pyspark.taskcontext": Alias(_TASK_CONTEXT),
    "pyspark.util": Alias(_THREADS),
    "pyspark.version": Alias(_VERSION),
    # Where programs for PySpark find the error of a failed job.
    "py4j": Alias(),
    "py4j.protocol": Alias(
        {
            "Py4JError": "streamcore.errors:StreamcoreError",
            "Py4JJavaError": "streamcore.scheduler.errors:JobFailed",
        }
    ),
}
