"""Writes what PySpark with spark-avro answers to the cases of `avro_cases`.

python -m tests.oracle.freeze_avro_answers SPARK_AVRO_JAR      (needs PySpark)
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.oracle.avro_cases import DECODE, ENCODE, SCHEMAS_OF, Decode, Encode, schema_text
from tests.oracle.plain_values import plain

FROZEN = Path(__file__).parent / "data" / "avro_answers.json"


def answers(jar: str) -> dict[str, dict[str, Any]]:
    """Kind of case -> name -> answer."""
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.jars", jar)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    found = {
        "decode": {name: _asked(_decoded, spark, case) for name, case in DECODE.items()},
        "encode": {name: _asked(_encoded, spark, case) for name, case in ENCODE.items()},
        "schema_of": {name: _asked(_schema_of, spark, *case) for name, case in SCHEMAS_OF.items()},
    }
    spark.stop()
    return found


def _decoded(spark: Any, case: Decode) -> dict[str, Any]:
    from pyspark.sql.avro.functions import from_avro

    rows = [(None if row is None else bytearray(row),) for row in case.rows]
    table = spark.createDataFrame(rows, "data binary").coalesce(1)
    read = table.select(from_avro("data", schema_text(case.schema), case.options).alias("value"))
    kind = read.schema["value"].jsonValue()
    return {"type": kind, **_asked(_collected, read)}


def _collected(read: Any) -> dict[str, Any]:
    return {"values": [plain(row[0]) for row in read.collect()]}


def _encoded(spark: Any, case: Encode) -> dict[str, Any]:
    from pyspark.sql.avro.functions import to_avro

    table = spark.range(1).selectExpr(f"{case.sql} AS value")
    schema = "" if case.schema is None else schema_text(case.schema)
    written = table.select(to_avro("value", schema).alias("data"))
    return {"type": written.schema["data"].jsonValue(), "data": plain(written.collect()[0][0])}


def _schema_of(spark: Any, schema: Any, options: dict[str, str]) -> dict[str, Any]:
    pairs = ", ".join(f"'{key}', '{value}'" for key, value in options.items())
    text = schema_text(schema).replace("'", "\\'")
    found = spark.sql(f"SELECT schema_of_avro('{text}', map({pairs}))")
    return {"type": found.schema[0].jsonValue(), "text": found.collect()[0][0]}


def _asked(ask: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    try:
        return ask(*arguments)
    except Exception as error:
        return {"error": type(error).__name__, "says": _causes(error)}


def _causes(error: Exception) -> list[str]:
    """The first lines of an error and of its causes."""
    lines = str(error).splitlines()
    said = [lines[0], *(line for line in lines if line.startswith("Caused by: "))]
    if lines[0].startswith("An error occurred while calling") and len(lines) > 1:
        said[0] = lines[1]
    return [re.sub(r"\s+", " ", line)[:400] for line in dict.fromkeys(said)]


if __name__ == "__main__":
    FROZEN.write_text(json.dumps(answers(sys.argv[1]), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
