"""Relative paths inside a storage: checked, because a checkpoint may come from elsewhere."""

from __future__ import annotations

from streamcore.storage.errors import StorageRefused


def parts_of(path: str) -> tuple[str, ...]:
    """The components of a relative path with forward slashes.

    Raises StorageRefused for one that could lead out of its folder or that is reserved.

    >>> parts_of("offsets/12")
    ('offsets', '12')
    >>> parts_of("../12")
    Traceback (most recent call last):
    ...
    streamcore.storage.errors.StorageRefused: the path '../12' is refused: '..' is not a plain name
    """
    parts = tuple(path.split("/"))
    for part in parts:
        if not part or part.startswith(".") or any(c in part for c in "\\:\0"):
            raise StorageRefused(f"the path {path!r} is refused: {part!r} is not a plain name")
    return parts
