"""The Kinesis sink."""
