"""Storage in five verbs: all that the checkpoint, the state and the file sink's manifest ask of a place.

The guarantee asked for: when a writing verb returns, the bytes survive a crash of the machine (fsync of
the file and its folder where the place is a disk), and readers see a whole file or none.
`put_if_absent` is atomic: of any number of callers for one path exactly one gets True.  A place that
cannot promise this is refused when it is opened.
"""

from __future__ import annotations

from typing import Protocol


class Storage(Protocol):
    """A folder of small immutable files; paths are relative, with forward slashes."""

    @property
    def location(self) -> str:
        """The folder as the user named it, for messages."""

    def get(self, path: str) -> bytes:
        """The whole file; FileNotFoundError when there is none."""

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """Writes a new file durably; False, with nothing changed, when the path exists."""

    def replace(self, path: str, data: bytes) -> None:
        """Writes a file durably, in the place of an older one if there is one."""

    def list(self, folder: str) -> list[str]:
        """The names of the files (not folders) directly in `folder`, sorted; [] when it does not exist."""

    def delete(self, path: str) -> None:
        """Removes a file; nothing happens when there is none."""
