"""Where databases put what does not fit into memory: each a folder of its own, below the application's."""

from __future__ import annotations

import itertools
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

_numbers = itertools.count()
_parent: Callable[[], Path] | None = None


def spill_below(parent: Callable[[], Path] | None) -> None:
    """From now on databases spill below what `parent` returns; None: below the system's temporary folder.

    `parent` is asked when a database is opened.  What a killed process leaves there is for its owner to
    delete.
    """
    global _parent  # noqa: PLW0603 - the process has one place
    _parent = parent


def spill_no_more_below(parent: Callable[[], Path]) -> None:
    """Undoes `spill_below(parent)`, unless another place was named since."""
    if _parent == parent:
        spill_below(None)


def new_spill_folder() -> Path:
    """A folder that no other database uses: two would overwrite each other's files. Not made yet."""
    if _parent is None:
        return Path(tempfile.gettempdir()) / f"streamcore-spill-{uuid.uuid4().hex[:12]}"
    return _parent() / f"spill-{next(_numbers)}"
