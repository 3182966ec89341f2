"""TwsTester, beside the other tools for tests; PySpark has it in `sql.streaming`, and so have we."""

from __future__ import annotations

from streamcore.sql.streaming.tws_tester import TwsTester

__all__ = ["TwsTester"]
