"""Queries whose answers PySpark has given: clauses, operators and functions as SQL text has them.

They stand in `data/query_texts.sql`, one a line; lines that begin with `--` say what follows.
"""

from __future__ import annotations

from pathlib import Path

_TEXT = (Path(__file__).parent / "data" / "query_texts.sql").read_text(encoding="utf-8")
QUERIES = [line for line in _TEXT.splitlines() if line and not line.startswith("--")]
