"""JSON with one spelling per value, so that equal records are equal texts."""

from __future__ import annotations

import json
from typing import Any

Json = Any
"""None, bool, int, float, str, or lists and string-keyed dicts of these."""


def canonical(value: Json) -> str:
    """`value` on one line: keys sorted, no spaces, no NaN.

    >>> canonical({"b": 1, "a": [True, None]})
    '{"a":[true,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
