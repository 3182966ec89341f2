"""Structured streaming in micro-batches with PySpark's API and no JVM.

`import streamcore` costs a few milliseconds: a public name is imported from its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOME_OF = {
    "Accumulator": "streamcore.rdd",
    "Broadcast": "streamcore.rdd",
    "Context": "streamcore.rdd",
    "DataFrame": "streamcore.sql",
    "RDD": "streamcore.rdd",
    "Row": "streamcore.sql",
    "Session": "streamcore.sql",
    "StorageLevel": "streamcore.rdd",
    "StreamingQuery": "streamcore.streaming",
}
__all__ = ["__version__", *_HOME_OF]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'streamcore' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
