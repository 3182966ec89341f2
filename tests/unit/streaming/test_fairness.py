"""Queries of one session share its slots in turns: a heavy batch does not hold up a light one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamcore import Session
from streamcore.testing.memory_source import MemoryStream, MemoryStreamReader

if TYPE_CHECKING:
    import pytest

PARTITIONS = 60
LIGHT = -1


def test_a_light_query_reads_after_one_task_of_a_heavy_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    with Session.builder.master("local[1]").create() as session:
        slots = session.slots
        heavy, light = MemoryStream("v int", partitions=PARTITIONS), MemoryStream("v int")
        read: list[str] = []
        light_comes = threading.Event()
        original = MemoryStreamReader.read

        def noted(self: Any, partition: Any) -> Any:
            is_heavy = partition.value.column(0)[0].as_py() != LIGHT
            if is_heavy:
                light_comes.wait(10)
                # Between two pieces of its work the light query waits for no slot, and has no turn to get.
                _until(lambda: "light" in read or len(slots._sets) == 2)
            read.append("heavy" if is_heavy else "light")
            return original(self, partition)

        monkeypatch.setattr(MemoryStreamReader, "read", noted)
        queries = [
            stream.toDF(session).writeStream.format("noop").queryName(name).start()
            for name, stream in (("heavy", heavy), ("light", light))
        ]
        heavy.addData([(n,) for n in range(PARTITIONS)])
        _until(lambda: len(slots._sets) == 1)
        light.addData([(LIGHT,)])
        light_comes.set()
        for query in queries:
            query.processAllAvailable()
            query.stop()
    assert read.count("heavy") == PARTITIONS
    assert read.index("light") <= 4  # of 60: tasks under way end first


def _until(condition: Callable[[], bool]) -> None:
    moment, tries = threading.Event(), 5_000
    while not condition():
        tries -= 1
        assert tries, "it did not come to that"
        moment.wait(0.002)
