"""The table of settings: each is honoured, or refused where it asks for what is not done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from streamcore.settings.kinds import (
    BOOLEAN,
    SHARE_OR_SIZE,
    SIZE,
    TEXT,
    TIME,
    TIME_ZONE,
    Kind,
    one_of,
    only,
    whole_number,
)


class Scope(Enum):
    """When a setting can be set."""

    APPLICATION = "before the start"
    SESSION = "at any time"


@dataclass(frozen=True)
class Setting:
    """One setting.

    default
        The value when nothing is set; None when there is none, or when it is worked out at the start.
    """

    key: str
    default: str | None
    kind: Kind
    doc: str
    scope: Scope = Scope.SESSION

    @property
    def has_one_value(self) -> bool:
        """Whether it is known only so that other values are refused."""
        return self.kind.words.startswith(("only ", "refused"))


_APPLICATION = Scope.APPLICATION
_STORED = "a value that does not fit its column is an error; use try_cast for null instead"
_COUNTED = "a subquery counts zero where it finds no rows"
_BY_OPTION = "give the option where the files are read or written"

APPLICATION: Final = (
    Setting("spark.master", "local[*]", TEXT, "Where tasks run: `local`, `local[n]`, `local[*]`.", _APPLICATION),
    Setting("spark.app.name", "streamcore", TEXT, "The application's name, for people.", _APPLICATION),
    Setting("spark.default.parallelism", None, whole_number(0), "Partitions of `parallelize` and of shuffles when nothing is said; default: the slots.", _APPLICATION),
    Setting("spark.local.dir", None, TEXT, "Where shuffle files and spilled data go; default: the system's temporary folder.", _APPLICATION),
    Setting("spark.locality.wait", "3s", TIME, "How long a task waits for the worker that has its data.", _APPLICATION),
    Setting("spark.log.level", None, one_of("ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"), "How much the loggers below `streamcore` say.", _APPLICATION),
    Setting("spark.pyspark.python", None, TEXT, "The interpreter of workers; default: that of the driver.", _APPLICATION),
    Setting("spark.python.worker.memory", "512m", SIZE, "What one task of an RDD holds before it spills.", _APPLICATION),
    Setting("spark.stage.maxConsecutiveAttempts", "4", whole_number(1), "How often a stage is run again for lost shuffle output.", _APPLICATION),
    Setting("spark.streamcore.log.format", None, one_of("text", "json"), "Write the log of `streamcore` to stderr, as text or as one JSON object a line; default: what the program configures.", _APPLICATION),
    Setting("spark.streamcore.memory.limit", "60%", SHARE_OR_SIZE, "What the databases of this process, its state and caches and its workers' stores may take together; a share is one of the machine's memory, or of the container's.", _APPLICATION),
    Setting("spark.streamcore.shutdown.timeout", "20s", TIME, "How long queries may take for the batch under way when the session stops or the program ends; then it is interrupted, and run again by the next start.", _APPLICATION),
    Setting("spark.task.maxFailures", "1", whole_number(1), "How often a task of an RDD may fail.", _APPLICATION),
    Setting("spark.ui.retainedJobs", "1000", whole_number(0), "How many jobs the status keeps.", _APPLICATION),
    Setting("spark.ui.retainedStages", "1000", whole_number(0), "How many stages the status keeps.", _APPLICATION),
    Setting("spark.ui.showConsoleProgress", "true", BOOLEAN, "Show running stages at a terminal.", _APPLICATION),
    Setting("streamcore.executor", "processes", one_of("processes", "threads"), "What workers of RDDs are.", _APPLICATION),
    Setting("streamcore.storage.memory", None, SIZE, "What a worker caches before it spills; default: half of the memory limit over all workers.", _APPLICATION),
    Setting("spark.archives", "", only("", "call sc.addArchive(path)"), "", _APPLICATION),
    Setting("spark.files", "", only("", "call sc.addFile(path)"), "", _APPLICATION),
    Setting("spark.submit.pyFiles", "", only("", "call sc.addPyFile(path)"), "", _APPLICATION),
    Setting("spark.sql.catalogImplementation", "in-memory", only("in-memory", "there is no Hive metastore"), "", _APPLICATION),
    Setting("spark.sql.extensions", "", only("", "there is no JVM that could load them"), "", _APPLICATION),
    Setting("spark.sql.warehouse.dir", "spark-warehouse", TEXT, "Where tables and their catalog are kept.", _APPLICATION),
)  # fmt: skip

SESSION: Final = (
    Setting("spark.sql.ansi.enabled", "true", BOOLEAN, "Whether what an expression cannot compute is an error; else it is null or wraps around, and operands are brought to other types. An expression keeps the mode under which it was made."),
    Setting("spark.sql.caseSensitive", "false", BOOLEAN, "Whether names of columns differ by case."),
    Setting("spark.sql.decimalOperations.allowPrecisionLoss", "true", BOOLEAN, "Whether a decimal result of more than 38 digits gives up digits after the point."),
    Setting("spark.sql.execution.arrow.maxRecordsPerBatch", "10000", whole_number(0), "How many rows a function of columns sees at once; 0: all of a part."),
    Setting("spark.sql.function.concatBinaryAsString", "false", BOOLEAN, "Whether `concat` of bytes gives text."),
    Setting("spark.sql.function.eltOutputAsString", "false", BOOLEAN, "Whether `elt` among bytes gives text."),
    Setting("spark.sql.legacy.codingErrorAction", "false", BOOLEAN, "Whether `encode` and `decode` put a replacement for what the character set has not; else it is an error."),
    Setting("spark.sql.legacy.consecutiveStringLiterals.enabled", "false", BOOLEAN, "Whether a quote that is doubled inside a literal of a query only parts two literals, which are put together; else it stands for itself."),
    Setting("spark.sql.legacy.negativeIndexInArrayInsert", "false", BOOLEAN, "Whether -1 is for `array_insert` the place before the last element; else it is the one behind it."),
    Setting("spark.sql.legacy.setopsPrecedence.enabled", "false", BOOLEAN, "Whether UNION, EXCEPT and INTERSECT of a query are computed from left to right; else INTERSECT binds tighter."),
    Setting("spark.sql.mapKeyDedupPolicy", "EXCEPTION", one_of("EXCEPTION", "LAST_WIN"), "What becomes of a key that a map would have twice: an error, or the last value is kept."),
    Setting("spark.sql.repl.eagerEval.enabled", "false", BOOLEAN, "Show a DataFrame's rows in a notebook or prompt."),
    Setting("spark.sql.repl.eagerEval.maxNumRows", "20", whole_number(0), "How many rows are shown so."),
    Setting("spark.sql.repl.eagerEval.truncate", "20", whole_number(0), "How many characters of a value are shown so; 0: all."),
    Setting("spark.sql.session.timeZone", None, TIME_ZONE, "The zone of timestamps; default: the machine's."),
    Setting("spark.sql.cteRecursionLevelLimit", "100", whole_number(-1), "How many levels WITH RECURSIVE may have, where the query does not say it by MAX RECURSION LEVEL; -1 for any number."),
    Setting("spark.sql.cteRecursionRowLimit", "1000000", whole_number(-1), "How many rows WITH RECURSIVE may give; -1 for any number."),
    Setting("spark.sql.shuffle.partitions", "1", whole_number(1), "Partitions of a stateful operator, and of `repartition` by columns."),
    Setting("spark.sql.sources.default", "parquet", TEXT, "The format of `load` and `save` when none is named."),
    Setting("spark.sql.sources.partitionOverwriteMode", "STATIC", one_of("STATIC", "DYNAMIC"), "What `mode('overwrite')` replaces in partitioned folders: everything, or the partitions that it has rows for."),
    Setting("spark.sql.transposeMaxValues", "500", whole_number(1), "How many rows `transpose` turns into columns."),
    Setting("spark.sql.streaming.checkpointLocation", None, TEXT, "The folder below which a named query without a `checkpointLocation` keeps its checkpoint."),
    Setting("spark.sql.streaming.minBatchesToRetain", "100", whole_number(1), "How many batches a checkpoint can be rewound."),
    Setting("spark.sql.streaming.multipleWatermarkPolicy", "min", one_of("min", "max"), "Which of several watermarks holds for the query."),
    Setting("spark.sql.streaming.noDataMicroBatches.enabled", "true", BOOLEAN, "Run a batch without data when the watermark lets state go."),
    Setting("spark.sql.streaming.noDataProgressEventInterval", "10s", TIME, "How often listeners hear that there is no data."),
    Setting("spark.sql.streaming.numRecentProgressUpdates", "100", whole_number(0), "How many batches `recentProgress` remembers."),
    Setting("spark.sql.streaming.pollingDelay", "10ms", TIME, "The pause before a source without new data is asked again."),
    Setting("spark.sql.streaming.queryEvolution.enableSourceEvolution", "false", BOOLEAN, "Whether every source of a query must have a name of its own; with names sources may come and go."),
    Setting("spark.sql.streaming.schemaInference", "false", BOOLEAN, "Whether a stream of files may infer its schema."),
    Setting("spark.sql.streaming.stopTimeout", "0", TIME, "How long `query.stop()` waits at most; 0: for ever."),
    Setting("spark.streamcore.streaming.executor", "threads", one_of("threads", "processes"), "Where the tasks of a streaming query run: in threads of this process, or in its worker processes, which is for sources written in Python that need several cores."),
    Setting("spark.streamcore.state.partitions", None, whole_number(1), "How many partitions the state of queries has; one that has another number is split anew by the next start of its query. Default: what the checkpoint has, and for a new one `spark.sql.shuffle.partitions`."),
)  # fmt: skip

REFUSED: Final = (
    Setting("spark.sql.crossJoin.enabled", "true", only("true", "a join without a condition is a cross join"), ""),
    Setting("spark.sql.files.ignoreCorruptFiles", "false", only("false", "a damaged file is an error that names it"), ""),
    Setting("spark.sql.files.ignoreMissingFiles", "false", only("false", _BY_OPTION), ""),
    Setting("spark.sql.groupByAliases", "true", only("true", "GROUP BY may name an alias"), ""),
    Setting("spark.sql.groupByOrdinal", "true", only("true", "GROUP BY 1 is the first column"), ""),
    Setting("spark.sql.legacy.timeParserPolicy", "CORRECTED", only("CORRECTED", "patterns are those of java.time"), ""),
    Setting("spark.sql.optimizer.decorrelateExistsSubqueryLegacyIncorrectCountHandling.enabled", "false", only("false", _COUNTED), ""),
    Setting("spark.sql.optimizer.decorrelateSubqueryLegacyIncorrectCountHandling.enabled", "false", only("false", _COUNTED), ""),
    Setting("spark.sql.orderByOrdinal", "true", only("true", "ORDER BY 1 is the first column"), ""),
    Setting("spark.sql.parquet.compression.codec", "snappy", only("snappy", _BY_OPTION), ""),
    Setting("spark.sql.parquet.mergeSchema", "false", only("false", _BY_OPTION), ""),
    Setting("spark.sql.parser.quotedRegexColumnNames", "false", only("false", "a quoted name is a name"), ""),
    Setting("spark.sql.readSideCharPadding", "true", only("true", "a CHAR column is padded"), ""),
    Setting("spark.sql.storeAssignmentPolicy", "ANSI", only("ANSI", _STORED), ""),
    Setting("spark.sql.timestampType", "TIMESTAMP_LTZ", only("TIMESTAMP_LTZ", "name TIMESTAMP_NTZ where you mean it"), ""),
)  # fmt: skip

KNOWN: Final = {setting.key: setting for setting in (*APPLICATION, *SESSION, *REFUSED)}

NO_EFFECT: Final = (
    "spark.acls.", "spark.app.", "spark.authenticate", "spark.barrier.", "spark.blockManager.", "spark.broadcast.",
    "spark.checkpoint.", "spark.cleaner.", "spark.cores.max", "spark.decommission.", "spark.deploy.",
    "spark.driver.", "spark.dynamicAllocation.", "spark.eventLog.", "spark.excludeOnFailure.", "spark.executor.",
    "spark.hadoop.", "spark.history.", "spark.home", "spark.io.", "spark.jars", "spark.kryo", "spark.kubernetes.",
    "spark.log.", "spark.logConf", "spark.memory.", "spark.metrics.", "spark.network.", "spark.port.",
    "spark.pyspark.", "spark.python.", "spark.rdd.", "spark.reducer.", "spark.resources.", "spark.rpc.",
    "spark.scheduler.", "spark.security.", "spark.serializer", "spark.shuffle.", "spark.speculation",
    "spark.ssl.", "spark.stage.", "spark.storage.", "spark.submit.", "spark.task.", "spark.ui.", "spark.yarn.",
    "spark.sql.adaptive.", "spark.sql.autoBroadcastJoinThreshold", "spark.sql.broadcastTimeout",
    "spark.sql.cbo.", "spark.sql.codegen.", "spark.sql.execution.arrow.", "spark.sql.execution.pyspark.",
    "spark.sql.files.maxPartitionBytes", "spark.sql.files.maxPartitionNum", "spark.sql.files.minPartitionNum",
    "spark.sql.files.openCostInBytes", "spark.sql.inMemoryColumnarStorage.", "spark.sql.join.",
    "spark.sql.optimizer.", "spark.sql.parquet.enableVectorizedReader", "spark.sql.parquet.filterPushdown",
    "spark.sql.pyspark.", "spark.sql.statistics.", "spark.sql.streaming.forceDeleteTempCheckpointLocation",
    "spark.sql.streaming.metricsEnabled", "spark.sql.streaming.stateStore.", "spark.sql.ui.",
)  # fmt: skip
"""Beginnings of Spark's settings that say how a JVM runs: results are the same without them."""
