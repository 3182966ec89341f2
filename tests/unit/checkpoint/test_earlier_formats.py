"""Checkpoints of format 1: refused as they are, with the offsets to start from anew."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from streamcore.checkpoint import Checkpoint
from streamcore.cli import main
from streamcore.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write(path: Path, kind: str, body: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"streamcore {kind} 1\n{json.dumps(body)}\n"
    path.write_text(f"{head}sha256 {hashlib.sha256(head.encode()).hexdigest()}\n")


@pytest.fixture
def format_one(folder: Path) -> Path:
    """A checkpoint of format 1 with one committed batch and one planned one."""
    write(folder / "metadata", "metadata", {"query_id": "a query", "created_ms": 0})
    for batch in (0, 1):
        ends = {"clicks": {"start": {"0": batch * 7}, "end": {"0": batch * 7 + 7}}}
        write(folder / "offsets" / str(batch), "offsets", {"batch_id": batch, "sources": ends})
    write(folder / "commits" / "0", "commits", {"batch_id": 0, "format": 1})
    return folder


def refusal(reopen: Callable[[], Checkpoint]) -> str:
    with pytest.raises(CheckpointError, match="has format 1, and this version") as raised:
        reopen()
    return str(raised.value)


def test_format_one_is_refused_with_the_offsets_of_its_last_committed_batch(
    format_one: Path, reopen: Callable[[], Checkpoint]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in format_one.rglob("*")}
    said = refusal(reopen)
    assert 'from the end of its last committed batch (0): clicks: {"0":7}' in said
    assert "Batch 1 was planned after it, and the sink may hold it already" in said
    assert {path: path.stat().st_mtime_ns for path in format_one.rglob("*")} == before


def test_a_checkpoint_of_format_one_without_batches_says_so(
    format_one: Path, reopen: Callable[[], Checkpoint]
) -> None:
    (format_one / "commits" / "0").unlink()
    assert "it has committed no batch" in refusal(reopen)


def test_damaged_offsets_of_format_one_are_not_quoted(
    format_one: Path, reopen: Callable[[], Checkpoint]
) -> None:
    path = format_one / "offsets" / "0"
    path.write_text(path.read_text().replace("7", "8"))
    assert "whose offsets cannot be read" in refusal(reopen)


@pytest.mark.parametrize("command", [["checkpoint", "inspect"], ["rewind", "--to", "0"]])
def test_the_commands_refuse_format_one_too(
    format_one: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, str(format_one)]) == 1
    assert "has format 1" in capsys.readouterr().err
