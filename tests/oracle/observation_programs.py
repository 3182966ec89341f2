"""What may be observed, and what is: programs that run on PySpark and on streamcore alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Batch = Callable[[Any, Any, Any], Any]
"""(frame, functions, observe) -> the observed values; `frame` has the columns name string, age bigint."""

Measures = Callable[[Any], Sequence[Any]]


def _twice(frame: Any) -> Any:
    return frame.union(frame)


MEASURES: dict[str, Measures] = {
    "count and max": lambda F: (F.count(F.lit(1)).alias("c"), F.max("age")),
    "count star": lambda F: (F.expr("count(*)"),),
    "a constant": lambda F: (F.lit(42),),
    "a constant with a name": lambda F: (F.lit(42).alias("x"),),
    "an expression of aggregates": lambda F: (F.sum("age") + F.avg("age") - F.lit(1),),
    "an expression inside an aggregate": lambda F: (F.sum(F.col("age") * 2 + 1).alias("s"),),
    "nulls counted": lambda F: (F.count("age").alias("c"), F.count_if(F.col("age").isNull()).alias("n")),
    "the same name twice": lambda F: (F.max("age").alias("x"), F.min("age").alias("x")),
    "a median": lambda F: (F.percentile_approx("age", 0.5).alias("p"),),
    "a list": lambda F: (F.collect_list("age").alias("l"),),
    "a decimal": lambda F: (F.sum(F.col("age").cast("decimal(10,2)")).alias("d"),),
    "a timestamp": lambda F: (F.max(F.to_timestamp(F.lit("2024-01-01 00:00:00"))).alias("t"),),
    "a column": lambda F: (F.col("age"),),
    "a star": lambda F: (F.col("*"),),
    "a column beside an aggregate": lambda F: (F.sum("age") + F.col("age"),),
    "a distinct aggregate": lambda F: (F.countDistinct("age"),),
    "sum_distinct": lambda F: (F.sum_distinct("age"),),
    "an aggregate with a filter": lambda F: (F.expr("count(*) filter (where age > 2)"),),
    "nested aggregates": lambda F: (F.sum(F.max("age")),),
    "a window": lambda F: (F.expr("sum(age) over (partition by name)"),),
    "a random number": lambda F: (F.rand(),),
    "a generator": lambda F: (F.explode(F.array(F.lit(1))),),
    "an unknown column": lambda F: (F.max("nope"),),
}

PLACES: dict[str, Batch] = {
    "below a filter": lambda d, F, observe: observe(d).where("age > 3").collect(),
    "above a filter": lambda d, F, observe: observe(d.where("age > 3")).collect(),
    "below a filter that drops all": lambda d, F, observe: observe(d).where("age > 100").collect(),
    "above no rows": lambda d, F, observe: observe(d.where("age > 100")).collect(),
    "below an aggregation": lambda d, F, observe: observe(d).groupBy("name").count().collect(),
    "above an aggregation": lambda d, F, observe: observe(
        d.groupBy("name").agg(F.max("age").alias("age"))
    ).collect(),
    "on one side of a join": lambda d, F, observe: observe(d).join(d, "name").collect(),
    "on both sides of a union": lambda d, F, observe: _twice(observe(d)).collect(),
    "below a sort and a limit": lambda d, F, observe: observe(d).orderBy("age").limit(1).collect(),
    "under count": lambda d, F, observe: observe(d).count(),
    "under toPandas": lambda d, F, observe: observe(d).toPandas(),
    "under cache": lambda d, F, observe: observe(d).cache().count(),
    "below a projection that reads nothing of it": lambda d, F, observe: observe(d).select("name").collect(),
}

STREAMS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "below and above a window": (
        "append",
        lambda s, F: (
            s.observe("below", F.count(F.lit(1)).alias("n"), F.max("v"))
            .withWatermark("ts", "10 seconds")
            .groupBy(F.window("ts", "10 seconds"), "k")
            .agg(F.sum("v").alias("s"))
            .observe("above", F.count(F.lit(1)).alias("groups"), F.sum("s").alias("total"))
        ),
    ),
    "two, with a filter between them": (
        "append",
        lambda s, F: (
            s.observe("a", F.count(F.lit(1)).alias("n"))
            .where("v > 2")
            .observe("b", F.count(F.lit(1)).alias("n"), F.max("k"), F.avg("v").alias("a"))
        ),
    ),
    "above a count, complete": (
        "complete",
        lambda s, F: (
            s.groupBy("k").count().observe("a", F.count(F.lit(1)).alias("n"), F.sum("count").alias("t"))
        ),
    ),
    "above a count, update": (
        "update",
        lambda s, F: (
            s.groupBy("k").count().observe("a", F.count(F.lit(1)).alias("n"), F.sum("count").alias("t"))
        ),
    ),
    "in a chain": (
        "append",
        lambda s, F: (
            s.withWatermark("ts", "0 seconds")
            .dropDuplicates(["ts", "k"])
            .observe("a", F.count(F.lit(1)).alias("n"))
            .groupBy(F.window("ts", "10 seconds"))
            .count()
            .observe("b", F.count(F.lit(1)).alias("n"))
        ),
    ),
    "below and above a union": (
        "append",
        lambda s, F: (
            s.observe("a", F.count(F.lit(1)).alias("n")).union(s).observe("b", F.count(F.lit(1)).alias("n"))
        ),
    ),
    "on both sides of a union": (
        "append",
        lambda s, F: _twice(s.observe("a", F.count(F.lit(1)).alias("n"))),
    ),
    "above a watermark, below a filter": (
        "append",
        lambda s, F: (
            s.withWatermark("ts", "0 seconds").observe("a", F.count(F.lit(1)).alias("n")).where("v > 9")
        ),
    ),
    "below a watermark that a filter of event time follows": (
        "append",
        lambda s, F: (
            s.observe("a", F.sum("v").alias("v"))
            .withWatermark("ts", "0 seconds")
            .where("ts > timestamp '2024-01-01 00:00:10'")
            .observe("b", F.sum("v").alias("v"))
            .groupBy(F.window("ts", "10 seconds"))
            .count()
        ),
    ),
    "a constant": ("append", lambda s, F: s.observe("a", F.lit(5).alias("five"))),
    "one name for two": (
        "append",
        lambda s, F: s.observe("a", F.count(F.lit(1)).alias("n")).observe("a", F.max("v").alias("n")),
    ),
    "one name twice": (
        "append",
        lambda s, F: s.observe("a", F.count(F.lit(1)).alias("n")).observe("a", F.count(F.lit(1)).alias("n")),
    ),
}

BATCHES = (
    [("2024-01-01 00:00:01", "a", 1), ("2024-01-01 00:00:02", "b", 2)],
    [("2024-01-01 00:00:31", "a", 3), ("2024-01-01 00:00:02", "b", 4)],
)
PEOPLE = [("Alice", 2), ("Bob", 5), ("Cy", None)]


def condition(error: Exception) -> str:
    """The name of an error's condition, by which both engines' refusals are compared."""
    return str(error).split("]")[0].lstrip("[")
