"""A run that another one has taken over from ends with the message alone."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from streamcore.errors import CheckpointFenced, StreamingQueryException
from streamcore.sinks.files.stream_writer import FileStreamWriter
from streamcore.sql.session import Session
from streamcore.testing.memory_source import MemoryStream


def test_a_fenced_query_logs_no_traceback_and_asks_for_no_other_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fenced(*_: object) -> None:
        raise CheckpointFenced("another run of this query has taken over, and goes on; this one has stopped")

    monkeypatch.setattr(FileStreamWriter, "commit_batch", fenced)
    stream = MemoryStream("n int")
    stream.addData([(1,)])
    writer = stream.toDF(Session.builder.getOrCreate()).writeStream.format("parquet")
    query = writer.option("checkpointLocation", str(tmp_path / "checkpoint")).start(str(tmp_path / "out"))
    with caplog.at_level(logging.ERROR), pytest.raises(StreamingQueryException, match="taken over"):
        query.awaitTermination(60)
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert not said.exc_info
    assert "Start it again" not in said.getMessage()
