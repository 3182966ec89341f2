"""The members of PySpark's SQL classes are there with their parameters, or say what to use instead."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest

from streamcore.pyspark import activate, deactivate
from streamcore.spi.not_offered import NotOffered
from tests.unit.pyspark_alias.freeze_signatures import FROZEN, parameters

WANTED: dict[str, dict[str, list[str] | None]] = json.loads(FROZEN.read_text())

# Members that are there and take other arguments, with the reason.
OTHERWISE = {
    **dict.fromkeys(
        [f"pyspark.sql.DataFrame.{name}" for name in ("orderBy", "sort", "sortWithinPartitions")],
        "the one keyword that PySpark reads of **kwargs, ascending, is named",
    ),
    **dict.fromkeys(
        [
            f"pyspark.sql.streaming.DataStreamReader.{name}"
            for name in ("csv", "json", "orc", "parquet", "text")
        ],
        "options of the format come as keywords",
    ),
    **dict.fromkeys(
        [
            f"pyspark.sql.types.{name}.{method}"
            for name in ("DateType", "DayTimeIntervalType", "TimeType", "TimestampNTZType", "TimestampType")
            for method in ("fromInternal", "toInternal")
        ],
        "all types call the one argument obj",
    ),
    **dict.fromkeys(
        ["pyspark.sql.types.ArrayType.fromJson", "pyspark.sql.types.MapType.fromJson"],
        "there are no collations",
    ),
}
# Members that are not there and that nobody is told about, with the reason.
MISSING = {
    "pyspark.sql.SQLContext.createExternalTable": "deprecated since Spark 2; use catalog.createTable",
    "pyspark.sql.SQLContext.registerJavaFunction": "there is no JVM",
    "pyspark.sql.types.UserDefinedType.fromJson": "a type comes of a schema's JSON",
    **dict.fromkeys(
        [
            *(
                f"pyspark.sql.types.StringType.{name}"
                for name in (
                    "collationProvider", "isUTF8BinaryCollation", "providerICU", "providerSpark", "providers",
                )
            ),
            *(
                f"pyspark.sql.types.StructField.{name}"
                for name in ("getCollationMetadata", "getCollationsMap", "schemaCollationValue")
            ),
        ],
        "there are no collations",
    ),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def alias() -> Iterator[None]:
    activate()
    yield
    deactivate()


def _owner(path: str) -> Any:
    home, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(home), name)
    except (ImportError, AttributeError):
        return None


@pytest.mark.parametrize("path", WANTED)
def test_members_and_their_parameters_are_those_of_pyspark(path: str) -> None:
    owner = _owner(path)
    if owner is None:  # the module says why: see test_alias
        pytest.skip(f"{path} is not offered")
    differing = {}
    for name, wanted in WANTED[path].items():
        full = f"{path}.{name}"
        try:
            found = inspect.getattr_static(owner, name)
        except AttributeError:
            if full not in MISSING:
                differing[full] = "missing"
            continue
        assert full not in MISSING, f"{full} is there: take it out of MISSING"
        if isinstance(found, NotOffered) or wanted is None or full in OTHERWISE:
            continue
        if parameters(found) != wanted:
            differing[full] = f"{wanted} in PySpark, {parameters(found)} here"
    assert differing == {}


def test_what_differs_on_purpose_is_there() -> None:
    for full in OTHERWISE:
        path, _, name = full.rpartition(".")
        assert inspect.getattr_static(_owner(path), name) is not None
