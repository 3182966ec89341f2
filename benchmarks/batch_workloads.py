"""Batch queries: TPC-H from SQL text, Python rows and functions, planning, import, and memory."""

from __future__ import annotations

import hashlib
import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any

from benchmarks import tpch
from benchmarks.engines import ROOT, environment, interpreter
from benchmarks.entry import CORES, Entry
from benchmarks.workload import Place, Sample, Workload

_ROWS = 1_000_000
_LIMIT_S = 300.0


def _scale(place: Place) -> float:
    return 1.0 if place.scale.name == "full" else 0.1


# ---- TPC-H ---------------------------------------------------------------------------------------


def tpch_queries(entry: Entry, place: Place) -> Sample:
    """All 22 queries, from their texts, over Parquet files; the answer is what they gave."""
    _views(entry, place)
    seconds, answers = {}, {}
    for name, text in tpch.texts().items():
        began = time.perf_counter()
        rows = entry.session.sql(text).collect()
        seconds[name] = time.perf_counter() - began
        answers[name] = _digest(rows)
    return Sample(sum(seconds.values()), answers, seconds)


def tpch_against_duckdb(entry: Entry, place: Place) -> Sample:
    """Bare DuckDB's time over ours, for the same 22 texts over the same files on as many cores."""
    import duckdb
    import sqlglot

    _views(entry, place)
    with duckdb.connect(config={"threads": CORES}) as bare:
        for table in tpch.TABLES:
            file = str(tpch.table_file(table, _scale(place))).replace("'", "''")
            bare.execute(f"CREATE VIEW {table} AS FROM read_parquet('{file}')")
        ours, theirs = {}, {}
        for name, text in tpch.texts().items():
            written = sqlglot.transpile(text, read="spark", write="duckdb")[0]
            theirs[name] = _median_s(partial(_duckdb_answer, bare, written))
            ours[name] = _median_s(partial(_our_answer, entry, text))
    total, bare_total = sum(ours.values()), sum(theirs.values())
    detail = {f"{name} x": theirs[name] / ours[name] for name in ours}
    return Sample(bare_total / total, None, {"ours s": total, "DuckDB s": bare_total, **detail})


def _duckdb_answer(bare: Any, text: str) -> Any:
    return bare.execute(text).to_arrow_table()


def _our_answer(entry: Entry, text: str) -> Any:
    return entry.session.sql(text).toArrow()


def _views(entry: Entry, place: Place) -> None:
    for table in tpch.TABLES:
        file = tpch.table_file(table, _scale(place))
        entry.session.read.parquet(str(file)).createOrReplaceTempView(table)


def _median_s(run: Callable[[], Any]) -> float:
    def once() -> float:
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(3))


