"""Ask PySpark what mllib answers and keep it as JSON: run with an interpreter that has pyspark."""

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

from tests.oracle.ml.mllib_programs import MODULES, answers


def main() -> None:
    """Write the answers beside this file."""
    from pyspark import SparkContext

    sc = SparkContext("local[2]", "mllib")
    sc.setLogLevel("OFF")
    mllib = SimpleNamespace(**{name: import_module(f"pyspark.mllib.{name}") for name in MODULES})
    text = json.dumps(answers(sc, mllib), separators=(",", ":"))
    Path(__file__).with_name("mllib.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
