"""Switching the alias on and off for this process and the workers that it starts."""

from __future__ import annotations

import sys

from streamcore.errors import StreamcoreError
from streamcore.pyspark.finder import AliasFinder, AliasModule
from streamcore.pyspark.table import TABLE
from streamcore.scheduler.startup import add_start_call, remove_start_call

_IN_WORKERS = "streamcore.pyspark:activate"
_ROOTS = tuple(sorted({name.partition(".")[0] for name in TABLE}))


def activate() -> None:
    """Let `import pyspark` and all that is below it mean streamcore, here and in workers started from now on.

    Takes effect for imports that come later, whether or not PySpark is installed. Calling it again changes
    nothing. Call it before the first job of a context: that is when its workers start.

    Raises
    ------
    StreamcoreError
        When PySpark itself was imported already; both under one name would be mixed up.

    >>> activate()
    >>> from pyspark import SparkConf
    >>> SparkConf.__module__
    'streamcore.conf'
    >>> deactivate()
    """
    for root in _ROOTS:
        found = sys.modules.get(root)
        if found is not None and not isinstance(found, AliasModule):
            raise StreamcoreError(
                f"{root} is already imported, from {getattr(found, '__file__', None)}: call "
                "streamcore.pyspark.activate() before the first `import pyspark`"
            )
    if not any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AliasFinder())
    add_start_call(_IN_WORKERS)


def deactivate() -> None:
    """Undo `activate`: forget the alias modules; what was imported from them goes on working."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AliasFinder)]
    for name in [name for name, module in sys.modules.items() if isinstance(module, AliasModule)]:
        del sys.modules[name]
    remove_start_call(_IN_WORKERS)
