"""Packages that only some models need."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

_EXTRA = "ml"


def needed(module: str, user: str) -> ModuleType:
    """An optional module; ImportError names `user`, which needs it, and how to install it.

    >>> needed("numpy.linalg", "LinearRegression").__name__
    'numpy.linalg'
    >>> needed("no_such_package", "KMeans")
    Traceback (most recent call last):
    ...
    ImportError: KMeans needs no_such_package: pip install 'streamcore-engine[ml]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise
        raise ImportError(f"{user} needs {package}: pip install 'streamcore-engine[{_EXTRA}]'") from error
