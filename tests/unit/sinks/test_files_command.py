"""`streamcore files`: what a streaming query has committed to a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from streamcore.cli import main
from streamcore.sinks.files.data_source import ParquetSink
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.types import from_arrow_schema

_ROWS = pa.table({"n": [1, 2]})


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Two committed batches, and a third that is only staged."""
    folder = tmp_path / "out"
    writer = ParquetSink({"path": str(folder)}).streamWriter(from_arrow_schema(_ROWS.schema), overwrite=False)
    writer.open(QueryIdentity("q", "r", "append"))
    for batch_id in range(2):
        staged = writer.write(iter(_ROWS.to_batches()))
        writer.commit_batch([staged], CommitRecord("q", batch_id, "{}"))
    writer.write(iter(_ROWS.to_batches()))
    return folder


def test_the_committed_files_are_printed_one_a_line(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["files", str(output)]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {str(path) for path in output.glob("part-*")}


def test_json_tells_the_batch_and_the_rows_of_each_file(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["files", "--json", str(output)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["query_id"], found["last_batch_id"], found["missing"]) == ("q", 1, [])
    assert [(file["batch_id"], file["rows"]) for file in found["files"]] == [(0, 2), (1, 2)]


def test_a_file_that_is_not_in_its_place_is_named(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = next(output.glob("part-*"))
    gone.unlink()
    assert main(["files", str(output)]) == 1
    assert f"{gone.name} is committed, and not in its place" in capsys.readouterr().err


def test_a_folder_that_no_query_writes_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["files", str(tmp_path)]) == 1
    assert "is not the output of a streaming query" in capsys.readouterr().err
