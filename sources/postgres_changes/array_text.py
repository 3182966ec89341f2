"""PostgreSQL's text form of an array of one dimension."""

from __future__ import annotations

import re

_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",{}\\]+)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def elements(text: str) -> list[str | None]:
    r"""The elements of an array.

    Raises ValueError for one of several dimensions, or whose first element is not number one.

    >>> elements('{1,NULL,"a,\\"b\\"",""}')
    ['1', None, 'a,"b"', '']
    """
    if not text.startswith("{") or not text.endswith("}"):
        raise ValueError(f"{text!r} is no array that counts from one")
    found: list[str | None] = []
    at, end = 1, len(text) - 1
    while at < end:
        match = _ELEMENT.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is no array of one dimension")
        quoted, plain = match.groups()
        found.append(_ESCAPED.sub(r"\1", quoted) if plain is None else None if plain == "NULL" else plain)
        at = match.end() + 1
    return found
