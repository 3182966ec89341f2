"""Which snapshots a stream of a table reads, told from the table's history alone."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException, CheckpointCorrupted, OffsetsLost
from streamcore.sources.iceberg.lineage import (
    NO_SNAPSHOT,
    Commit,
    Position,
    ancestry,
    first_since,
    has_new_rows,
    position_of,
    to_read,
)

LINE = [Commit(1, None, "append", 100), Commit(2, 1, "append", 200), Commit(3, 2, "append", 300)]
KEPT = [Commit(2, 1, "append", 200), Commit(3, 2, "append", 300)]


def at(snapshot: int, *, done: bool = True) -> Position:
    return Position(snapshot, 0, whole=False, done=done)


def ids(commits: list[Commit]) -> list[int]:
    return [commit.snapshot_id for commit in commits]


def test_the_ancestry_ends_where_snapshots_have_expired() -> None:
    commits = {commit.snapshot_id: commit for commit in (*KEPT, Commit(9, 1, "append", 250))}
    assert ids(ancestry(commits, 3)) == [2, 3]
    assert ancestry(commits, None) == []


def test_a_snapshot_of_which_files_are_left_is_read_on() -> None:
    assert ids(to_read(LINE, at(2, done=False), "t")) == [2, 3]
    assert ids(to_read(LINE, at(2), "t")) == [3]
    assert ids(to_read(LINE, at(NO_SNAPSHOT), "t")) == [1, 2, 3]


def test_what_has_been_read_may_expire_and_what_has_not_may_not() -> None:
    assert ids(to_read(KEPT, at(1), "t")) == [2, 3]
    with pytest.raises(OffsetsLost, match="no longer in the table's history"):
        to_read(KEPT, at(1, done=False), "t")
    with pytest.raises(OffsetsLost):
        to_read(KEPT, at(NO_SNAPSHOT), "t")


def test_a_table_that_was_rolled_back_is_no_table_to_go_on_with() -> None:
    with pytest.raises(OffsetsLost, match="rolled back"):
        to_read(LINE[:1], at(3), "t")


def test_a_stream_from_a_time_begins_with_the_first_commit_then_or_later() -> None:
    assert first_since(LINE, 150, "t") == at(2, done=False)
    assert first_since(LINE, 301, "t") == at(3)
    assert first_since([], 1, "t") == at(NO_SNAPSHOT)
    assert first_since(LINE, 1, "t") == at(1, done=False)
    with pytest.raises(OffsetsLost, match="stream-from-timestamp"):
        first_since(KEPT, 150, "t")


@pytest.mark.parametrize("kind", ["delete", "overwrite"])
def test_rows_that_were_taken_back_are_refused_unless_they_are_skipped(kind: str) -> None:
    commit = Commit(1, None, kind, 0)
    with pytest.raises(AnalysisException, match=f"streaming-skip-{kind}-snapshots=true"):
        has_new_rows(commit, "t", skip_deletes=kind != "delete", skip_overwrites=kind != "overwrite")
    assert not has_new_rows(commit, "t", skip_deletes=kind == "delete", skip_overwrites=kind == "overwrite")


def test_files_that_were_written_anew_bring_no_rows() -> None:
    commit = Commit(1, None, "replace", 0)
    assert not has_new_rows(commit, "t", skip_deletes=False, skip_overwrites=False)


def test_an_offset_comes_back_as_it_was_logged() -> None:
    position = Position(2**62, 7, whole=True, done=False)
    assert position_of(position.to_json()) == position
    with pytest.raises(CheckpointCorrupted):
        position_of({"logOffset": 3})
