"""The queries of Nexmark give what PySpark gave for them, over events that are the same on every machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks.entry import Entry
from benchmarks.nexmark.events import Folders, nexmark_files
from benchmarks.nexmark.freeze_answers import ANSWERS
from benchmarks.nexmark.queries import QUERIES, Query
from benchmarks.nexmark.workloads import answer

FROZEN = json.loads(ANSWERS.read_text())


@pytest.fixture(autouse=True, scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def entry() -> Iterator[Entry]:
    entry = Entry("streamcore")
    yield entry
    entry.stop()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_gives_pysparks_answer(query: Query, entry: Entry, tmp_path: Path) -> None:
    assert answer(query, entry, tmp_path) == FROZEN[query.name]


def test_of_fifty_events_one_is_a_person_and_three_are_auctions() -> None:
    folders = nexmark_files(5_000, 4)
    counts = {name: len(rows(folders, name)) for name in ("person", "auction", "bid")}
    assert counts == {"person": 100, "auction": 300, "bid": 4_600}


def test_bids_are_for_auctions_that_were_opened_and_half_are_for_hot_ones() -> None:
    folders = nexmark_files(50_000, 4)
    opened = {auction["id"]: auction["dateTime"] for auction in rows(folders, "auction")}
    bids = rows(folders, "bid")
    assert all(opened[bid["auction"]] <= bid["dateTime"] for bid in bids)
    hot = sum(bid["auction"] % 100 == 0 for bid in bids)
    assert 0.45 < hot / len(bids) < 0.55


def test_events_are_in_order_of_time_from_file_to_file() -> None:
    folders = nexmark_files(5_000, 4)
    for name in ("person", "auction", "bid"):
        times = [row["dateTime"] for row in rows(folders, name)]
        assert times == sorted(times)


def rows(folders: Folders, name: str) -> list[dict[str, Any]]:
    paths = sorted(getattr(folders, name).iterdir())
    return [row for path in paths for row in pq.read_table(path).to_pylist()]
