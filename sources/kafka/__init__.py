"""The Kafka source: batch and streaming, over librdkafka."""
