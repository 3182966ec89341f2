"""Writes tests/oracle/data/from_json.json anew: what PySpark's from_json makes of its texts under each type.

python -m tests.oracle.freeze_json_answers        (needs PySpark 4 and a JVM)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "from_json.json"
TOP = {"TOP array<struct>": "array<struct<a:int>>", "TOP map": "map<string,string>"}


def main() -> None:
    import pyspark.sql.functions as F
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    spark = builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    frozen = json.loads(TARGET.read_text(encoding="utf-8"))
    table = spark.createDataFrame(list(enumerate(frozen["cases"])), "i int, j string").coalesce(1)
    for kind in frozen["types"]:
        schema = TOP.get(kind, f"a {kind}, b string, _corrupt_record string")
        parsed = table.select("i", F.from_json("j", schema).alias("r"))
        if kind in TOP:
            rows = parsed.selectExpr("i", "cast(r as string) r").orderBy("i").collect()
            frozen["types"][kind] = [row.r for row in rows]
        else:
            shown = parsed.selectExpr(
                "i", "r is null n", "cast(r.a as string) a", "r.b", "r._corrupt_record c"
            )
            frozen["types"][kind] = [[row.n, row.a, row.b, row.c] for row in shown.orderBy("i").collect()]
    TARGET.write_text(json.dumps(frozen, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
