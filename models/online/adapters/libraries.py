"""Libraries that are extras: imported when one is used, and missed by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from streamcore.errors import IllegalArgumentException


def imported(module: str, extra: str) -> Any:
    """The module; ImportError that names the extra when its library is not installed."""
    library = module.partition(".")[0]
    try:
        import_module(library)
    except ImportError as error:
        message = f"this model needs {library}: pip install 'streamcore-engine[{extra}]'"
        raise ImportError(message) from error
    return import_module(module)


def class_in(library: str, path: str, extra: str) -> Any:
    """The class at `library.module.Class`; IllegalArgumentException for a path that leads elsewhere."""
    module, _, name = path.rpartition(".")
    if module.partition(".")[0] != library or not name:
        raise IllegalArgumentException(f"estimator={path!r} must be the path of a class of {library}")
    try:
        found = getattr(imported(module, extra), name)
    except (AttributeError, ModuleNotFoundError) as error:
        raise IllegalArgumentException(f"estimator={path!r}: {library} has no such class") from error
    return found
