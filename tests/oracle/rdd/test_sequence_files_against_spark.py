"""Sequence files that streamcore writes are read by PySpark."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from streamcore import Context
from tests.oracle.rdd.ask_pyspark import environment, pyspark_python

pytestmark = pytest.mark.bench

READ = """
import json, sys
from pyspark import SparkContext
sc = SparkContext("local[1]", "read")
sc.setLogLevel("OFF")
folder, *names = sys.argv[1:]
print(json.dumps({name: repr(sorted(sc.sequenceFile(f"{folder}/{name}").collect())) for name in names}))
"""
PAIRS: dict[str, list[Any]] = {
    "numbers": [(-5, 1 << 40), (1, -(1 << 62)), (300, 1 << 31)],
    "texts": [("", None), ("yé", None)],
    "floats": [(-2.5, False), (1e300, True)],
    "maps": [(1, {3.0: "bb", 2: True}), (2, {"q": {"r": 1}})],
    "many": [(n, f"text {n}") for n in range(9000)],
}
CODECS = [None, *(f"org.apache.hadoop.io.compress.{name}Codec" for name in ("Default", "Gzip", "BZip2"))]


@pytest.mark.parametrize("codec", CODECS)
def test_spark_reads_what_is_written_here(codec: str | None, tmp_path: Path) -> None:
    with Context("local[2]", "write") as sc:
        for name, pairs in PAIRS.items():
            sc.parallelize(pairs, 2).saveAsSequenceFile(str(tmp_path / name), codec)
    command = [pyspark_python(), "-c", READ, str(tmp_path), *PAIRS]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    read = {name: sorted(eval(text)) for name, text in json.loads(ended.stdout).items()}
    assert read == PAIRS
