"""One run of the demo: go on from the last one, stream for a while, compare, and say what was seen."""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from demo import pipeline
from demo.broker import TOPIC, Broker
from demo.comparison import Comparison, from_rows
from demo.display import Display, watermark_of
from demo.events import campaign_of_ad, views
from demo.producer import EventProducer, Journal
from streamcore import Session
from streamcore.sql.streaming import StreamingQuery

_FOLDER = Path("demo-output")
_ENVIRONMENT = """
environment:
  STREAMCORE_DEMO_KAFKA     bootstrap servers of a real broker, instead of the embedded one
  STREAMCORE_DEMO_DATABASE  SQLAlchemy URL of a database, instead of SQLite in the folder
"""


def main() -> int:
    """Run; return 0 when everything that was produced has arrived exactly once, else 1."""
    asked = _arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    broker = Broker(os.environ.get("STREAMCORE_DEMO_KAFKA"))
    producer = EventProducer(broker, Journal(asked.folder / "produced"), asked.rate)
    _say_where_it_starts(broker, producer, asked.folder)
    database = (
        os.environ.get("STREAMCORE_DEMO_DATABASE") or f"sqlite:///{(asked.folder / 'demo.sqlite').absolute()}"
    )
    session = Session.builder.master("local[2]").appName("demo").getOrCreate()
    try:
        queries = _start(session, broker, asked.folder, database)
        _stream(producer, queries, asked.seconds)
        comparison = _compare(session, producer, queries, asked.folder, database)
    finally:
        session.stop()
    return _report(comparison, asked.folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="examples/demo.py",
        description="Ad events from Kafka, through windows, into Parquet and a database, exactly once.",
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=20, help="how long events are produced; default 20")
    parser.add_argument("--rate", type=float, default=4_000, help="events per second; default 4000")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="default: demo-output")
    return parser.parse_args()


def _say_where_it_starts(broker: Broker, producer: EventProducer, folder: Path) -> None:
    known = producer.produced
    sent = producer.catch_up()
    print("Kafka:", "embedded broker" if broker.is_embedded else broker.bootstrap, "topic", TOPIC)
    if known:
        again = f"; {sent:,} of them sent again to the new broker" if broker.is_embedded else ""
        print(f"going on after {producer.produced:,} events of earlier runs (checkpoints in {folder}){again}")


def _start(session: Session, broker: Broker, folder: Path, database: str) -> list[StreamingQuery]:
    campaigns = session.createDataFrame(list(campaign_of_ad().items()), "ad_id STRING, campaign STRING")
    counts = pipeline.views_per_campaign(session, broker.bootstrap, TOPIC, campaigns)
    return [pipeline.to_parquet(counts, folder), pipeline.to_database(counts, folder, database)]


def _stream(producer: EventProducer, queries: Sequence[StreamingQuery], seconds: float) -> None:
    """Produce until the time is over, a query fails, or Ctrl-C."""
    display = Display(queries, seconds)
    deadline = time.monotonic() + seconds
    producer.start()
    try:
        while time.monotonic() < deadline and all(query.isActive for query in queries):
            display.draw(producer.produced)
            time.sleep(0.05)
    except KeyboardInterrupt:
        print("\nstopping (once more: at once)")
    finally:
        producer.stop()
        display.close()


def _compare(
    session: Session, producer: EventProducer, queries: Sequence[StreamingQuery], folder: Path, database: str
) -> Comparison:
    """Let the queries take the rest, stop them, and read what they wrote."""
    for query in queries:
        query.processAllAvailable()
        query.stop()
    columns = ["window_start", "campaign", "views"]
    # Nothing is there to tell the schema until the first window has closed.
    reader = session.read.schema("window_start TIMESTAMP, campaign STRING, views BIGINT")
    written = reader.parquet(str(folder / "parquet")).select(*columns).collect()
    return Comparison(
        produced=views(producer.produced),
        parquet=from_rows(tuple(row) for row in written),
        database=from_rows(_rows_of_table(database, columns)),
        watermark_ms=_milliseconds(watermark_of(queries[0])),
    )


def _rows_of_table(url: str, columns: Sequence[str]) -> list[tuple[datetime, str, int]]:
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    with engine.connect() as connection:
        table = sa.Table(pipeline.TABLE, sa.MetaData(), autoload_with=connection)
        rows = connection.execute(sa.select(*(table.c[name] for name in columns))).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def _milliseconds(iso: str) -> int:
    with suppress(ValueError):
        return int(datetime.fromisoformat(iso).timestamp() * 1000)
    return 0


def _report(comparison: Comparison, folder: Path) -> int:
    print()
    print(comparison.table())
    print()
    wrong = comparison.differences
    if wrong:
        print(*wrong[:10], sep="\n")
        print(f"{len(wrong)} of {comparison.compared} counts differ.")
        return 1
    print(f"All {comparison.compared} counts (window x campaign) are exactly what was produced.")
    print(f"Run it again and it goes on from the checkpoints in {folder}; kill it in the middle, too.")
    return 0
