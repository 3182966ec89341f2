"""The patterns of SHOW and of the catalog's listings."""

from __future__ import annotations

import re


def is_like(name: str, pattern: str) -> bool:
    """Whether a name matches: `*` is anything, `|` parts alternatives, the rest is a regular expression.

    >>> is_like("Events", "ev*|users"), is_like("events", "ev")
    (True, False)
    """
    for part in pattern.strip().split("|"):
        try:
            if re.fullmatch(part.strip().replace("*", ".*"), name, re.IGNORECASE):
                return True
        except re.error:
            continue
    return False
