"""Built-in sinks by short name; a sink's module is imported when a query first asks for it."""

from __future__ import annotations

SINKS = {
    "parquet": "streamcore.sinks.files.data_source:ParquetSink",
    "orc": "streamcore.sinks.files.data_source:OrcSink",
    "json": "streamcore.sinks.files.data_source:JsonSink",
    "csv": "streamcore.sinks.files.data_source:CsvSink",
    "text": "streamcore.sinks.files.data_source:TextSink",
    "jdbc": "streamcore.sinks.database.jdbc:JdbcSink",
    "database": "streamcore.sinks.database.data_source:DatabaseSink",
    "delta": "streamcore.sinks.delta.data_source:DeltaSink",
    "kafka": "streamcore.sinks.kafka.data_source:KafkaSink",
    "model": "streamcore.models.store.sink:ModelSink",
    "iceberg": "streamcore.sinks.iceberg.data_source:IcebergSink",
    "aws-kinesis": "streamcore.sinks.kinesis.data_source:KinesisSink",
    "kinesis": "streamcore.sinks.kinesis.data_source:KinesisSink",
    "memory": "streamcore.sinks.memory:MemorySink",
    "console": "streamcore.sinks.console:ConsoleSink",
    "noop": "streamcore.sinks.noop:NoopSink",
}
