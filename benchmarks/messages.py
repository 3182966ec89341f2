"""Avro and Protobuf within columns: queries over a million messages, and the decoders alone.

    python -m benchmarks.messages [--rows 1000000] [--spark-avro JAR]

With the jar of spark-avro, PySpark runs the same Avro query over the same file, in turn.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.engines import ROOT, environment, interpreter
from benchmarks.entry import CORES

SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Sale",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "item", "type": "string"},
            {"name": "price", "type": ["null", "double"]},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        ],
    }
)
_SALE = (
    "named_struct('id', id, 'item', concat('item ', id % 1000), 'price', IF(id % 10 = 0, NULL, id * 0.5D), "
    "'kind', IF(id % 2 = 0, 'A', 'B'), 'at', timestamp_micros(1700000000000000 + id))"
)
_READ = "count(sale.item) AS items, sum(sale.id) AS ids, sum(sale.price) AS prices, max(sale.at) AS last"
_ROUNDS = 3

_PYSPARK = """
import json, sys, time
from pyspark.sql import SparkSession
from pyspark.sql.avro.functions import from_avro
jar, path, schema, read, cores, rounds = sys.argv[1:]
spark = SparkSession.builder.master(f"local[{cores}]").config("spark.jars", jar).config(
    "spark.ui.enabled", "false").config("spark.driver.memory", "4g").config(
    "spark.sql.session.timeZone", "UTC").config("spark.log.level", "OFF").getOrCreate()
times = []
for _ in range(int(rounds) + 1):
    began = time.perf_counter()
    table = spark.read.parquet(path).select(from_avro("avro", schema).alias("sale"))
    row = table.selectExpr(*read.split(", ")).collect()[0]
    times.append(time.perf_counter() - began)
print(json.dumps({"seconds": sorted(times[1:])[len(times[1:]) // 2], "answer": [str(v) for v in row]}))
"""


def main() -> None:
    """Print the figures."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        path = str(Path(scratch) / "messages")
        _report(asked, path)


def _report(asked: argparse.Namespace, path: str) -> None:
    from streamcore import Session

    session = (
        Session.builder.master(f"local[{CORES}]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    )
    _written(session, asked.rows, path)
    for name, read in (("from_avro", _avro), ("from_protobuf", _protobuf)):
        seconds, answer = _median(partial(_answer, session, path, read))
        print(f"{name}: {asked.rows / seconds:,.0f} rows/s {answer}")
    for name, write in (("to_avro", _to_avro), ("to_protobuf", _to_protobuf)):
        seconds, _ = _median(partial(_bytes, session, asked.rows, write))
        print(f"{name}: {asked.rows / seconds:,.0f} rows/s")
    for name, rate in _decoders(session, path).items():
        print(f"{name}: {rate:,.0f} rows/s on one core")
    session.stop()
    if asked.spark_avro:
        _compare(asked, path)


def _written(session: Any, rows: int, path: str) -> None:
    table = session.range(rows).selectExpr(f"{_SALE} AS sale")
    table.select(_to_avro().alias("avro"), _to_protobuf().alias("protobuf")).write.parquet(path)


def _files() -> bytes:
    from streamcore.formats.protobuf.descriptors import protobuf

    made = protobuf("descriptor_pb2")
    kinds = made.FieldDescriptorProto
    file = made.FileDescriptorProto(name="sale.proto", syntax="proto3")
    file.dependency.append("google/protobuf/timestamp.proto")
    kind = file.enum_type.add(name="Kind")
    for number, symbol in enumerate("AB"):
        kind.value.add(name=symbol, number=number)
    message = file.message_type.add(name="Sale")
    fields = (
        ("id", kinds.TYPE_INT64, ""), ("item", kinds.TYPE_STRING, ""), ("price", kinds.TYPE_DOUBLE, ""),
        ("kind", kinds.TYPE_ENUM, ".Kind"), ("at", kinds.TYPE_MESSAGE, ".google.protobuf.Timestamp"),
    )  # fmt: skip
    for number, (name, type_, of) in enumerate(fields, 1):
        message.field.add(
            name=name, number=number, type=type_, type_name=of or None, label=kinds.LABEL_OPTIONAL
        )
    data: bytes = made.FileDescriptorSet(file=[file]).SerializeToString()
    return data


def _avro() -> Any:
    from streamcore.sql.avro.functions import from_avro

    return from_avro("avro", SCHEMA)


def _protobuf() -> Any:
    from streamcore.sql.protobuf.functions import from_protobuf

    return from_protobuf("protobuf", "Sale", binaryDescriptorSet=_files())


def _to_avro() -> Any:
    from streamcore.sql.avro.functions import to_avro

    return to_avro("sale", SCHEMA)


def _to_protobuf() -> Any:
    from streamcore.sql.protobuf.functions import to_protobuf

    return to_protobuf("sale", "Sale", binaryDescriptorSet=_files())


def _answer(session: Any, path: str, read: Callable[[], Any]) -> list[str]:
    table = session.read.parquet(path).select(read().alias("sale"))
    return [str(value) for value in table.selectExpr(*_READ.split(", ")).collect()[0]]


def _bytes(session: Any, rows: int, write: Callable[[], Any]) -> list[str]:
    table = session.range(rows).selectExpr(f"{_SALE} AS sale").select(write().alias("data"))
    return [str(value) for value in table.selectExpr("sum(length(data))").collect()[0]]


def _decoders(session: Any, path: str) -> dict[str, float]:
    """The rates of both ways of both formats, over chunks as large as those of a statement."""
    from streamcore.formats.avro.decoding import decoder as avro
    from streamcore.formats.avro.options import AvroOptions
    from streamcore.formats.protobuf.decoding import decoder as protobuf
    from streamcore.formats.protobuf.options import ProtobufOptions

    table = session.read.parquet(path).limit(100_000).toArrow()
    found = {}
    for name, made in (
        ("avro", avro(SCHEMA, AvroOptions())),
        ("protobuf", protobuf(_files(), "Sale", ProtobufOptions())),
    ):
        rows = table.column(name).to_pylist()
        found[f"{name}, batches"] = _rate(made.values, rows)
        found[f"{name}, row by row"] = _rate(replace(made, fast=None).values, rows)
    return found


def _rate(read: Callable[[Sequence[bytes]], Any], rows: Sequence[bytes]) -> float:
    def all_chunks() -> None:
        for at in range(0, len(rows), 2048):
            read(rows[at : at + 2048])

    return len(rows) / _median(all_chunks)[0]


def _median(run: Callable[[], Any]) -> tuple[float, Any]:
    """The median of some rounds after a first one, and what they gave."""
    answer, times = run(), []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - began)
    return statistics.median(times), answer


def _compare(asked: argparse.Namespace, path: str) -> None:
    arguments = [asked.spark_avro, path, SCHEMA, _READ, str(CORES), str(_ROUNDS)]
    ran = subprocess.run(
        [interpreter("pyspark"), "-c", _PYSPARK, *arguments],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    printed = json.loads(ran.stdout.strip().splitlines()[-1])
    print(f"PySpark's from_avro: {asked.rows / printed['seconds']:,.0f} rows/s {printed['answer']}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--spark-avro", metavar="JAR")
    return parser.parse_args()


if __name__ == "__main__":
    main()
