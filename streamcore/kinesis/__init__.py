"""What the source and the sink of Amazon Kinesis Data Streams share."""
