"""Writes the members of PySpark's SQL classes with their parameters and defaults beside this file.

python -m tests.unit.pyspark_alias.freeze_signatures      (needs the extra `bench`)
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

FROZEN = Path(__file__).parent / "signatures.json"
HOMES = {
    "pyspark.sql": (
        "Column", "DataFrame", "DataFrameNaFunctions", "DataFrameReader", "DataFrameStatFunctions",
        "DataFrameWriter", "DataFrameWriterV2", "GroupedData", "Observation", "PandasCogroupedOps", "Row",
        "SQLContext", "SparkSession", "Window", "WindowSpec",
    ),
    "pyspark.sql.catalog": ("Catalog",),
    "pyspark.sql.conf": ("RuntimeConfig",),
    "pyspark.sql.merge": ("MergeIntoWriter",),
    "pyspark.sql.streaming": (
        "DataStreamReader", "DataStreamWriter", "StreamingQuery", "StreamingQueryManager",
    ),
    "pyspark.sql.tvf": ("TableValuedFunction",),
    "pyspark.sql.types": (
        "AnsiIntervalType", "AnyTimeType", "ArrayType", "AtomicType", "BinaryType", "BooleanType", "ByteType",
        "CharType", "DataType", "DateType", "DatetimeType", "DayTimeIntervalType", "DecimalType",
        "DoubleType",
        "FloatType", "FractionalType", "IntegerType", "IntegralType", "LongType", "MapType", "NullType",
        "NumericType", "ShortType", "StringType", "StructField", "StructType", "TimeType", "TimestampNTZType",
        "TimestampType", "UserDefinedType", "VarcharType", "YearMonthIntervalType",
    ),
    "pyspark.sql.udf": ("UDFRegistration",),
    "pyspark.sql.udtf": ("UDTFRegistration",),
}  # fmt: skip


def members(owner: type) -> dict[str, list[str] | None]:
    """The public members of a class: the parameters of a method, None for anything else."""
    names = [name for name in dir(owner) if not name.startswith("_")]
    return {name: parameters(inspect.getattr_static(owner, name)) for name in names}


def parameters(member: Any) -> list[str] | None:
    """The parameters of a method with their defaults; None for what is no method."""
    function = member.__func__ if isinstance(member, staticmethod | classmethod) else member
    if isinstance(function, property) or not callable(function):
        return None
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [_shown(p) for p in found if p.name not in ("self", "cls")]


def _shown(parameter: inspect.Parameter) -> str:
    stars = "*" * (parameter.kind is parameter.VAR_POSITIONAL) + "**" * (
        parameter.kind is parameter.VAR_KEYWORD
    )
    if parameter.default is parameter.empty:
        return f"{stars}{parameter.name}"
    default = "..." if re.match(r"<", repr(parameter.default)) else repr(parameter.default)
    return f"{parameter.name}={default}"


if __name__ == "__main__":
    frozen = {
        f"{home}.{name}": members(getattr(importlib.import_module(home), name))
        for home, names in HOMES.items()
        for name in names
    }
    FROZEN.write_text(json.dumps(frozen, indent=0, sort_keys=True) + "\n")
