"""Libraries that only those need who use a format."""

from __future__ import annotations

import importlib
from typing import Any


def library(name: str, user: str, extra: str) -> Any:
    """The module `name`; an ImportError that names the extra to install where it is missing.

    >>> library("no_such_library", "from_protobuf()", "protobuf")
    Traceback (most recent call last):
    ImportError: from_protobuf() needs no_such_library: pip install 'streamcore-engine[protobuf]'
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ImportError(f"{user} needs {package}: pip install 'streamcore-engine[{extra}]'") from error
