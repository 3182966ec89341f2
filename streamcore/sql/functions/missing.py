"""Functions of PySpark that are not offered: known by name, refused with a reason when called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NoReturn

from streamcore.errors import UnsupportedOperationException
from streamcore.plan.function_specs import refused_functions
from streamcore.plan.translation import families

# What only the Python namespace has, and no SQL text can call.
_ONLY_PYTHON: dict[str, str] = {
    "use udtf(), whose rows come as values.": "arrow_udtf",
    "use the function of the type's own module, such as vector_to_array.": "unwrap_udt",
    "partition transforms belong to table catalogs, which are not offered; use write.partitionBy.": """
        bucket days hours months years
    """,
}
# What only SQL text has, or what stands here and is refused where it is no part of a grouping.
_ONLY_SQL = frozenset(
    [
        "approx_top_k",
        "approx_top_k_accumulate",
        "approx_top_k_combine",
        "approx_top_k_estimate",
        "from_avro",
        "from_protobuf",
        "grouping",
        "grouping_id",
        "localtime",
        "measure",
        "percentile_cont",
        "percentile_disc",
        "schema_of_avro",
        "time",
        "to_avro",
        "to_protobuf",
    ]
)


@cache
def missing_functions() -> Mapping[str, str]:
    """Names that `pyspark.sql.functions` has and this namespace has not -> why, or what to use instead."""
    families.load()
    in_sql = {name: reason for name, reason in refused_functions().items() if name not in _ONLY_SQL}
    return {**in_sql, **{name: reason for reason, names in _ONLY_PYTHON.items() for name in names.split()}}


def missing_function(name: str) -> Callable[..., NoReturn]:
    """A function that says that it is not offered; AttributeError for a name that PySpark does not know."""
    reason = missing_functions().get(name)
    if reason is None:
        raise AttributeError(f"module 'streamcore.sql.functions' has no attribute {name!r}")

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise UnsupportedOperationException(f"functions.{name}() is not offered: {reason}")

    refuse.__name__ = name
    return refuse
