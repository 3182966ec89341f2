"""What things are called in a model store, checked because a store may come from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamcore.errors import IllegalArgumentException, ModelNotFound
from streamcore.storage import StorageRefused
from streamcore.storage.paths import parts_of

if TYPE_CHECKING:
    from streamcore.storage import Storage

VERSIONS: Final = "versions"
OBJECTS: Final = "objects"
ALIASES: Final = "aliases"
TAGS: Final = "tags"
HOLDS: Final = "holds"
LOCK: Final = "lock"
COLLECTED: Final = "collected"
LATEST: Final = "latest"
"""Names the newest version, always."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
_HOLDER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def checked_name(name: str, what: str) -> str:
    """A name for an alias or a tag (`what`); IllegalArgumentException for one that cannot be.

    >>> checked_name("champion", "alias")
    'champion'
    >>> checked_name("../champion", "alias")
    Traceback (most recent call last):
    ...
    streamcore.errors.IllegalArgumentException: '../champion' cannot be an alias: ...
    """
    if not _NAME.fullmatch(name) or name == LATEST:
        article = "an" if what[0] in "aeiou" else "a"
        raise IllegalArgumentException(
            f"{name!r} cannot be {article} {what}: a letter or underscore and up to 99 letters, digits, "
            f"underscores, points and hyphens can; {LATEST!r} always means the newest version"
        )
    return name


def checked_holder(holder: str) -> str:
    """The name of who holds versions, a query id say; IllegalArgumentException for one that cannot be."""
    if not _HOLDER.fullmatch(holder):
        raise IllegalArgumentException(
            f"{holder!r} cannot be a holder: up to 200 letters, digits, underscores, points and hyphens can"
        )
    return holder


def checked_digest(digest: str) -> str:
    """A SHA-256 in hex digits; ValueError for anything else, since it becomes the name of a file.

    >>> checked_digest("../secret")
    Traceback (most recent call last):
    ...
    ValueError: '../secret' is not a SHA-256
    """
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is not a SHA-256")
    return digest


def checked_file(path: str) -> str:
    """The relative path of a file of a model; ValueError for one that could lead out of its folder."""
    try:
        parts_of(path)
    except StorageRefused as error:
        raise ValueError(str(error)) from None
    return path


def numbers(storage: Storage, folder: str) -> list[int]:
    """The files of `folder` that are named by a number from 1 on, in numerical order; others are not ours."""
    names = storage.list(folder)
    return sorted(int(n) for n in names if n.isascii() and n.isdigit() and not n.startswith("0"))


def checked_version(version: object, location: str) -> int:
    """A number of a version; ModelNotFound for what cannot be one."""
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ModelNotFound(f"{location} has no version {version!r}: versions are numbered from 1 on")
    return version
