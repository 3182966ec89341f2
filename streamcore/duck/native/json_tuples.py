"""Fields of JSON objects, several at once."""

from __future__ import annotations

import json

from streamcore.duck.native.registry import by_value_or_null


@by_value_or_null
def json_tuple(text: str | None, *names: str | None) -> dict[str, str | None]:
    """Fields of a JSON object as text; nulls of what is no object.

    >>> json_tuple('{"a": 1, "b": [1, 2]}', "a", "b", "c")
    {'c0': '1', 'c1': '[1,2]', 'c2': None}
    """
    try:
        found = None if text is None else json.loads(text)
    except ValueError:
        found = None
    fields = found if isinstance(found, dict) else {}
    return {f"c{at}": _as_text(fields.get(name or "")) for at, name in enumerate(names)}


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
