"""SQL that names a value many times and computes it once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

_CHEAP = re.compile(r"""("(?:[^"]|"")*"|\w+|'(?:[^']|'')*'|CAST\([\w.'-]+ AS [\w(),]+\))\Z""")
_LET = re.compile(r"lambda v(\d+):")
_holes = itertools.count()


def is_cheap(sql: str) -> bool:
    """Whether SQL is a column or a literal, which may be named again instead of being kept."""
    return _CHEAP.match(sql) is not None


def let(sql: str, body: Callable[[str], str]) -> str:
    """SQL of `body` over a value that is computed once however often the body names it."""
    if is_cheap(sql):
        return body(sql)
    # The name is chosen when the body is known: above those inside it, so that none of them hides it.
    hole = f"hole{next(_holes)}_"
    text = body(hole)
    name = f"v{max((int(inner) for inner in _LET.findall(text)), default=-1) + 1}"
    return f"list_transform([{sql}], lambda {name}: {text.replace(hole, name)})[1]"
