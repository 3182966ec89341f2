"""The entry points of both engines: the only place where the programs differ."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

CORES = 2
PARTITIONS = 4

_PACKAGES = {"streamcore": "streamcore", "pyspark": "pyspark"}

# The JVM's share: enough heap, no web server, no log lines, as many shuffle partitions as cores (200 by
# default). Tried and not faster here: the RocksDB state store, checkpoint files without checksums.
# streamcore runs as it comes.
_PYSPARK = {
    "spark.sql.shuffle.partitions": str(CORES),
    "spark.driver.memory": "4g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "OFF",
}
_BOTH = {
    "spark.master": f"local[{CORES}]",
    "spark.app.name": "benchmarks",
    "spark.default.parallelism": str(PARTITIONS),
    "spark.sql.session.timeZone": "UTC",
}


@dataclass(frozen=True)
class Entry:
    """One engine, opened when it is first asked for something."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def session(self) -> Any:
        """A session on CORES cores."""
        builder = self._session_class.builder
        for key, value in self._settings.items():
            builder = builder.config(key, value)
        return builder.getOrCreate()

    @cached_property
    def context(self) -> Any:
        """A context on CORES cores, for RDDs of PARTITIONS partitions."""
        if self.name == "pyspark":
            pyspark = import_module("pyspark")
            return pyspark.SparkContext(conf=pyspark.SparkConf().setAll(list(self._settings.items())))
        streamcore = import_module("streamcore")
        conf = import_module("streamcore.conf").Conf().setAll(self._settings.items())
        return streamcore.Context(conf=conf)

    @property
    def functions(self) -> Any:
        """The module of column functions."""
        return import_module(f"{_PACKAGES[self.name]}.sql.functions")

    @property
    def is_open(self) -> bool:
        """Whether a session or a context was made."""
        return bool({"session", "context"} & set(vars(self)))

    def stop(self) -> None:
        """Stop whatever was opened."""
        for opened in ("session", "context"):
            if opened in vars(self):
                getattr(self, opened).stop()

    @property
    def version(self) -> str:
        """The engine's version."""
        return str(import_module(_PACKAGES[self.name]).__version__)

    @property
    def _session_class(self) -> Any:
        if self.name == "pyspark":
            return import_module("pyspark.sql").SparkSession
        return import_module("streamcore").Session

    @property
    def _settings(self) -> dict[str, str]:
        if self.name != "pyspark":
            return {**_BOTH, **self.settings}
        os.environ["PYSPARK_PYTHON"] = sys.executable  # its workers would else run whatever python3 is
        return {**_BOTH, **_PYSPARK, **self.settings}
