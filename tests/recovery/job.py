"""The query that the recovery tests kill: rows counted in windows, with random numbers in the result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.recovery.operator_variants import OPERATORS, TRAINING

SCHEMA = "ts timestamp, k string, v bigint"
WINDOW_SECONDS = 10
DELAY_SECONDS = 10


@dataclass(frozen=True)
class Job:
    """One query: where it reads, what it writes.

    source, sink
        Format and options.
    trigger
        "availableNow", or "forever" (until the process is killed).
    variant
        Which of VARIANTS.
    has_lock
        Whether the checkpoint's storage can lock, as the local disk can and an object store cannot.
    largest_file
        Bytes; the disk is full for whoever wants more.
    """

    source: tuple[str, dict[str, str]]
    sink: tuple[str, dict[str, str]]
    checkpoint: str
    mode: str = "append"
    trigger: str = "availableNow"
    conf: dict[str, str] = field(default_factory=dict)
    variant: str = "windows"
    has_lock: bool = True
    largest_file: int | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        fields = json.loads(text)
        return cls(**{**fields, "source": tuple(fields["source"]), "sink": tuple(fields["sink"])})


def run(job: Job) -> None:
    """Runs the query in this process; raises what ends it."""
    if not job.has_lock:
        from streamcore.storage.local import LocalStorage

        del LocalStorage.try_lock
        if "://" in job.checkpoint:
            from streamcore.storage.objects.storage import ObjectStorage

            del ObjectStorage.try_lock
    if job.largest_file is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (job.largest_file, resource.RLIM_INFINITY))
    query = start(job)
    query.awaitTermination()


def start(job: Job) -> Any:
    from streamcore import Session

    builder = Session.builder.master("local[1]")
    session = builder.config(map={"spark.sql.session.timeZone": "UTC", **job.conf}).getOrCreate()
    frame = VARIANTS[job.variant](rows_of(session, job))
    kind, options = job.sink
    if kind == "kafka":
        frame = frame.selectExpr("CAST(k AS STRING) AS key", "to_json(struct(*)) AS value")
    writer = frame.writeStream.format(kind).outputMode(job.mode).options(**options)
    if job.trigger == "availableNow":
        writer = writer.trigger(availableNow=True)
    return writer.option("checkpointLocation", job.checkpoint).start()


def rows_of(session: Any, job: Job) -> Any:
    """The source's rows as SCHEMA."""
    kind, options = job.source
    reader = session.readStream.format(kind).options(**options)
    if kind == "postgres-changes":
        return reader.load()
    column = {"kafka": "value", "aws-kinesis": "data"}.get(kind)
    if column is None:
        return reader.schema(SCHEMA).load()
    parsed = f"from_json(CAST({column} AS STRING), '{SCHEMA}') AS row"
    return reader.load().selectExpr(parsed).select("row.*")


def windows(rows: Any) -> Any:
    return _in_windows(
        rows,
        """
        SELECT window.start AS start, window.end AS finish, k, n, total, luck, rand() AS chance FROM (
            SELECT k, window(ts, '10 seconds') AS window, count(*) AS n, sum(v) AS total, max(luck) AS luck
            FROM rows_under_watermark GROUP BY k, window(ts, '10 seconds')
        )
        """,
    )


def other_keys(rows: Any) -> Any:
    """A changed query: its groups are numbers, its result looks the same."""
    return _in_windows(
        rows,
        """
        SELECT window.start AS start, window.end AS finish, CAST(k AS STRING) AS k, n, total, luck,
            rand() AS chance FROM (
            SELECT v AS k, window(ts, '10 seconds') AS window, count(*) AS n, sum(v) AS total,
                max(luck) AS luck
            FROM rows_under_watermark GROUP BY v, window(ts, '10 seconds')
        )
        """,
    )


def other_measures(rows: Any) -> Any:
    """A changed query: what it keeps has the same types, and means something else."""
    return _in_windows(
        rows,
        """
        SELECT window.start AS start, window.end AS finish, k, n, total, luck, rand() AS chance FROM (
            SELECT k, window(ts, '10 seconds') AS window, count(*) AS n, max(v) AS total, max(luck) AS luck
            FROM rows_under_watermark GROUP BY k, window(ts, '10 seconds')
        )
        """,
    )


def totals(rows: Any) -> Any:
    """State that is kept for ever, so that its files become many and are merged."""
    rows.createOrReplaceTempView("all_rows")
    return rows.sparkSession.sql(
        """
        SELECT timestamp'1970-01-01' AS start, timestamp'1970-01-01' AS finish, k, count(*) AS n,
            sum(v) AS total, 0D AS luck, 0D AS chance
        FROM all_rows GROUP BY k
        """
    )


