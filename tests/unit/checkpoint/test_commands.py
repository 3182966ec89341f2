from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint.maintenance import rewind
from streamcore.cli import main
from streamcore.errors import CheckpointError
from streamcore.storage.local import LocalStorage
from tests.unit.checkpoint.conftest import run_batches
from tests.unit.checkpoint.toy_query import ToySink, check, drive, finish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamcore.checkpoint import Checkpoint


@pytest.fixture
def filled(reopen: Callable[[], Checkpoint], folder: Path) -> Path:
    with reopen() as checkpoint:
        run_batches(checkpoint, 4)
    return folder


def test_rewind_takes_the_checkpoint_back(
    filled: Path, reopen: Callable[[], Checkpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rewind", str(filled), "--to", "1"]) == 0
    assert "keeps batch 1" in capsys.readouterr().out
    with reopen() as checkpoint:
        assert checkpoint.batches() == [0, 1]


def test_rewind_to_the_beginning_is_minus_one(filled: Path, reopen: Callable[[], Checkpoint]) -> None:
    assert main(["rewind", str(filled), "--to", "-1"]) == 0
    with reopen() as checkpoint:
        assert checkpoint.batches() == []


def test_an_undone_rewind_leaves_the_checkpoint_as_it_was(
    filled: Path, reopen: Callable[[], Checkpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rewind", str(filled), "--to", "1"]) == 0
    assert main(["rewind", str(filled), "--undo"]) == 0
    assert "goes on with batch 4" in capsys.readouterr().out
    with reopen() as checkpoint:
        assert checkpoint.batches() == [0, 1, 2, 3]
    assert main(["rewind", str(filled), "--undo"]) == 1
    assert "there is nothing to undo" in capsys.readouterr().err


def test_a_rewind_to_a_batch_that_is_not_there_says_which_are(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rewind", str(filled), "--to", "9"]) == 1
    assert "it retains the batches -1 to 3" in capsys.readouterr().err


def test_a_rewind_is_refused_while_the_query_runs(
    filled: Path, reopen: Callable[[], Checkpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    with reopen():
        assert main(["rewind", str(filled), "--to", "1"]) == 1
    assert "in use" in capsys.readouterr().err


def test_a_rewind_with_the_sink_at_hand_takes_it_back_at_once(folder: Path) -> None:
    storage, sink = LocalStorage(folder), ToySink()
    for _ in drive(storage, sink, keep=100):
        pass
    rewind(folder, 1, sink)
    assert len(sink.batches) == 2
    assert not (folder / "rewound").exists()
    finish(storage, sink)
    check(storage, sink)


def test_where_there_is_no_checkpoint_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no checkpoint at"):
        rewind(tmp_path / "nothing", 0)
    assert list(tmp_path.iterdir()) == []


def test_inspect_shows_every_batch_and_the_state(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checkpoint", "inspect", str(filled)]) == 0
    text = capsys.readouterr().out
    assert "a query" in text
    assert text.count("committed") == 4
    assert "state count: 1 partition, 1 file" in text


def test_inspect_shows_which_batches_a_rewind_has_left_behind(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rewind", str(filled), "--to", "1"]) == 0
    capsys.readouterr()
    assert main(["checkpoint", "inspect", str(filled)]) == 0
    text = capsys.readouterr().out
    assert (text.count("committed"), text.count("rewound")) == (2, 2)


def test_inspect_shows_times_and_ends_with_one_line_that_says_whether_all_is_whole(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["checkpoint", "inspect", str(filled)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("2023-11-14 22:13:20.003" in line for line in lines), "when batch 3 was planned"
    assert lines[-1] == "whole: 4 batches and the newest state are as they were written"
    (filled / "commits" / "1").write_text("")
    assert main(["checkpoint", "inspect", str(filled)]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("DAMAGED: 1 problems in 4 batches")


def test_inspect_looks_at_the_newest_batches_alone_when_asked(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (filled / "commits" / "1").write_text("")
    assert main(["checkpoint", "inspect", "--last", "2", str(filled)]) == 0
    assert "whole: 2 of 4 batches" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["checkpoint", "inspect", "--last", "0", str(filled)])


def test_inspect_prints_json_when_asked(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checkpoint", "inspect", "--json", str(filled)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [batch["batch_id"] for batch in found["batches"]] == [0, 1, 2, 3]
    assert found["batches"][3]["sources"] == {"clicks": {"start": {"0": 30}, "end": {"0": 40}}}


def test_inspect_changes_nothing(filled: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in filled.rglob("*")}
    main(["checkpoint", "inspect", str(filled)])
    assert {path: path.stat().st_mtime_ns for path in filled.rglob("*")} == before


def test_inspect_fails_when_something_is_damaged(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (filled / "commits" / "3").write_text("")
    assert main(["checkpoint", "inspect", str(filled)]) == 1
    assert "PROBLEM" in capsys.readouterr().out


def test_a_reader_that_goes_away_ends_a_command_quietly(filled: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-m", "streamcore", "checkpoint", "inspect", str(filled)],
        stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(write)
    assert (ran.returncode, ran.stderr) == (141, "")
