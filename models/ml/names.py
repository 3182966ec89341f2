"""The names under which Spark keeps what is ours, and back."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from streamcore.errors import IllegalArgumentException

OURS = "streamcore.models.ml."
_SPARK = ("org.apache.spark.ml.", "pyspark.ml.")


def spark_class_of(owner: type) -> str:
    """The full name that Spark gives a class, which files name; for a class of a user its own.

    It follows from the module, `streamcore.models.ml.<family>...`, unless the class says `_spark_class`.

    >>> from streamcore.models.ml.pipeline import Pipeline
    >>> spark_class_of(Pipeline)
    'org.apache.spark.ml.Pipeline'
    """
    told = vars(owner).get("_spark_class")
    if told is not None:
        return str(told)
    if not owner.__module__.startswith(OURS):
        return f"{owner.__module__}.{owner.__qualname__}"
    family = owner.__module__.removeprefix(OURS).partition(".")[0]
    package = "" if family in ("base", "pipeline") else f"{family}."
    return f"{_SPARK[0]}{package}{owner.__name__}"


def class_of(name: str) -> Any:
    """The class that a file names: ours for Spark's, and for others one whose module is imported already.

    A file can be made by anybody, so that it never has a module imported; IllegalArgumentException says so.
    """
    module, _, attribute = name.rpartition(".")
    for prefix in _SPARK:
        if name.startswith(prefix):
            return _of_ours(
                name, (OURS + module.removeprefix(prefix.rstrip("."))).replace("..", "."), attribute
            )
    found = getattr(sys.modules.get(module), attribute, None)
    if not isinstance(found, type):
        raise IllegalArgumentException(
            f"What was saved is a {name}, which is not there: import {module or 'its module'} first"
        )
    return found


def _of_ours(name: str, module: str, attribute: str) -> Any:
    try:
        return getattr(import_module(module.rstrip(".")), attribute)
    except (ImportError, AttributeError) as error:
        raise IllegalArgumentException(
            f"What was saved is a {name}, which streamcore does not offer"
        ) from error
