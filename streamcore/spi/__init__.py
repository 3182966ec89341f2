"""Contracts and value types that connectors are written against."""
