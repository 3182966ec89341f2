"""`import pyspark` without PySpark: its module names, and the classes of streamcore behind them.

    from streamcore.pyspark import activate

    activate()
    from pyspark.sql import SparkSession  # streamcore's Session

Nothing is implemented twice: `streamcore.pyspark.table` says which of our classes each name stands for.
`python -m streamcore run --as-pyspark job.py` does this for a program that is not to be changed.
"""

from __future__ import annotations

from streamcore.pyspark.activation import activate, deactivate

__all__ = ["activate", "deactivate"]
