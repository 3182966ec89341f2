"""Which PySpark the alias follows."""

from __future__ import annotations

PYSPARK_VERSION = "4.3.0"
"""The release whose API is followed: programs compare `pyspark.__version__` to know what they may call."""


def is_remote() -> bool:
    """Whether the session is one of Spark Connect, on another machine: never."""
    return False
