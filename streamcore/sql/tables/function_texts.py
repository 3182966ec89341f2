"""What DESCRIBE FUNCTION tells of a function that is SQL text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.spi.types import parse_data_type

if TYPE_CHECKING:
    from streamcore.sql.tables.function_metadata import Parameter, SqlFunction


def function_lines(function: SqlFunction, *, extended: bool) -> list[str]:
    """The lines, each fact under its title."""
    facts: list[tuple[str, Sequence[str]]] = [
        ("Function", [function.shown]),
        ("Type", ["TABLE" if function.is_table else "SCALAR"]),
        ("Input", _columns(function.parameters, extended=extended) or ["()"]),
        ("Returns", _returns(function, extended=extended)),
    ]
    if extended:
        created = dt.datetime.fromtimestamp(function.created_ms / 1000, dt.UTC)
        facts += [("Comment", [function.comment])] if function.comment else []
        facts += [
            ("Deterministic", [str(function.is_deterministic is not False).lower()]),
            ("Configs", [f"{key}={value}" for key, value in sorted(function.settings.items())]),
            ("Create Time", [created.strftime("%a %b %d %H:%M:%S UTC %Y")]),
            ("Body", [function.body]),
        ]
    width = max(len(title) for title, _ in facts) + 2
    return [
        f"{f'{title}:' if at == 0 else '':<{width}}{line}"
        for title, lines in facts
        for at, line in enumerate(lines)
    ]


def _returns(function: SqlFunction, *, extended: bool) -> list[str]:
    if function.returns is None:
        return _columns(function.columns, extended=extended)
    return [_type(function.returns)]


def _columns(columns: Sequence[Parameter], *, extended: bool) -> list[str]:
    if not columns:
        return []
    names, kinds = ([one.name for one in columns], [_type(one.type_text) for one in columns])
    wide, broad = max(map(len, names)), max(map(len, kinds))
    lines = [f"{name:<{wide}} {kind:<{broad}}" for name, kind in zip(names, kinds, strict=True)]
    return [line + _about(one) for line, one in zip(lines, columns, strict=True)] if extended else lines


def _about(column: Parameter) -> str:
    default = "" if column.default is None else f" DEFAULT {column.default}"
    return default if column.comment is None else f"{default} '{column.comment}'"


def _type(text: str) -> str:
    return parse_data_type(text).simpleString().upper()
