"""The Kafka sink: rows and the commit record in one transaction."""
