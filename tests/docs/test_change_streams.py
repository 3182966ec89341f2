"""The page on change streams against a real PostgreSQL: it runs, and prints what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT
from tests.services.postgres_databases import Database


def test_the_page_on_change_streams_runs_and_prints_what_it_says(
    tmp_path: Path, logical_postgres: Database
) -> None:
    page = (ROOT / "docs" / "change-streams.md").read_text()
    program = "\n".join(re.findall(r"```python postgres\n(.*?)```", page, re.DOTALL))
    plain = logical_postgres.url.replace("postgresql+psycopg", "postgresql")
    program = program.replace("postgresql://etl@localhost/shop", plain)
    program = program.replace("shop_items", f"slot_{plain.rpartition('_')[2]}")
    script = tmp_path / "page.py"
    script.write_text(program)
    ran = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    for told in re.findall(r"```text\n(.*?)```", page, re.DOTALL):
        assert told in ran.stdout
