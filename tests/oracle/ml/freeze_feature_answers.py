"""Asks PySpark for the answers of every feature program, and has it save models, beside this file.

python -m tests.oracle.ml.freeze_feature_answers      (needs the extra `bench` and Java 17)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.oracle.ml.feature_answers import answer_of, refusal_of, without_ids
from tests.oracle.ml.feature_programs import PROGRAMS, REFUSED, SAVED

FROZEN = Path(__file__).parent / "feature_answers.json"
SAVED_BY_SPARK = Path(__file__).parent / "saved_features"


def pyspark_answers() -> dict[str, dict[str, Any]]:
    from pyspark.ml import feature
    from pyspark.ml.linalg import Vectors
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    spark.sparkContext.setLogLevel("OFF")
    try:
        return {
            "answers": {name: answer_of(run(spark, feature, Vectors)) for name, run in PROGRAMS.items()},
            "said": {name: without_ids(repr(run(spark, feature, Vectors)[0])) for name, run in SAVED.items()},
            "refused": {name: _refusal(run, spark, feature, Vectors) for name, run in REFUSED.items()},
        }
    finally:
        spark.stop()


def _refusal(run: Any, *arguments: Any) -> str:
    try:
        run(*arguments)
    except Exception as error:
        return refusal_of(error)
    return "nothing refused"


def _text(answers: dict[str, dict[str, Any]]) -> str:
    """JSON with a line for each program."""
    parts = []
    for kind, found in answers.items():
        lines = [
            f"{json.dumps(name)}: {json.dumps(found[name], ensure_ascii=False)}" for name in sorted(found)
        ]
        parts.append(f"{json.dumps(kind)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def save_models() -> None:
    """Have PySpark save what the programs give, each file under a name that says nothing of its making."""
    from pyspark.ml import feature
    from pyspark.ml.linalg import Vectors
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        for name, run in SAVED.items():
            stage, _ = run(spark, feature, Vectors)
            stage.write().overwrite().save(str(SAVED_BY_SPARK / name))
    finally:
        spark.stop()
    for path in list(SAVED_BY_SPARK.rglob("part-*")) + list(SAVED_BY_SPARK.rglob("[._]*")):
        if path.name.startswith((".", "_")):
            path.unlink()
        else:
            path.rename(path.with_name("part-00000" + "".join(path.suffixes[-2:])))


if __name__ == "__main__":
    save_models()
    FROZEN.write_text(_text(pyspark_answers()))
