"""What of PySpark's modules is missing on purpose, by its full name: why, and what to use instead."""

from __future__ import annotations

from collections.abc import Mapping

_NO_JVM = "there is no JVM here"
_NO_PROFILER = "use cProfile or py-spy on the workers"
_NO_HIVE = "there is no Hive metastore here; use SparkSession"
_NO_RESOURCES = "every task has one core of this machine, and no other resources are scheduled"
_NO_TYPE = "there is no such type; keep the value as text or binary"
_NOT_RAISED = "streamcore never raises it; catch PySparkException"
_TRAIN = "train on df.toArrow(), or in df.rdd.barrier()"
_INSIDE = "it is internal to PySpark"


def _named(module: str, reason: str, names: str) -> dict[str, str]:
    return {f"{module}.{name}": reason for name in names.split()}


def _errors(module: str) -> dict[str, str]:
    names = (
        "ArrayIndexOutOfBoundsException PickleException SessionNotSameException SparkUpgradeException "
        "StreamingPythonRunnerInitializationException UnknownException"
    )
    return _named(module, _NOT_RAISED, names)


_MLLIB = {
    **_named(
        "pyspark.mllib.linalg.distributed",
        "models read their rows as one matrix; use numpy or scipy, and PCA of pyspark.ml.feature",
        "BlockMatrix CoordinateMatrix DistributedMatrix IndexedRow IndexedRowMatrix MatrixEntry RowMatrix "
        "SingularValueDecomposition",
    ),
    **_named("pyspark.mllib.util", _NO_JVM, "JavaLoader JavaSaveable"),
}

NOT_OFFERED: Mapping[str, str] = {
    **_named("pyspark", _NO_PROFILER, "BasicProfiler Profiler profiler"),
    **_named("pyspark", _NO_JVM, "graphx java_gateway"),
    "pyspark.HiveContext": _NO_HIVE,
    "pyspark.SparkExecutorInfo": "the status tracker tells of jobs and stages",
    "pyspark.core.status.SparkExecutorInfo": "the status tracker tells of jobs and stages",
    "pyspark.status.SparkExecutorInfo": "the status tracker tells of jobs and stages",
    "pyspark.logger": "use logging: the loggers are below `streamcore`",
    "pyspark.pandas": "use DataFrame.toPandas() or DataFrame.toArrow()",
    "pyspark.pipelines": "start queries with DataFrame.writeStream",
    "pyspark.resource": _NO_RESOURCES,
    "pyspark.shuffle": _INSIDE,
    **_named("pyspark.ml", _NO_JVM + "; inherit from the classes of pyspark.ml.base", "common wrapper"),
    **_named("pyspark.ml", _TRAIN, "deepspeed torch"),
    **_named("pyspark.ml", _INSIDE, "dl_util model_cache tree"),
    **_named("pyspark.mllib", _NO_JVM, "common"),
    **_named(
        "pyspark.ml.util",
        _NO_JVM + "; inherit from DefaultParamsReadable and DefaultParamsWritable",
        "GeneralJavaMLWritable GeneralJavaMLWriter JavaMLReadable JavaMLReader JavaMLWritable JavaMLWriter",
    ),
    **_named("pyspark.ml.pipeline", _INSIDE, "PipelineModelReader PipelineModelWriter PipelineReader"),
    **_named("pyspark.ml.pipeline", _INSIDE, "PipelineSharedReadWrite PipelineWriter"),
    **_named(
        "pyspark.ml.util",
        _INSIDE,
        "MetaAlgorithmReadWrite RemoteModelRef del_remote_cache invoke_helper_attr invoke_helper_relation "
        "invoke_remote_attribute_relation try_remote_attribute_relation try_remote_call try_remote_del "
        "try_remote_evaluate try_remote_fit try_remote_functions try_remote_intercept "
        "try_remote_not_supporting try_remote_read try_remote_return_java_class "
        "try_remote_transform_relation try_remote_write",
    ),
    "pyspark.ml.TorchDistributor": _TRAIN,
    **_MLLIB,
    "pyspark.ml.connect": "there is no Spark Connect server; use pyspark.ml itself",
    "pyspark.ml.image": "read image files with sc.binaryFiles",
    "pyspark.streaming": "use Structured Streaming: SparkSession.readStream and DataFrame.writeStream",
    **_errors("pyspark.errors"),
    **_errors("pyspark.errors.exceptions.base"),
    **_named("pyspark.sql", _NO_HIVE, "HiveContext context.HiveContext"),
    **_named("pyspark.sql.pandas.functions", "use pandas_udf() or arrow_udf()", "vectorized_udf"),
    **_named("pyspark.sql", "use df.write", "DataFrameWriterV2 readwriter.DataFrameWriterV2"),
    **_named("pyspark.sql", "use the database sink with keyColumns", "MergeIntoWriter merge"),
    **_named("pyspark.sql", _NO_TYPE, "Geography Geometry geo_utils variant_utils"),
    "pyspark.sql.connect": "there is no Spark Connect server; use SparkSession.builder.master('local[*]')",
    "pyspark.sql.metrics": "use df.explain()",
    "pyspark.sql.plot": "use toPandas().plot",
    "pyspark.sql.profiler": _NO_PROFILER,
    **_named(
        "pyspark.sql.types",
        _NO_TYPE,
        "CalendarIntervalType Geography GeographyType Geometry GeometryType",
    ),
}
"""Full name -> reason, for the message of the error."""
