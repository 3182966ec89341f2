"""TPC-H: its tables, made by tpchgen-cli, and its 22 queries as Spark publishes them.

Neither is kept here. The tables are made once, into the user's cache folder. The texts are those of Spark's
published test jar, which Maven fetches; STREAMCORE_TPCH_TEXTS names a folder with q1.sql to q22.sql instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.events import cache_folder

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
QUERIES = tuple(f"q{number}" for number in range(1, 23))
_JAR = "org.apache.spark:spark-sql_2.13:4.1.1:jar:tests"


def table_folder(scale: float) -> Path:
    """A folder with a Parquet file of each table."""
    folder = cache_folder() / f"tpch-{scale:g}"
    if not folder.exists():
        _made(folder, [_generator(), "parquet", "-s", f"{scale:g}", "-o"])
    return folder


def table_file(table: str, scale: float) -> Path:
    """The Parquet file of one table."""
    return table_folder(scale) / f"{table}.parquet"


def texts() -> dict[str, str]:
    """The texts of the queries, in Spark's SQL, by name."""
    named = os.environ.get("STREAMCORE_TPCH_TEXTS")
    folder = Path(named) if named else _fetched()
    return {name: (folder / f"{name}.sql").read_text().strip().rstrip(";") for name in QUERIES}


def _generator() -> str:
    found = shutil.which("tpchgen-cli", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        raise RuntimeError("there is no tpchgen-cli: pip install -e '.[bench]'")
    return found


def _fetched() -> Path:
    folder = cache_folder() / "tpch-texts"
    if folder.exists():
        return folder
    if shutil.which("mvn") is None:
        raise RuntimeError("there is no mvn to fetch the texts: name a folder in STREAMCORE_TPCH_TEXTS")
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(
            ["mvn", "-q", "dependency:copy", f"-Dartifact={_JAR}", f"-DoutputDirectory={place}"],
            check=True,
            timeout=600,
        )
        with zipfile.ZipFile(next(Path(place).glob("*.jar"))) as jar:
            jar.extractall(place, [f"tpch/{name}.sql" for name in QUERIES])
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(Path(place) / "tpch", folder)
    return folder


def _made(folder: Path, command: Sequence[str]) -> None:
    """Runs a command that fills a folder, which appears when it is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as making:
        subprocess.run([*command, making], check=True, timeout=1200, stdout=subprocess.DEVNULL)
        Path(making).rename(folder)
        Path(making).mkdir()
