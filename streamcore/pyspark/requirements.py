"""Whether the packages that PySpark's pandas functions need are there, as programs for it ask."""

from __future__ import annotations

from importlib.util import find_spec

from streamcore.distribution import install_command
from streamcore.pyspark.errors import PySparkImportError


def require_minimum_pandas_version() -> None:
    """Raises PySparkImportError without pandas."""
    if find_spec("pandas") is None:
        raise PySparkImportError(f"pandas is not installed: {install_command('pandas')}")


def require_minimum_pyarrow_version() -> None:
    """Does nothing: pyarrow is always there, in a version that is new enough."""


def require_minimum_numpy_version() -> None:
    """Does nothing: numpy is always there, in a version that is new enough."""
