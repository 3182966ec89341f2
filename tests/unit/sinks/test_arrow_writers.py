"""What is handed to a writer, Arrow record batches or rows, follows from what it inherits."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from streamcore.spi.capabilities import takes_arrow
from streamcore.spi.datasource import DataSourceArrowWriter, DataSourceStreamArrowWriter, DataSourceWriter

if TYPE_CHECKING:
    import pytest


class Batch(DataSourceArrowWriter):
    def write(self, iterator: Any) -> Any: ...


class Stream(DataSourceStreamArrowWriter):
    def write(self, iterator: Any) -> Any: ...


class Rows(DataSourceWriter):
    def write(self, iterator: Any) -> Any: ...


def test_a_writer_takes_arrow_by_what_it_inherits_and_not_by_its_name() -> None:
    lookalike = type("DataSourceArrowWriter", (Rows,), {})
    assert [takes_arrow(kind()) for kind in (Batch, Stream, Rows, lookalike)] == [True, True, False, False]


def test_an_arrow_writer_of_pyspark_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = ModuleType("pyspark.sql.datasource")
    base = type("DataSourceStreamArrowWriter", (), {})
    theirs.DataSourceStreamArrowWriter = base  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, theirs.__name__, theirs)
    assert takes_arrow(type("Theirs", (base,), {})())
