"""What sources and sinks share of Kafka: its client library, its options, its errors."""
