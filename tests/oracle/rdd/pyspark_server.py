"""Answers programs, one JSON line each; run by the interpreter that has PySpark."""

from __future__ import annotations

import json
import sys

from tests.oracle.rdd.programs import answer


def main() -> None:
    """Serve until the input ends."""
    from pyspark import SparkConf, SparkContext

    settings = {"spark.ui.enabled": "false", "spark.log.level": "OFF", "spark.task.maxFailures": "1"}
    conf = SparkConf().setMaster("local[2]").setAppName("oracle").setAll(list(settings.items()))
    # Only answers may reach standard output.
    answers, sys.stdout = sys.stdout, sys.stderr
    context = SparkContext(conf=conf)
    for line in sys.stdin:
        answers.write(json.dumps(answer(context, json.loads(line))) + "\n")
        answers.flush()
    context.stop()


if __name__ == "__main__":
    main()
