"""Asks PySpark for the answers of the programs on text, clusters and statistics, and writes them.

python -m tests.oracle.ml.freeze_text      (needs the extra `bench` and Java 17)
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.oracle.ml.text_programs import PROGRAMS, REFUSED

FROZEN = Path(__file__).parent / "text.json"


def pyspark_answers() -> dict[str, dict[str, Any]]:
    from pyspark.ml import clustering, feature, linalg, stat
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    spark.sparkContext.setLogLevel("OFF")
    ml = SimpleNamespace(feature=feature, clustering=clustering, linalg=linalg, stat=stat)
    try:
        answers = {name: run(spark, ml) for name, run in PROGRAMS.items()}
        refusals = {name: _refusal(run, spark, ml) for name, run in REFUSED.items()}
        return {"answers": answers, "refused": refusals}
    finally:
        spark.stop()


def _refusal(run: Any, spark: Any, ml: Any) -> str:
    try:
        run(spark, ml)
    except Exception as error:
        return str(error).partition("\n")[0]
    return "nothing refused"


if __name__ == "__main__":
    FROZEN.write_text(json.dumps(pyspark_answers(), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