def _digest(rows: Iterable[Any]) -> str:
    """The rows, in any order: decimals and doubles to nine digits."""
    lines = sorted("|".join(map(_plain, row)) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _plain(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float | Decimal) else str(value)


# ---- rows and functions in Python ----------------------------------------------------------------


def create_dataframe(entry: Entry, _: Place) -> Sample:
    """A million tuples to a DataFrame, and counted."""
    rows = [(i, f"name{i % 1000}", i * 0.5, i % 2 == 0) for i in range(_ROWS)]
    began = time.perf_counter()
    counted = entry.session.createDataFrame(rows, "a long, b string, c double, d boolean").count()
    return Sample(_ROWS / (time.perf_counter() - began), counted)


def scalar_udf(entry: Entry, _: Place) -> Sample:
    """A Python function of one value, for a million rows."""
    function = entry.functions.udf(_shifted, "long")
    return _summed(entry, function)


def arrow_udf(entry: Entry, _: Place) -> Sample:
    """A Python function of whole pandas columns, for a million rows."""
    functions = entry.functions
    function = functions.pandas_udf(_shifted, "long", functionType=functions.PandasUDFType.SCALAR)
    return _summed(entry, function)


def _shifted(x: Any) -> Any:
    return x * 2 + 1


def _summed(entry: Entry, function: Any) -> Sample:
    frame = entry.session.range(0, _ROWS, 1, CORES)
    began = time.perf_counter()
    answer = frame.select(function("id").alias("x")).agg({"x": "sum"}).collect()[0][0]
    return Sample(_ROWS / (time.perf_counter() - began), answer)


# ---- planning, import, memory --------------------------------------------------------------------


def planning(entry: Entry, _: Place) -> Sample:
    """From an analysed query of twelve columns to the text that runs, in milliseconds."""
    from streamcore.plan.codegen import fragment_sql
    from streamcore.plan.rules import optimize

    functions = entry.functions
    frame = entry.session.createDataFrame([(1, 2, "x", 3.0)], "a int, b int, c string, d double")
    columns = [(functions.col("a") + at).alias(f"f{at}") for at in range(12)]
    plan = frame.where("a > 0").select(*columns).plan
    context = entry.session.execution.context()

    def once() -> float:
        began = time.perf_counter()
        optimized = optimize(plan)
        fragment_sql(
            optimized, {leaf.key: '"t"' for leaf in optimized.walk() if hasattr(leaf, "key")}, context
        )
        return (time.perf_counter() - began) * 1000

    return Sample(statistics.median(once() for _ in range(100)))


_IMPORT = "import time; a = time.perf_counter(); import {package}; print(time.perf_counter() - a)"
_READY = (
    "import time; import streamcore; a = time.perf_counter(); "
    "s = streamcore.Session.builder.master('local[2]').getOrCreate(); print(time.perf_counter() - a)"
)


def import_seconds(entry: Entry, _: Place) -> Sample:
    """`import streamcore` in a new process."""
    return Sample(float(_printed(entry, _IMPORT.format(package="streamcore"))))


def session_seconds(entry: Entry, _: Place) -> Sample:
    """From there to a session."""
    return Sample(float(_printed(entry, _READY)))


_SCAN = """
import json, resource, sys, streamcore
limit, source, target = sys.argv[1:]
session = (
    streamcore.Session.builder.master("local[2]").config("spark.streamcore.memory.limit", limit).getOrCreate()
)
session.read.parquet(source).where("l_quantity < 40").write.parquet(target)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"peak": peak, "rows": session.read.parquet(target).count()}))
"""


def memory_of_a_copy(entry: Entry, place: Place) -> Sample:
    """Scan, filter and write files four times the limit of memory: the peak of the process over the limit."""
    lineitem = tpch.table_file("lineitem", _scale(place))
    source = place.scratch / "source"
    source.mkdir()
    copies = max(1, -(-_COPIED // lineitem.stat().st_size))
    for number in range(copies):
        shutil.copy(lineitem, source / f"part-{number}.parquet")
    size = sum(file.stat().st_size for file in source.iterdir())
    printed = json.loads(_printed(entry, _SCAN, str(size // 4), str(source), str(place.scratch / "target")))
    return Sample(
        size / 4 / printed["peak"], None, {"peak MB": printed["peak"] / 1e6, "limit MB": size / 4e6}
    )


_COPIED = 2 << 30


def _printed(entry: Entry, program: str, *arguments: str) -> str:
    command = [interpreter(entry.name), "-c", program, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-400:])
    return done.stdout.strip().splitlines()[-1]


_OURS = ("streamcore",)
WORKLOADS = (
    Workload("tpch", "TPC-H, scale 1, 22 queries from SQL text, Parquet", "s", "session", tpch_queries,
             reach=8, max_repetitions=3),
    Workload("tpch-duckdb", "the same 22, against bare DuckDB (its time over ours)", "x", "session",
             tpch_against_duckdb, reach_value=0.77, engines=_OURS, max_repetitions=3),
    Workload("create-dataframe", "createDataFrame of 1M tuples, counted", "rows/s", "session",
             create_dataframe, reach=3, max_repetitions=5),
    Workload("udf", "Python function of one value, 1M rows", "rows/s", "session", scalar_udf, reach=1.5),
    Workload("pandas-udf", "Python function of pandas columns, 1M rows", "rows/s", "session", arrow_udf,
             reach=5),
    Workload("planning", "planning a query of 12 columns", "ms", "session", planning, reach_value=1.0,
             engines=_OURS),
    Workload("import", "import streamcore", "s", "process", import_seconds, reach_value=0.25, engines=_OURS),
    Workload("session", "Session ready after the import", "s", "process", session_seconds, reach_value=0.1,
             engines=_OURS),
    Workload("memory-of-a-copy", "scan, filter, write of 4x the memory limit (limit over peak)", "x",
             "process", memory_of_a_copy, reach_value=1.0, engines=_OURS, max_repetitions=1),
)  # fmt: skip
