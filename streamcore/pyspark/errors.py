"""Errors that programs for PySpark raise and catch by name, and that streamcore itself has no use for."""

from __future__ import annotations

from streamcore.errors import StreamcoreError


class PySparkAttributeError(StreamcoreError, AttributeError):
    """An attribute that does not exist."""


class PySparkIndexError(StreamcoreError, IndexError):
    """An index out of bounds."""


class PySparkKeyError(StreamcoreError, KeyError):
    """A key that does not exist."""


class PySparkRuntimeError(StreamcoreError, RuntimeError):
    """Something that cannot be done now."""


class PySparkImportError(StreamcoreError, ImportError):
    """A package that is not installed."""
