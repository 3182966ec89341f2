"""`TABLE(name) PARTITION BY a ORDER BY b`: a table as an argument of a function that gives tables."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp


class TableArgument(exp.Expression):
    """A table or query, and how its rows come together; without keys all do."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "partition_by": False, "order": False}
