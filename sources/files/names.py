"""Which names count as data."""

from __future__ import annotations

from typing import Final

_IN_FLIGHT: Final = "._COPYING_"


def counts(name: str) -> bool:
    """Whether a file or folder of this name counts; a folder such as `_day=mon` does.

    >>> counts("part-0.json"), counts("_SUCCESS"), counts("_day=mon"), counts(".git")
    (True, False, True, False)
    """
    hidden = name.startswith(".") or (name.startswith("_") and "=" not in name)
    return not hidden and not name.endswith(_IN_FLIGHT)
