"""What PySpark's DataFrame has and ours has not (yet): declared, with what to use instead."""

from __future__ import annotations

from typing import Any

from streamcore.errors import UnsupportedOperationException

INSTEAD: dict[str, str] = {
    "isLocal": "collect() works whatever the plan",
    "storageLevel": "use is_cached",
    "nearestByJoin": "use join",
    "mapInPandas": "use df.rdd.mapPartitions, or toArrow()",
    "mapInArrow": "use toArrow()",
    "applyInPandas": "use df.rdd.groupBy",
    "pandas_api": "use toPandas()",
    "observe": "use agg(...)",
    "sameSemantics": "compare schema and collect()",
    "semanticHash": "compare schema and collect()",
    "inputFiles": "list the path that you read",
    "writeTo": "use df.write",
    "mergeInto": "use the database sink with keyColumns",
    "withMetadata": "set metadata in the StructType given to createDataFrame or read.schema",
    "metadataColumn": "select the source's own columns",
    "repartitionById": "use repartition",
    "lateralJoin": "use explode, or a join",
    "groupingSets": "use rollup or cube",
    "asTable": "use join",
    "scalar": "collect the value first: df.first()[0]",
    "exists": "use a leftsemi join",
    "transpose": "use toPandas().transpose()",
    "zipWithIndex": "use row_number() over a window, or df.rdd.zipWithIndex()",
    "plot": "use toPandas().plot",
    "executionInfo": "read the status of the context",
    "zip": "join on a row number",
}
"""Method or property -> the way out."""


def not_offered(name: str) -> UnsupportedOperationException:
    """The error for a declared gap."""
    return UnsupportedOperationException(f"DataFrame.{name} is not offered; {INSTEAD[name]}.")


class _Gap:
    """A declared gap: reading it raises."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self
        raise not_offered(self._name)


class NotOffered:
    """Every name of the table, as an attribute that raises UnsupportedOperationException."""


def _declare() -> None:
    for name in INSTEAD:
        gap = _Gap()
        gap.__set_name__(NotOffered, name)
        setattr(NotOffered, name, gap)


_declare()
