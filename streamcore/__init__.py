"""Structured streaming in micro-batches with PySpark's API and no JVM.

`import streamcore` costs a few milliseconds: a public name is imported from its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from streamcore.version import __version__ as __version__

if TYPE_CHECKING:
    from streamcore.conf import Conf as Conf
    from streamcore.context import Context as Context
    from streamcore.rdd.rdd import RDD as RDD
    from streamcore.rdd.storagelevel import StorageLevel as StorageLevel
    from streamcore.spi.row import Row as Row
    from streamcore.sql.session import Session as Session


# What type checkers see above, the interpreter finds here; a test holds the two together.
_HOME_OF = {
    "Conf": "streamcore.conf",
    "Context": "streamcore.context",
    "RDD": "streamcore.rdd.rdd",
    "Row": "streamcore.spi.row",
    "Session": "streamcore.sql.session",
    "StorageLevel": "streamcore.rdd.storagelevel",
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
