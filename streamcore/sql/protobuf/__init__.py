"""Protobuf within columns."""
