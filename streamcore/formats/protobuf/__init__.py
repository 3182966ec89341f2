"""Protobuf: descriptors and their Spark types, bytes as Arrow arrays and back."""
