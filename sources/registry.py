"""The built-in sources by short name; a class is imported when its name is first used."""

from __future__ import annotations

BUILT_IN: dict[str, str] = {
    "aws-kinesis": "streamcore.sources.kinesis.source:KinesisDataSource",
    "csv": "streamcore.sources.files.source:CsvDataSource",
    "delta": "streamcore.sources.delta.source:DeltaDataSource",
    "iceberg": "streamcore.sources.iceberg.source:IcebergDataSource",
    "database": "streamcore.sources.database.source:DatabaseDataSource",
    "jdbc": "streamcore.sources.jdbc.source:JdbcDataSource",
    "json": "streamcore.sources.files.source:JsonDataSource",
    "kafka": "streamcore.sources.kafka.source:KafkaDataSource",
    "kinesis": "streamcore.sources.kinesis.source:KinesisDataSource",
    "libsvm": "streamcore.models.ml.libsvm:LibSvmDataSource",
    "orc": "streamcore.sources.files.source:OrcDataSource",
    "parquet": "streamcore.sources.files.source:ParquetDataSource",
    "postgres-changes": "streamcore.sources.postgres_changes.source:PostgresChangesDataSource",
    "rate": "streamcore.sources.rate:RateDataSource",
    "rate-micro-batch": "streamcore.sources.rate_micro_batch:RateMicroBatchDataSource",
    "socket": "streamcore.sources.socket:SocketDataSource",
    "state-metadata": "streamcore.streaming.state_reading.source:StateMetadataDataSource",
    "statestore": "streamcore.streaming.state_reading.source:StateDataSource",
    "text": "streamcore.sources.files.source:TextDataSource",
}
"""Short name -> "module:Class"."""
