"""Paths as DuckDB's readers take them."""

from __future__ import annotations

import re

from streamcore.duck.quoting import string


def file_text(path: str) -> str:
    """A path as a literal that names this one file; DuckDB would take `*`, `?` and `[` for a pattern.

    >>> file_text("/data/a[1].json")
    "'/data/a[[]1].json'"
    """
    return string(re.sub(r"([*?\[])", r"[\1]", path))
