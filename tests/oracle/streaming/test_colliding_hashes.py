"""When all keys share seven hashes, every answer is the same: SQL tells keys apart, not their hashes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore import Session
from streamcore.execution.stores.hashing import hash_rows
from streamcore.execution.stores.layout import StoreLayout
from tests.oracle.streaming.test_any_split import (
    HISTORIES,
    History,
    aggregated,
    check_distinct,
    expected_batches,
    normal,
    replay,
)


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@pytest.fixture(scope="module", autouse=True)
def few_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            StoreLayout, "hashes_of", lambda self, rows: hash_rows(rows, self.key_columns) % np.uint64(7)
        )
        yield


@settings(max_examples=25)
@given(history=HISTORIES, mode=st.sampled_from(["append", "update", "complete"]))
def test_aggregations_of_colliding_keys_are_right(session: Session, history: History, mode: str) -> None:
    found = replay(session, history, mode, aggregated(10, 5), 1, 1)
    assert [normal(rows) for rows in found] == expected_batches(history, mode, 10, 5)


@settings(max_examples=25)
@given(history=HISTORIES)
def test_each_of_colliding_keys_passes_once(session: Session, history: History) -> None:
    check_distinct(session, history, 1)
