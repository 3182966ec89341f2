"""What a user may say of a stream wrongly, or not: each program ends well or is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SCHEMA = "ts timestamp, k string, v bigint"


@dataclass(frozen=True)
class Place:
    """Where a program runs: a session, functions, and a maker of empty folders."""

    session: Any
    functions: Any
    folder: Callable[[], str]

    @property
    def stream(self) -> Any:
        """A stream of files."""
        return self.session.readStream.schema(SCHEMA).json(self.folder())

    @property
    def batch(self) -> Any:
        """Two rows."""
        return self.session.createDataFrame([("a", 1), ("b", 2)], "k string, v bigint")

    @property
    def writer(self) -> Any:
        """A writer of the stream."""
        return self.stream.writeStream

    @property
    def rate(self) -> Any:
        """A stream that makes its rows itself."""
        return self.session.readStream.format("rate").load()

    def ends(self, writer: Any, **start: Any) -> None:
        """Starts a query with a checkpoint of its own, and stops it."""
        writer.option("checkpointLocation", self.folder()).start(**start).stop()


Program = Callable[[Place], Any]


class _NoProcess:
    pass


class _ProcessIsNoMethod:
    process = 3


class _OpenIsNoMethod:
    open = 3

    def process(self, row: Any) -> None:
        """Takes a row."""


_ACTIONS: dict[str, Program] = {
    name: lambda p, name=name: getattr(p.stream, name)()  # type: ignore[misc]
    for name in (
        "show", "collect", "count", "toPandas", "toArrow", "first", "head", "isEmpty", "toLocalIterator",
        "cache", "persist", "checkpoint", "localCheckpoint", "toJSON",
    )
}  # fmt: skip

_TRIGGERS: dict[str, dict[str, Any]] = {
    "none": {},
    "two": {"processingTime": "10 seconds", "once": True},
    "once and available now": {"once": True, "availableNow": True},
    "real time and once": {"realTime": "5 minutes", "once": True},
    "an empty interval": {"processingTime": ""},
    "a blank interval": {"processingTime": "   "},
    "an interval that is a number": {"processingTime": 5},
    "an interval without a unit": {"processingTime": "5"},
    "an interval that is none": {"processingTime": "nonsense"},
    "a negative interval": {"processingTime": "-1 seconds"},
    "an interval in months": {"processingTime": "1 month"},
    "no interval": {"processingTime": "0 seconds"},
    "an interval with its word": {"processingTime": "interval 1 second"},
    "a part of a second": {"processingTime": "1.5 seconds"},
    "an interval of two units": {"processingTime": "1 minute 30 seconds"},
    "an interval in capitals": {"processingTime": "10 SECONDS"},
    "an interval among spaces": {"processingTime": " 10 seconds "},
    "once, not": {"once": False},
    "once, as a number": {"once": 1},
    "once": {"once": True},
    "available now, not": {"availableNow": False},
    "available now, as a text": {"availableNow": "true"},
    "available now": {"availableNow": True},
    "continuous, empty": {"continuous": ""},
    "continuous, a number": {"continuous": 5},
    "continuous, negative": {"continuous": "-1 second"},
    "continuous, no interval": {"continuous": "x"},
    "continuous, months": {"continuous": "1 month"},
    "continuous": {"continuous": "1 second"},
    "real time, empty": {"realTime": ""},
    "real time, a number": {"realTime": 5},
    "real time, zero": {"realTime": "0 seconds"},
    "real time, negative": {"realTime": "-1 second"},
    "real time, no interval": {"realTime": "x"},
    "real time": {"realTime": "5 minutes"},
}

_CONTINUOUS: dict[str, Callable[[Any, Any], Any]] = {
    "a projection": lambda s, F: s.select((s.value + 1).alias("v")).where("v > 1"),
    "an aggregation": lambda s, F: s.groupBy("value").count(),
    "a deduplication": lambda s, F: s.dropDuplicates(),
    "a limit": lambda s, F: s.limit(3),
    "a watermark": lambda s, F: s.withWatermark("timestamp", "1 second"),
    "a union": lambda s, F: s.union(s),
    "explode": lambda s, F: s.select(F.explode(F.array("value"))),
    "current_timestamp": lambda s, F: s.select(F.current_timestamp()),
    "a sort": lambda s, F: s.orderBy("value"),
    "a sample": lambda s, F: s.sample(0.5),
    "repartition": lambda s, F: s.repartition(2),
    "coalesce": lambda s, F: s.coalesce(1),
    "observe": lambda s, F: s.observe("a", F.count(F.lit(1))),
    "a random number": lambda s, F: s.select(F.rand()),
}


def _counted(p: Place) -> Any:
    return p.stream.groupBy("k").count().writeStream


PROGRAMS: dict[str, Program] = {
    **{f"action: {name}": program for name, program in _ACTIONS.items()},
    "action: take": lambda p: p.stream.take(1),
    "action: tail": lambda p: p.stream.tail(1),
    "action: foreach": lambda p: p.stream.foreach(print),
    "action: foreachPartition": lambda p: p.stream.foreachPartition(print),
    "action: rdd": lambda p: p.stream.rdd,
    "action: write": lambda p: p.stream.write,
    "action: approxQuantile": lambda p: p.stream.approxQuantile("v", [0.5], 0.1),
    "action: corr": lambda p: p.stream.corr("v", "v"),
    "action: a grouped show": lambda p: p.stream.groupBy("k").count().show(),
    "action: explain": lambda p: p.stream.explain(),
    "action: schema": lambda p: p.stream.schema,
    "action: createTempView": lambda p: p.stream.createOrReplaceTempView("a_stream"),
    "batch: writeStream": lambda p: p.batch.writeStream,
    "batch: dropDuplicatesWithinWatermark": lambda p: p.batch.dropDuplicatesWithinWatermark(["k"]).collect(),
    **{
        f"trigger: {name}": lambda p, given=given: p.writer.trigger(**given)  # type: ignore[misc]
        for name, given in _TRIGGERS.items()
    },
    **{
        f"continuous: {name}": lambda p, build=build: p.ends(  # type: ignore[misc]
            build(p.rate, p.functions)
            .writeStream.format("noop")
            .outputMode("update")
            .trigger(continuous="1 second")
        )
        for name, build in _CONTINUOUS.items()
    },
    "continuous: files": lambda p: p.ends(p.writer.format("noop").trigger(continuous="1 second")),
    "continuous: foreachBatch": lambda p: p.ends(
        p.rate.writeStream.foreachBatch(print).trigger(continuous="1 second")
    ),
    "real time: append": lambda p: p.ends(p.rate.writeStream.format("console").trigger(realTime="5 minutes")),
    "real time: too short": lambda p: p.ends(
        p.rate.writeStream.format("console").outputMode("update").trigger(realTime="4 seconds")
    ),
    "real time: noop": lambda p: p.ends(
        p.rate.writeStream.format("noop").outputMode("update").trigger(realTime="5 minutes")
    ),
    "real time: foreachBatch": lambda p: p.ends(
        p.rate.writeStream.foreachBatch(print).outputMode("update").trigger(realTime="5 minutes")
    ),
    **{
        f"mode: {mode!r}": lambda p, mode=mode: p.writer.outputMode(mode)  # type: ignore[misc]
        for mode in ("append", "Append", " APPEND ", "update", "complete", "overwrite", "", "  ", None, 3)
    },
    **{
        f"query name: {name!r}": lambda p, name=name: p.writer.queryName(name)  # type: ignore[misc]
        for name in ("clicks", "", "  ", None, 3)
    },
    "sink: unknown": lambda p: p.ends(p.writer.format("nope")),
    "sink: no checkpoint": lambda p: p.writer.format("parquet").start(p.folder()),
    "sink: no path": lambda p: p.ends(p.writer.format("parquet")),
    "sink: no format, no path": lambda p: p.ends(p.writer),
    "sink: memory without a name": lambda p: p.ends(p.writer.format("memory")),
    "sink: memory, update": lambda p: p.ends(
        p.writer.format("memory").queryName("args1").outputMode("update")
    ),
    "sink: memory, complete": lambda p: p.ends(
        _counted(p).format("memory").queryName("args2").outputMode("complete")
    ),
    "sink: files, update": lambda p: p.ends(p.writer.format("parquet").outputMode("update"), path=p.folder()),
    "sink: files, complete": lambda p: p.ends(
        _counted(p).format("parquet").outputMode("complete"), path=p.folder()
    ),
    "sink: files, update of a count": lambda p: p.ends(
        _counted(p).format("json").outputMode("update"), path=p.folder()
    ),
    "sink: noop": lambda p: p.ends(p.writer.format("noop")),
    "sink: rate": lambda p: p.ends(p.writer.format("rate")),
    "sink: path twice": lambda p: p.ends(
        p.writer.format("parquet").option("path", p.folder()), path=p.folder()
    ),
    "sink: mode of start": lambda p: p.ends(p.writer.format("noop"), outputMode="nope"),
    "sink: name of start": lambda p: p.ends(p.writer.format("noop"), queryName=""),
    "sink: partitions of start": lambda p: p.ends(
        p.writer.format("parquet"), path=p.folder(), partitionBy="k"
    ),
    "partitionBy: memory": lambda p: p.ends(p.writer.format("memory").queryName("args3").partitionBy("k")),
    "partitionBy: foreach": lambda p: p.ends(p.writer.foreach(print).partitionBy("k")),
    "partitionBy: foreachBatch": lambda p: p.ends(p.writer.foreachBatch(print).partitionBy("k")),
    "partitionBy: an unknown column": lambda p: p.ends(
        p.writer.format("parquet").partitionBy("nope"), path=p.folder()
    ),
    "partitionBy: all columns": lambda p: p.ends(
        p.writer.format("parquet").partitionBy("ts", "k", "v"), path=p.folder()
    ),
    "partitionBy: a column twice": lambda p: p.ends(
        p.writer.format("parquet").partitionBy("k", "k"), path=p.folder()
    ),
    "partitionBy: an array": lambda p: p.ends(
        p.stream.select("k", p.functions.array("v").alias("a"))
        .writeStream.format("parquet")
        .partitionBy("a"),
        path=p.folder(),
    ),
    "partitionBy: in capitals": lambda p: p.ends(
        p.writer.format("parquet").partitionBy("K"), path=p.folder()
    ),
    "foreach: a number": lambda p: p.writer.foreach(3),
    "foreach: without process": lambda p: p.writer.foreach(_NoProcess()),
    "foreach: process is no method": lambda p: p.writer.foreach(_ProcessIsNoMethod()),
    "foreach: open is no method": lambda p: p.writer.foreach(_OpenIsNoMethod()),
    "foreachBatch: update": lambda p: p.ends(p.writer.foreachBatch(print).outputMode("update")),
    "foreachBatch: complete of no aggregate": lambda p: p.ends(
        p.writer.foreachBatch(print).outputMode("complete")
    ),
    "toTable: an empty name": lambda p: p.writer.option("checkpointLocation", p.folder()).toTable(""),
    "toTable: a name of two words": lambda p: p.writer.option("checkpointLocation", p.folder()).toTable(
        "a b"
    ),
    "toTable: memory": lambda p: p.writer.option("checkpointLocation", p.folder()).toTable(
        "t1", format="memory"
    ),
    "toTable: update": lambda p: p.writer.option("checkpointLocation", p.folder()).toTable(
        "t2", outputMode="update"
    ),
    "reader: json without a schema": lambda p: p.session.readStream.json(p.folder()),
    "reader: no format, no path": lambda p: p.session.readStream.load(),
    "reader: text": lambda p: p.session.readStream.text(p.folder()),
    "reader: a missing folder": lambda p: p.session.readStream.schema(SCHEMA).json("/nonexistent/xyz"),
    "reader: an empty path": lambda p: p.session.readStream.schema(SCHEMA).json(""),
    "reader: no path": lambda p: p.session.readStream.schema(SCHEMA).json(None),
    "reader: a number for a path": lambda p: p.session.readStream.schema(SCHEMA).json(3),
    "reader: a list of paths": lambda p: p.session.readStream.schema(SCHEMA).json([p.folder()]),
    "reader: a number for a schema": lambda p: p.session.readStream.schema(3),
    "reader: a wrong schema": lambda p: p.session.readStream.schema("k nope"),
    "reader: an unknown format": lambda p: p.session.readStream.format("nope").load(),
    "reader: console": lambda p: p.session.readStream.format("console").load(),
    "reader: an unknown table": lambda p: p.session.readStream.table("nope_at_all"),
    "reader: a number for a table": lambda p: p.session.readStream.table(3),
    **{
        f"reader: rate with {name}={value}": lambda p, name=name, value=value: (  # type: ignore[misc]
            p.session.readStream.format("rate").option(name, value).load()
        )
        for name, value in (
            ("rowsPerSecond", "x"),
            ("rowsPerSecond", "0"),
            ("rowsPerSecond", "-1"),
            ("numPartitions", "0"),
            ("rampUpTime", "-1s"),
            ("rowsPerSecond", "5"),
        )
    },
    "reader: rate with a schema": lambda p: p.session.readStream.format("rate").schema("a int").load(),
    "reader: socket without a host": lambda p: p.session.readStream.format("socket").load(),
    "watermark: an unknown column": lambda p: p.stream.withWatermark("nope", "1 second"),
    "watermark: no time": lambda p: p.stream.withWatermark("v", "1 second"),
    "watermark: a negative delay": lambda p: p.stream.withWatermark("ts", "-1 second"),
    "watermark: an empty delay": lambda p: p.stream.withWatermark("ts", ""),
    "watermark: no interval": lambda p: p.stream.withWatermark("ts", "x"),
    "watermark: a number for a delay": lambda p: p.stream.withWatermark("ts", 3),
    "watermark: no column": lambda p: p.stream.withWatermark(None, "3 seconds"),
    "watermark: an empty column": lambda p: p.stream.withWatermark("", "3 seconds"),
    "dropDuplicates: a text": lambda p: p.stream.dropDuplicates("k"),
    "dropDuplicatesWithinWatermark: an unknown column": lambda p: p.stream.dropDuplicatesWithinWatermark(
        ["nope"]
    ),
    "window: no interval": lambda p: p.stream.groupBy(p.functions.window("ts", "x")).count(),
    "window: a negative interval": lambda p: p.stream.groupBy(p.functions.window("ts", "-1 second")).count(),
    "window: a slide longer than the window": lambda p: p.stream.groupBy(
        p.functions.window("ts", "1 second", "2 seconds")
    ).count(),
    "window: two": lambda p: p.stream.groupBy(
        p.functions.window("ts", "1 second"), p.functions.window("ts", "2 second")
    ).count(),
}


def outcome(program: Program, place: Place) -> dict[str, str] | None:
    """How a program is refused: the condition, or nothing for an error without one; None when it is not."""
    try:
        program(place)
    except Exception as error:
        text = str(error)
        found = text.split("]", maxsplit=1)[0].lstrip("[") if text.startswith("[") else ""
        return {"condition": found, "text": text.split("\n", maxsplit=1)[0][:200]}
    return None