NEAR_SECONDS = 8


def joined(rows: Any) -> Any:
    """Rows with those of the same key that came up to eight seconds later: the source is read twice.

    Every row comes out: the delay is so long that none is late, the last batch of a job ends all waiting.
    """
    marked = rows.where("k is not null").withWatermark("ts", "1 hour")
    near = f"l.k = r.k and r.ts > l.ts and r.ts <= l.ts + interval {NEAR_SECONDS} seconds"
    pairs = marked.alias("l").join(marked.alias("r"), _expr(near), "left")
    return pairs.selectExpr(
        "l.ts AS start", "r.ts AS finish", "l.k", "l.v AS n", "r.v AS total", "0D AS luck", "rand() AS chance"
    )


def _expr(text: str) -> Any:
    from streamcore.sql import functions

    return functions.expr(text)


def no_state(rows: Any) -> Any:
    """A changed query: the same columns, and no state."""
    return rows.selectExpr(
        "ts AS start", "ts AS finish", "k", "v AS n", "v AS total", "rand() AS luck", "rand() AS chance"
    )


def _in_windows(rows: Any, statement: str) -> Any:
    watermarked = rows.withWatermark("ts", f"{DELAY_SECONDS} seconds")
    watermarked.selectExpr("*", "rand() AS luck").createOrReplaceTempView("rows_under_watermark")
    return rows.sparkSession.sql(statement)


def passed_on(rows: Any) -> Any:
    """No state: every row with a random number."""
    return rows.selectExpr("ts", "k", "v", "rand() AS chance")


def parsed_with_letters(rows: Any) -> Any:
    """No state: texts, of which those that are no rows are kept beside the commit."""
    from streamcore.sql import functions

    path = rows.sparkSession.conf.get("test.letters")
    parsed = functions.from_json("k", "v int", {"badRecordsPath": path})
    return rows.select("ts", parsed["v"].alias("k"), "v", functions.rand().alias("chance"))


def mirrored(rows: Any) -> Any:
    """The changes of a table, for a copy of it."""
    return rows.drop("_xid", "_commit_timestamp")


VARIANTS = {
    "windows": windows,
    "parsed with letters": parsed_with_letters,
    "totals": totals,
    "other keys": other_keys,
    "other measures": other_measures,
    "joined": joined,
    "no state": no_state,
    "passed on": passed_on,
    "mirrored": mirrored,
    **OPERATORS,
    **TRAINING,
}

# ---- input ---------------------------------------------------------------------------------------

Row = tuple[float | None, str | None, int | None]


def batches_of_rows(count: int, mode: str, per_batch: int = 6) -> list[list[Row]]:
    """`count` micro-batches, ten seconds of event time each; from the fourth on, one row in each is late.

    Null is among the keys, but for the update mode: a database cannot find a row by it.
    """
    no_key = "d" if mode == "update" else None
    batches: list[list[Row]] = []
    for number in range(count):
        rows: list[Row] = [
            (number * 10 + n * 10 / per_batch, "abc"[(number + n) % 3], number * 100 + n)
            for n in range(per_batch)
        ]
        rows.append((max(number - 1, 0) * 10 + 5, no_key, 1))
        if number >= 4:
            rows.append(((number - 4) * 10 + 5, "a", 1_000_000))
        batches.append(rows)
    return batches


def as_json(row: Row) -> str:
    from datetime import UTC, datetime

    ts, k, v = row
    moment = None if ts is None else datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps({"ts": moment, "k": k, "v": v})


def write_files(folder: Path, batches: Sequence[Sequence[Row]]) -> None:
    """One JSON file per batch, in the order of their names and times."""
    import os

    folder.mkdir(exist_ok=True)
    for number, rows in enumerate(batches):
        path = folder / f"{number:04d}.json"
        path.write_text("".join(as_json(row) + "\n" for row in rows))
        os.utime(path, (1_600_000_000 + number,) * 2)


def expected_windows(batches: Sequence[Sequence[Row]], mode: str) -> set[tuple[Any, ...]]:
    """(start, k, n, total) of every row in the sink when all is done, by plain Python."""
    from tests.oracle.streaming.model import WindowModel

    model = WindowModel(mode, WINDOW_SECONDS, WINDOW_SECONDS, DELAY_SECONDS, key=lambda row: row[1])
    found = {}
    pending = list(batches)
    while pending or model.may_close_more:
        found.update(model.batch(pending.pop(0) if pending else []))
    return {(window[0], k, len(rows), sum(row[2] for row in rows)) for (window, k), rows in found.items()}
