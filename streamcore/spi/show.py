"""A table as text, as PySpark's `show()` prints it."""

from __future__ import annotations

import datetime as dt
import re
from html import escape
from typing import TYPE_CHECKING

from streamcore.spi.cast_text import column_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_MINIMUM_WIDTH = 3
_FULL_WIDTH = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]"
)
_CONTROL = str.maketrans(
    {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b", "\v": "\\v", "\a": "\\a"}
)


def show_string(
    table: pa.Table, n: int = 20, truncate: int = 20, vertical: bool = False, zone: dt.tzinfo = dt.UTC
) -> str:
    """The first `n` rows of `table` as a text table (or, vertical, one line per value).

    Give one row more than `n` (or the whole table): what is left out is then announced.  Values longer
    than `truncate` are cut, 0 for never; instants are shown in `zone`.  Printing the result with
    `print` gives exactly what PySpark's `show` prints.

    >>> import pyarrow as pa
    >>> print(show_string(pa.table({"name": ["Alice", None], "age": [2, 11]}), n=1))
    +-----+---+
    | name|age|
    +-----+---+
    |Alice|  2|
    +-----+---+
    only showing top 1 row
    """
    count = max(0, n)
    shown = table.slice(0, count) if table.num_columns else table
    names = [name.translate(_CONTROL) for name in table.column_names]
    rows = [[_cell(text, truncate) for text in row] for row in _texts(shown, zone)[:count]]
    body = _vertical(names, rows) if vertical else _horizontal(names, rows, right=truncate > 0)
    if vertical and not rows:
        return body + "(0 rows)"
    if table.num_rows > count:
        return body + f"only showing top {count} {'row' if count == 1 else 'rows'}"
    return body


def show_html(table: pa.Table, n: int, truncate: int, zone: dt.tzinfo = dt.UTC) -> str:
    """The first `n` rows of `table` as an HTML table, as a notebook shows them with PySpark.

    >>> import pyarrow as pa
    >>> print(show_html(pa.table({"a<b": [1, 2]}), n=1, truncate=20))
    <table border='1'>
    <tr><th>a&lt;b</th></tr>
    <tr><td>1</td></tr>
    </table>
    only showing top 1 row
    """
    count = max(0, n)
    head = "</th><th>".join(escape(name.translate(_CONTROL)) for name in table.column_names)
    rows = [[escape(_cell(text, truncate)) for text in row] for row in _texts(table.slice(0, count), zone)]
    body = [f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows]
    lines = ["<table border='1'>", f"<tr><th>{head}</th></tr>", *body, "</table>"]
    if table.num_rows > count:
        lines.append(f"only showing top {count} {'row' if count == 1 else 'rows'}")
    return "\n".join(lines) + "\n"


def _texts(table: pa.Table, zone: dt.tzinfo) -> list[list[str]]:
    columns = [
        [text.translate(_CONTROL) for text in column_texts(column, field, zone)]
        for column, field in zip(table.columns, table.schema, strict=True)
    ]
    return (
        [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(table.num_rows)]
    )


def _cell(text: str, limit: int) -> str:
    if limit <= 0 or _units(text) <= limit:
        return text
    return _cut(text, limit) if limit < 4 else _cut(text, limit - 3) + "..."


def _horizontal(names: Sequence[str], rows: Sequence[Sequence[str]], *, right: bool) -> str:
    widths = [max([_MINIMUM_WIDTH, *map(_width, column)]) for column in zip(names, *rows, strict=True)]
    rule = "+" + "+".join("-" * width for width in widths) + "+\n"
    if not names:
        rule = "++\n"

    def line(cells: Sequence[str]) -> str:
        padded = [_pad(cell, width, right=right) for cell, width in zip(cells, widths, strict=True)]
        return "|" + "|".join(padded) + "|\n"

    return rule + line(names) + rule + "".join(map(line, rows)) + rule


def _vertical(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    left = max([_MINIMUM_WIDTH, *map(_width, names)])
    data = max([_MINIMUM_WIDTH, *(_width(cell) for row in rows for cell in row)])
    lines = []
    for number, row in enumerate(rows):
        lines.append(f"-RECORD {number}".ljust(left + data + 5, "-"))
        for name, cell in zip(names, row, strict=True):
            lines.append(f" {_pad(name, left, right=False)} | {_pad(cell, data, right=False)} ")
    return "".join(f"{line}\n" for line in lines)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    """Columns on a terminal: full-width characters take two."""
    return _units(text) + len(_FULL_WIDTH.findall(text))


def _units(text: str) -> int:
    """Length as Java counts it, where a character beyond U+FFFF counts twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, units: int) -> str:
    """The start of `text`; a character that the cut would halve is left out."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore")
