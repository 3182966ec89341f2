"""The programs are run, not collected: they import PySpark."""

from __future__ import annotations

collect_ignore = ["programs"]
