"""Rows are written while they are computed, and each once even when the careful text must begin anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.duck import engine
from streamcore.sql.session import Session

if TYPE_CHECKING:
    import pytest

BATCH_ROWS = 2_048


def test_a_file_that_is_broken_at_its_end_is_written_once(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BATCH_ROWS", BATCH_ROWS)
    rows = 3 * BATCH_ROWS
    lines = [json.dumps({"a": number}) for number in range(rows)]
    (tmp_path / "in.json").write_text("\n".join([*lines, '{"a": ']) + "\n")
    read = session.read.schema("a long, _corrupt_record string").json(str(tmp_path / "in.json"))
    read.write.parquet(str(tmp_path / "out"))
    written = session.read.parquet(str(tmp_path / "out"))
    found = written.selectExpr("count(*)", "count(a)", "sum(a)", "max(_corrupt_record)").collect()[0]
    assert tuple(found) == (rows + 1, rows, rows * (rows - 1) // 2, '{"a": ')
    assert not [path for path in (tmp_path / "out").rglob("*") if path.name.startswith(".")]
