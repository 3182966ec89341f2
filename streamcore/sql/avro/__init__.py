"""Avro within columns."""
