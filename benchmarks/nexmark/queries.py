"""The queries of Nexmark in PySpark's API: one program for both engines.

They follow the SQL of the published suite (Beam, Flink).  Where Structured Streaming has no such operator,
the nearest form stands here, and `differs` says how: both engines compute that form.  Query 6, the mean of
the last ten selling prices of each seller, needs a window over rows, which Spark refuses over a stream;
query 10 writes files by time and computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DELAY = "2 seconds"


@dataclass(frozen=True)
class Tables:
    """What a query reads: three streams, a small table that does not change, and the column functions."""

    person: Any
    auction: Any
    bid: Any
    side: Any
    functions: Any


@dataclass(frozen=True)
class Query:
    """One query; `varies` is the column to compare where the others depend on the clock."""

    name: str
    title: str
    build: Callable[[Tables], Any]
    mode: str = "append"
    differs: str = ""
    varies: str | None = None


def q0(on: Tables) -> Any:
    """Hand every bid on."""
    return on.bid.select("auction", "bidder", "price", "dateTime", "extra")


def q1(on: Tables) -> Any:
    """Prices in euros."""
    F = on.functions
    euros = (F.col("price") * 0.908).alias("price")
    return on.bid.select("auction", "bidder", euros, "dateTime", "extra")


def q2(on: Tables) -> Any:
    """Bids for some auctions."""
    return on.bid.where("auction % 123 = 0").select("auction", "price")


def q3(on: Tables) -> Any:
    """Who sells in category 10 in Oregon, Idaho and California."""
    F = on.functions
    items = on.auction.where("category = 10").select(F.col("id").alias("item"), "seller")
    sellers = on.person.where("state IN ('OR', 'ID', 'CA')").select("id", "name", "city", "state")
    return items.join(sellers, F.expr("seller = id")).select("name", "city", "state", "item")


def q4(on: Tables) -> Any:
    """The mean of the prices for which auctions were sold, by category."""
    F = on.functions
    sold = _best_bids(on).select("category", "opened", F.col("best.price").alias("final"))
    by_category = sold.groupBy(F.window("opened", "10 seconds"), "category")
    return by_category.agg(F.avg("final").alias("mean")).select("window.end", "category", "mean")


def q5(on: Tables) -> Any:
    """The auction with the most bids of the last ten seconds, every two seconds."""
    F = on.functions
    windows = on.bid.withWatermark("dateTime", DELAY).groupBy(
        F.window("dateTime", "10 seconds", "2 seconds"), "auction"
    )
    counts = windows.agg(F.count("*").alias("bids"))
    most = counts.groupBy("window").agg(F.max(F.struct("bids", "auction")).alias("top"))
    return most.select("window.start", "window.end", "top.auction", "top.bids")


def q7(on: Tables) -> Any:
    """The highest bid of every ten seconds."""
    F = on.functions
    windows = on.bid.withWatermark("dateTime", DELAY).groupBy(F.window("dateTime", "10 seconds"))
    highest = windows.agg(F.max(F.struct("price", "dateTime", "auction", "bidder")).alias("top"))
    return highest.select("window.end", "top.price", "top.auction", "top.bidder")


def q8(on: Tables) -> Any:
    """Who came and opened an auction within the same ten seconds."""
    F = on.functions
    came = on.person.withWatermark("dateTime", DELAY)
    came = came.select("id", "name", F.window("dateTime", "10 seconds").alias("came"))
    opened = on.auction.withWatermark("dateTime", DELAY)
    opened = opened.select("seller", F.window("dateTime", "10 seconds").alias("opened"))
    return came.join(opened, F.expr("id = seller AND came = opened")).select("id", "name", "came.start")


def q9(on: Tables) -> Any:
    """The winning bid of every auction."""
    return _best_bids(on).select("item", "category", "opened", "best.price", "best.bidder")


def q11(on: Tables) -> Any:
    """How many bids people make in one go: until they pause for ten seconds."""
    F = on.functions
    sessions = on.bid.withWatermark("dateTime", DELAY).groupBy(
        F.session_window("dateTime", "10 seconds").alias("session"), "bidder"
    )
    counts = sessions.agg(F.count("*").alias("bids"))
    return counts.select("bidder", "bids", "session.start", "session.end")


def q12(on: Tables) -> Any:
    """How many bids people make in ten seconds of the clock."""
    F = on.functions
    arrived = on.bid.select("bidder", F.current_timestamp().alias("arrived"))
    counts = arrived.groupBy("bidder", F.window("arrived", "10 seconds")).agg(F.count("*").alias("bids"))
    return counts.select("bidder", "bids", "window.start")


def q13(on: Tables) -> Any:
    """Bids with what a table says of them."""
    F = on.functions
    bids = on.bid.withColumn("lot", F.expr("auction % 10000"))
    return bids.join(on.side, "lot").select("auction", "bidder", "price", "dateTime", "value")


def _best_bids(on: Tables) -> Any:
    """Of every auction the highest bid made while it was open, of equal ones the first."""
    F = on.functions
    items = on.auction.withWatermark("dateTime", DELAY).select(
        F.col("id").alias("item"), "category", F.col("dateTime").alias("opened"), "expires"
    )
    bids = on.bid.withWatermark("dateTime", DELAY).select(
        "auction", "bidder", "price", F.col("dateTime").alias("at")
    )
    # The longest auction is known, and bounds what a join must keep.
    during = "auction = item AND at >= opened AND at <= expires AND at <= opened + INTERVAL 10 SECONDS"
    made = items.join(bids, F.expr(during))
    best = F.max(F.struct("price", (-F.unix_micros("at")).alias("sooner"), "bidder")).alias("best")
    return made.groupBy("item", "category", "opened").agg(best)


QUERIES = (
    Query("q0", "hand on", q0),
    Query("q1", "convert currency", q1),
    Query("q2", "select", q2),
    Query("q3", "join people and auctions", q3),
    Query(
        "q4",
        "mean closing price by category",
        q4,
        differs="the mean is of every ten seconds, not of all time: Spark has no chain of aggregations that "
        "are updated",
    ),
    Query("q5", "hot items", q5, differs="of auctions with equally many bids one is given"),
    Query("q7", "highest bid", q7, differs="of equal bids one is given"),
    Query("q8", "new sellers", q8, differs="a row for every auction that they opened"),
    Query("q9", "winning bids", q9, differs="the highest is found by an aggregate, not by ROW_NUMBER"),
    Query("q11", "user sessions", q11),
    Query("q12", "windows of the clock", q12, mode="update", varies="bidder"),
    Query("q13", "join a table", q13),
)
