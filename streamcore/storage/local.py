"""Storage on a disk, for every file system that has hard links (ext4, xfs, btrfs, APFS, NTFS, NFS, ...).

A new file is written without a name (or under a hidden one), synced, and only then linked to its path.
Linking refuses an existing path atomically, which is what `put_if_absent` promises; readers never see
half a file, and a writer that dies leaves nothing where the system has nameless files (Linux).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from streamcore.storage.errors import StorageRefused, storage_error
from streamcore.storage.lock import FileLock
from streamcore.storage.paths import parts_of
from streamcore.storage.publish import (
    NoLinksError,
    hidden_beside,
    make_folder,
    map_without_following,
    publish,
    read_without_following,
    sync_folder,
    synced_temporary,
)


class LocalStorage:
    """A folder of the local file system; it is made when the first file is written.

    Raises StorageRefused when the location is a file.
    """

    def __init__(self, folder: str | Path) -> None:
        self._root = Path(os.path.abspath(os.fspath(folder)))  # noqa: PTH100 - resolve() would follow links
        self._checked: set[Path] = set()
        self._folders: dict[str, Path] = {}
        if self._root.exists() and not self._root.is_dir():
            raise StorageRefused(f"{self._root} is a file, not a folder")

    @property
    def location(self) -> str:
        """The absolute path of the folder."""
        return str(self._root)

    def __repr__(self) -> str:
        return f"LocalStorage({self.location!r})"

    def get(self, path: str) -> bytes:
        """See `Storage.get`."""
        target = self._target(path)
        try:
            return read_without_following(target)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(f"{path} under {self.location}") from None
        except OSError as error:
            raise storage_error("read", path, self.location, error) from error

    def map(self, path: str) -> memoryview:
        """See `LargeFileStorage.map`."""
        target = self._target(path)
        try:
            return map_without_following(target)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(f"{path} under {self.location}") from None
        except OSError as error:
            raise storage_error("read", path, self.location, error) from error

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """See `Storage.put_if_absent`."""
        return self.put_pieces_if_absent(path, [data])

    def put_pieces_if_absent(self, path: str, pieces: Iterable[bytes | memoryview]) -> bool:
        """See `LargeFileStorage.put_pieces_if_absent`."""
        target = self._target(path)
        try:
            self._ensure_folder(target.parent)
            if not publish(target, pieces):
                return False
            sync_folder(target.parent)
            return True
        except OSError as error:
            raise storage_error("write", path, self.location, error) from error

    def replace(self, path: str, data: bytes) -> None:
        """See `Storage.replace`."""
        target = self._target(path)
        try:
            self._ensure_folder(target.parent)
            with synced_temporary(target, [data]) as hidden:
                hidden.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise storage_error("write", path, self.location, error) from error

    def list(self, folder: str) -> list[str]:
        """See `Storage.list`."""
        target = self._folder(folder)
        try:
            with os.scandir(target) as entries:
                names = [e.name for e in entries if e.is_file(follow_symlinks=False)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise storage_error("list", folder, self.location, error) from error
        return sorted(name for name in names if not name.startswith("."))

    def delete(self, path: str) -> None:
        """See `Storage.delete`."""
        target = self._target(path)
        try:
            target.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise storage_error("remove", path, self.location, error) from error

    def try_lock(self, path: str) -> FileLock | None:
        """See `LockableStorage.try_lock`."""
        target = self._target(path)
        try:
            self._ensure_folder(target.parent)
            return FileLock.try_take(target)
        except OSError as error:
            raise storage_error("lock", path, self.location, error) from error

    def _target(self, path: str) -> Path:
        folder, _, name = path.rpartition("/")
        return self._folder(folder).joinpath(*parts_of(name))

    def _folder(self, folder: str) -> Path:
        """The root for ""; a folder that is there is looked at once."""
        found = self._folders.get(folder)
        if found is None:
            found = self._root.joinpath(*parts_of(folder)) if folder else self._root
            self._check_folder(found)
            if found in self._checked:
                self._folders[folder] = found
        return found

    def _check_folder(self, folder: Path) -> None:
        """Refuses a folder below the root that is a link: it could lead anywhere."""
        if folder in self._checked or folder == self._root:
            return
        self._check_folder(folder.parent)
        try:
            mode = folder.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return
        if stat.S_ISLNK(mode):
            raise StorageRefused(
                f"{folder} is a symbolic link inside {self.location}; put a real folder in its place"
            )
        self._checked.add(folder)

    def _ensure_folder(self, folder: Path) -> None:
        if folder in self._checked:
            return
        make_folder(folder)
        self._checked.add(folder)


def probe(storage: LocalStorage) -> None:
    """Raises StorageRefused when the file system cannot link, StorageError when the folder is read-only."""
    root = Path(storage.location)
    try:
        make_folder(root)
        hidden = hidden_beside(root / "probe")
        try:
            publish(hidden, [])
        finally:
            hidden.unlink(missing_ok=True)
    except NoLinksError as error:
        raise StorageRefused(_no_links(storage.location)) from error
    except OSError as error:
        raise storage_error("write", "a first file", storage.location, error) from error


def _no_links(location: str) -> str:
    return (
        f"the file system of {location} has no hard links, so a file cannot be created there exactly once by "
        "one of two writers; use a folder on a file system that has them (ext4, xfs, btrfs, APFS, NTFS, NFS)"
    )
