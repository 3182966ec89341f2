"""How much memory this process may count on: the machine's, or its control group's where that is less."""

from __future__ import annotations

import os
from pathlib import Path

_UNKNOWN = 4 << 30
_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUP = Path("/proc/self/cgroup")


def machine_memory(groups: Path = _GROUPS, own_group: Path = _OWN_GROUP) -> int:
    """Bytes of memory; a container's limit counts, and so do those of the groups around it."""
    return min([_physical(), *_group_limits(groups, own_group)])


def _physical() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN


def _group_limits(groups: Path, own_group: Path) -> list[int]:
    files = [groups / "memory" / "memory.limit_in_bytes", groups / "memory.max"]
    for line in _text(own_group).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            inner = groups / path.lstrip("/")
            files += [folder / "memory.max" for folder in (inner, *inner.parents) if groups in folder.parents]
    return [int(text) for text in (_text(file).strip() for file in files) if text.isdigit()]


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
