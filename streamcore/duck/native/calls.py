"""How SQL text calls a function written in Python: its name, settings and types are the identifier.

>>> from streamcore.spi.types import IntegerType, StringType
>>> sql = call_sql("texts.luhn_check", [("x", StringType())], IntegerType())
>>> sql
'"sc:[""texts.luhn_check"",{},[""string""],""integer""]"(x)'
>>> [called.name for called in calls_in(sql)]
['texts.luhn_check']
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamcore.duck.quoting import identifier
from streamcore.spi.types import DataType, type_from_json

_MARK = '"sc:'
_CALL = re.compile(r'"(sc:(?:[^"]|"")*)"\(')


@dataclass(frozen=True)
class NativeCall:
    """A function as a statement names it.

    Parameters
    ----------
    identifier
        The name in the statement, without quotes.
    name
        The module and the function in it: `urls.parse_url`.
    settings
        What is fixed for all rows; a value of JSON for each keyword of the function.
    """

    identifier: str
    name: str
    settings: Mapping[str, Any]
    arguments: tuple[DataType, ...]
    returns: DataType


def call_sql(
    name: str,
    arguments: Sequence[tuple[str, DataType]],
    returns: DataType,
    settings: Mapping[str, Any] | None = None,
) -> str:
    """SQL that calls a function with arguments, each as SQL and its type."""
    head = [name, dict(settings or {}), [kind.jsonValue() for _, kind in arguments], returns.jsonValue()]
    # NUL would end the statement, and cannot be written in an identifier.
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=True)
    return f"{identifier('sc:' + text)}({', '.join(sql for sql, _ in arguments)})"


def calls_in(sql: str) -> Iterator[NativeCall]:
    """The functions that a statement names; what only looks like one is passed over."""
    if _MARK not in sql:
        return
    for found in dict.fromkeys(_CALL.findall(sql)):
        call = _call(found.replace('""', '"'))
        if call is not None:
            yield call


def _call(text: str) -> NativeCall | None:
    try:
        name, settings, arguments, returns = json.loads(text.removeprefix("sc:"))
        types = [type_from_json(kind) for kind in (*arguments, returns)]
    except (ValueError, TypeError):
        # A text literal may hold anything.
        return None
    return NativeCall(text, name, settings, tuple(types[:-1]), types[-1])
