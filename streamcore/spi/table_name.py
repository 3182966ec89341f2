"""Names of tables as options have them: table or schema.table, parts in double quotes where they need it."""

from __future__ import annotations

import re
from typing import Final

_PART: Final = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
_MOST_PARTS: Final = 2


def table_name(text: str) -> tuple[str | None, str] | None:
    """The schema (None where it is not said) and the table; None for text that is no name.

    >>> table_name('sales."order.items"'), table_name("a.b.c")
    (('sales', 'order.items'), None)
    """
    parts = [quoted.replace('""', '"') or plain for quoted, plain in _PART.findall(text)]
    if len(parts) not in range(1, _MOST_PARTS + 1) or _PART.sub("", text) != "." * (len(parts) - 1):
        return None
    return (parts[0] if len(parts) == _MOST_PARTS else None), parts[-1]
