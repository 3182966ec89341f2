"""Where things are in a checkpoint, and file names that are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamcore.storage import Storage

METADATA = "metadata"
ADOPTED = "adopted"
OFFSETS = "offsets"
COMMITS = "commits"
LEASES = "lease"
LOCK = "lease/lock"
REWOUND = "rewound"
SOURCES = "sources"
PLANS = "plans"


def numbered(storage: Storage, folder: str) -> list[int]:
    """The files of `folder` that are named by a number, in numerical order; others are not ours."""
    return sorted(int(name) for name in storage.list(folder) if name.isdigit() and str(int(name)) == name)


def named(storage: Storage, path: str) -> str:
    """A file of the checkpoint as messages name it."""
    return f"{storage.location}/{path}"
