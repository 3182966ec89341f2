"""Writes the signatures and names of PySpark's public API beside this file.

python -m tests.unit.functions.freeze_signatures      (needs the extra `bench`)
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FROZEN = Path(__file__).parent / "pyspark_signatures.json"


def described(function: Callable[..., Any]) -> list[str]:
    """The parameters with their defaults, in order: `["col", "scale=0", "*cols"]`.

    >>> described(lambda col, scale=0, *cols: None)
    ['col', 'scale=0', '*cols']
    """
    return [_parameter(parameter) for parameter in inspect.signature(function).parameters.values()]


def _parameter(parameter: inspect.Parameter) -> str:
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return f"*{parameter.name}"
    if parameter.kind is inspect.Parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    return f"{parameter.name}={parameter.default!r}"


def public_names(owner: Any) -> Iterator[str]:
    """The names that a class or module gives to its users."""
    return (name for name in dir(owner) if not name.startswith("_"))


def _is_function(value: object) -> bool:
    homes = ("pyspark.sql.functions", "pyspark.sql.pandas.functions")
    return inspect.isfunction(value) and value.__module__.startswith(homes)


def _members() -> dict[str, list[str]]:
    """The public names of the classes that docs/compatibility.md compares."""
    from pyspark import RDD, SparkContext
    from pyspark.sql import Column, DataFrame, DataFrameReader, DataFrameWriter, GroupedData, SparkSession
    from pyspark.sql.catalog import Catalog
    from pyspark.sql.streaming.query import StreamingQuery, StreamingQueryManager
    from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

    owners = (
        SparkSession, Column, DataFrame, GroupedData, DataFrameReader, DataFrameWriter, Catalog,
        DataStreamReader, DataStreamWriter, StreamingQuery, StreamingQueryManager, SparkContext, RDD,
    )  # fmt: skip
    return {owner.__name__: sorted(public_names(owner)) for owner in owners}


def main() -> None:
    from pyspark.sql import Column, Window, WindowSpec
    from pyspark.sql import functions as F

    offered = [name for name in public_names(F) if _is_function(getattr(F, name))]
    signatures = {"functions": {name: described(getattr(F, name)) for name in offered}}
    for owner in (Column, Window, WindowSpec):
        names = [name for name in public_names(owner) if callable(getattr(owner, name))]
        signatures[owner.__name__] = {name: described(getattr(owner, name)) for name in names}
    frozen = {"signatures": signatures, "members": _members()}
    FROZEN.write_text(json.dumps(frozen, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
