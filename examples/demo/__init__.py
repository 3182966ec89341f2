"""Ad events from Kafka, counted per campaign and window, into Parquet and a database, exactly once."""
