"""Where the killed queries write, and how a test reads what is there."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from streamcore.spi.file_manifest import HIDDEN_FOLDER, read_manifest, staged_path
from streamcore.storage.local import LocalStorage
from tests.recovery.job import Job, Row, write_files
from tests.services.kafka_topics import KafkaTopics
from tests.services.postgres_databases import Database

COLUMNS = ("start", "finish", "k", "n", "total", "luck", "chance")

Table = list[tuple[Any, ...]]


@dataclass
class Place:
    """One kind of output in one mode; every `sink` call gives a new, empty one.

    `rows` reads a sink's rows, sorted; times are seconds.
    """

    kind: str
    mode: str
    folder: Path
    database: Database | None = None
    kafka: KafkaTopics | None = None
    _numbers: Any = field(default_factory=itertools.count)

    def sink(self) -> tuple[str, dict[str, str]]:
        number = next(self._numbers)
        if self.kind == "parquet":
            return "parquet", {"path": str(self.folder / f"out-{number}"), "compactInterval": "2"}
        if self.kind == "kafka":
            assert self.kafka is not None
            # Trials are of one query id, so each has a ledger of its own.
            topic = self.kafka.new_topic()
            names = {"topic": topic, "ledgerTopic": f"{topic}-ledger", "kafka.linger.ms": "0"}
            return "kafka", {"kafka.bootstrap.servers": self.kafka.bootstrap, **names}
        keys = {"keyColumns": "start,k"} if self.mode == "update" else {}
        if self.kind == "delta":
            return "delta", {"path": str(self.folder / f"out-{number}"), **keys}
        if self.kind == "iceberg":
            uri = f"sqlite:///{self.folder / 'catalog.db'}" if self.database is None else self.database.url
            where = {"catalog.uri": uri, "catalog.warehouse": str(self.folder / "warehouse")}
            return "iceberg", {"path": f"lake.db.out_{number}", **where, **keys}
        if self.kind == "sqlite":
            url = f"sqlite:///{self.folder / f'out-{number}.db'}"
            return "database", {"url": url, "dbtable": "windows", **keys}
        assert self.database is not None
        return "database", {"url": self.database.url, "dbtable": f"windows_{number}", **keys}

    def rows(self, sink: tuple[str, dict[str, str]]) -> Table:
        _, options = sink
        if self.kind == "parquet":
            return rows_of_files(options["path"])
        if self.kind == "delta":
            return _table(DeltaTable(options["path"]).to_pyarrow_table())
        if self.kind == "kafka":
            assert self.kafka is not None
            values = [json.loads(record.value or b"") for record in self.kafka.read(options["topic"])]
            return normal([tuple(row.get(name) for name in COLUMNS) for row in values])
        if self.kind == "iceberg":
            return _table(rows_of_iceberg(options))
        table = options["dbtable"]
        if self.kind == "sqlite":
            return rows_of_sqlite(options["url"].removeprefix("sqlite:///"), table)
        assert self.database is not None
        text = ", ".join(f'extract(epoch from "{c}")' if c in COLUMNS[:2] else f'"{c}"' for c in COLUMNS)
        return normal(self.database.query(f'select {text} from "{table}"'))

    def shows_committed_rows_only(self, sink: tuple[str, dict[str, str]]) -> None:
        """What a reader that knows nothing of manifests finds is committed, and none of it twice."""
        if self.kind == "parquet":
            path = sink[1]["path"]
            assert Counter(rows_without_manifest(path)) <= Counter(committed_rows(path))


def rows_of_iceberg(options: dict[str, str]) -> pa.Table:
    """The rows of an Iceberg table, as pyiceberg reads them."""
    from pyiceberg.catalog import load_catalog

    name, _, table = options["path"].partition(".")
    warehouse = options["catalog.warehouse"]
    with load_catalog(name, uri=options["catalog.uri"], warehouse=warehouse) as catalog:
        return catalog.load_table(table).scan().to_arrow()


def rows_without_manifest(path: str) -> Table:
    """What DuckDB finds in a folder of Parquet files when it is asked for all there are."""
    try:
        # Not the module's own connection: another test may have left it in the middle of a transaction.
        with duckdb.connect() as own:
            found = own.sql(f"SELECT * FROM read_parquet('{path}/**/*.parquet')").to_arrow_table()
    except duckdb.IOException:  # no file fits
        return []
    return _table(found)


def committed_rows(path: str) -> Table:
    """What the manifest of a folder names, in its place or on the way there."""
    manifest = read_manifest(LocalStorage(Path(path, HIDDEN_FOLDER)))
    files = [] if manifest is None else [file.path for file in manifest.files]
    places = [(Path(path, file), Path(path, HIDDEN_FOLDER, staged_path(file))) for file in files]
    tables = [pq.ParquetFile(place if place.exists() else staged).read() for place, staged in places]
    return [row for table in tables for row in _table(table)]


def rows_of_files(path: str) -> Table:
    """The committed rows of a folder of Parquet files, by its manifest."""
    from streamcore import Session

    found = Session.builder.getOrCreate().read.parquet(path).toArrow()
    return _table(found)


def _table(found: pa.Table) -> Table:
    return normal([tuple(row[name] for name in COLUMNS) for row in found.to_pylist()])


def rows_of_sqlite(path: str, table: str) -> Table:
    connection = sqlite3.connect(path)
    try:
        return normal(connection.execute(f'select {", ".join(COLUMNS)} from "{table}"').fetchall())
    finally:
        connection.close()


def normal(rows: list[tuple[Any, ...]]) -> Table:
    return sorted(((_seconds(r[0]), _seconds(r[1]), *r[2:]) for r in rows), key=repr)


def _seconds(value: Any) -> float | None:
    from datetime import UTC, datetime

    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return float(value)


def plain(rows: Table) -> set[tuple[Any, ...]]:
    """The columns that plain Python can compute: start, k, n, total."""
    return {(row[0], row[2], row[3], row[4]) for row in rows}


class Trials:
    """Runs of one query over one input, all under the same query id, each from an empty output."""

    def __init__(self, place: Place, source: tuple[str, dict[str, str]]) -> None:
        self.place = place
        self._source = source
        self._template = place.folder / "template"
        self._numbers = itertools.count()
        make_checkpoint(self._template)
        self.conf = {"spark.sql.streaming.minBatchesToRetain": "2", "spark.sql.shuffle.partitions": "2"}

    def job(self, **changes: Any) -> Job:
        """A new run: its own copy of the checkpoint, its own output."""
        checkpoint = self.place.folder / f"checkpoint-{next(self._numbers)}"
        shutil.copytree(self._template, checkpoint)
        fields = {
            "source": self._source,
            "sink": self.place.sink(),
            "mode": self.place.mode,
            "conf": self.conf,
        }
        return Job(checkpoint=str(checkpoint), **{**fields, **changes})


def make_checkpoint(folder: Path) -> None:
    """A checkpoint that has an identity and nothing else."""
    from streamcore.checkpoint import Checkpoint
    from streamcore.spi.clock import SystemClock
    from streamcore.storage.local import LocalStorage

    Checkpoint.open(LocalStorage(folder), SystemClock(), run_id="template").close()


def files(folder: Path, batches: Sequence[Sequence[Row]]) -> tuple[str, dict[str, str]]:
    """A source of one JSON file per micro-batch."""
    write_files(folder, batches)
    return "json", {"path": str(folder), "maxFilesPerTrigger": "1"}
