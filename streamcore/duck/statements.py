"""Statements whose text comes back are prepared: planning is a third of a small query's time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    import pyarrow as pa

    from streamcore.duck.inputs import ArrowInput

_KEPT = 256


@dataclass(frozen=True)
class Statement:
    """A query, and what it reads by name."""

    sql: str
    inputs: Mapping[str, ArrowInput]


class KeptStatements:
    """The statements of one connection, prepared when their text comes a second time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._names: OrderedDict[str, str | None] = OrderedDict()
        self._count = 0

    def run(self, sql: str) -> pa.Table:
        """The rows of a query."""
        if sql not in self._names:
            self._remember(sql)
            return self._connection.execute(sql).to_arrow_table()
        self._names.move_to_end(sql)
        name = self._names[sql] or self._prepare(sql)
        return self._connection.execute(f"EXECUTE {name}").to_arrow_table()

    def forget(self) -> None:
        """Drops them all: something that they read is about to change."""
        for name in filter(None, self._names.values()):
            self._connection.execute(f"DEALLOCATE {name}")
        self._names.clear()

    def _prepare(self, sql: str) -> str:
        self._count += 1
        name = f"statement_{self._count}"
        self._connection.execute(f"PREPARE {name} AS {sql}")
        self._names[sql] = name
        return name

    def _remember(self, sql: str) -> None:
        self._names[sql] = None
        if len(self._names) > _KEPT:
            _, dropped = self._names.popitem(last=False)
            if dropped is not None:
                self._connection.execute(f"DEALLOCATE {dropped}")
