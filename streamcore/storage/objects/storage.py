"""Storage on an object store: what `streamcore.storage.contract` asks, kept with conditional writes.

A new object is written under the condition that there is none.  A large one goes up in parts under a
hidden name, and is copied within the store to its own under that condition.  When the answer to such a
write is lost it is sent again, and "exists" then means ours if the bytes are ours.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from streamcore.storage.objects.client import client_of
from streamcore.storage.objects.copies import JustWritten, local_copy
from streamcore.storage.objects.failures import is_final, kinds_of_failure, named_failures, object_error
from streamcore.storage.objects.machine_lock import try_machine_lock
from streamcore.storage.objects.options import object_store_options
from streamcore.storage.objects.place import place_of
from streamcore.storage.paths import parts_of

if TYPE_CHECKING:
    from datetime import datetime

    from obstore import GetResult

    from streamcore.storage.lock import FileLock

UPLOADS: Final = ".uploads"
"""The folder of objects that are on their way; no listing shows it."""

_PAUSES: Final = (0.1, 0.3, 1.0, 3.0)
_IN_ONE_REQUEST: Final = 16 << 20
_PART: Final = 8 << 20
_PARTS_AT_ONCE: Final = 4
_PIECE: Final = 4 << 20


class ObjectStorage:
    """A folder of a bucket; nothing is written when it is opened.

    Without `options` (see `object_store_options`) those of this process are taken.  A copy in another
    process has the same options.
    """

    def __init__(self, uri: str, options: Mapping[str, str] | None = None) -> None:
        self._place = place_of(uri)
        self._options = dict(object_store_options(uri) if options is None else options)
        self._client = client_of(self._place, self._options, retries=True)
        self._once = client_of(self._place, self._options, retries=False)
        self._just_written = JustWritten()

    def __reduce__(self) -> tuple[type[ObjectStorage], tuple[str, dict[str, str]]]:
        return ObjectStorage, (self._place.uri, self._options)

    def __repr__(self) -> str:
        return f"ObjectStorage({self.location!r})"

    @property
    def location(self) -> str:
        """The URI of the folder."""
        return self._place.uri

    def get(self, path: str) -> bytes:
        """See `Storage.get`."""
        import obstore

        key = _key(path)
        with named_failures("read", path, self.location):
            return bytes(obstore.get(self._client, key).bytes())

    def map(self, path: str) -> memoryview:
        """See `LargeFileStorage.map`; downloaded once, unless this storage has just written it."""
        key = _key(path)
        written = self._just_written.take(path)
        if written is not None:
            return written
        with named_failures("read", path, self.location):
            return self._downloaded(key)

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """See `Storage.put_if_absent`."""
        return self._create(path, memoryview(data))

    def put_pieces_if_absent(self, path: str, pieces: Iterable[bytes | memoryview]) -> bool:
        """See `LargeFileStorage.put_pieces_if_absent`."""
        _key(path)
        copy = local_copy(pieces)
        if not self._create(path, copy):
            return False
        self._just_written.keep(path, copy)
        return True

    def replace(self, path: str, data: bytes) -> None:
        """See `Storage.replace`."""
        import obstore

        key = _key(path)
        self._just_written.take(path)
        with named_failures("write", path, self.location):
            obstore.put(self._client, key, data)

    def list(self, folder: str) -> list[str]:
        """See `Storage.list`."""
        import obstore

        key = _key(folder) if folder else None
        with named_failures("list", folder, self.location):
            found = obstore.list_with_delimiter(self._client, key)["objects"]
        start = len(key) + 1 if key else 0
        names = (meta["path"][start:] for meta in found)
        return sorted(name for name in names if name and not name.startswith("."))

    def delete(self, path: str) -> None:
        """See `Storage.delete`."""
        key = _key(path)
        self._just_written.take(path)
        self._remove(path, key)

    def try_lock(self, path: str) -> FileLock | None:
        """A lock among the processes of this machine: the store itself has none.

        A driver elsewhere is not turned away; it takes over, and the lease stops the one before it.
        """
        endpoint = self._options.get("aws_endpoint") or self._options.get("azure_storage_endpoint", "")
        return try_machine_lock(f"{endpoint} {self.location}/{_key(path)}")

    def remove_uploads(self, before: datetime) -> None:
        """Removes what writers that died in the middle of a large object have left before then."""
        import obstore

        with named_failures("list", UPLOADS, self.location):
            left = obstore.list_with_delimiter(self._client, UPLOADS)["objects"]
        for meta in left:
            if meta["last_modified"] < before:
                self._remove(meta["path"], meta["path"])

    # ---- writing under a condition ---------------------------------------------------------------

    def _create(self, path: str, data: memoryview) -> bool:
        import obstore

        key = _key(path)
        if len(data) <= _IN_ONE_REQUEST:
            body = data.obj if isinstance(data.obj, bytes) else data
            return self._conditionally(
                path, data, lambda: obstore.put(self._once, key, body, mode="create", use_multipart=False)
            )
        hidden = f"{UPLOADS}/{secrets.token_hex(16)}"
        try:
            self._upload(path, hidden, data)
            return self._conditionally(
                path, data, lambda: obstore.copy(self._once, hidden, key, overwrite=False)
            )
        finally:
            self._remove(path, hidden)

    def _upload(self, path: str, key: str, data: memoryview) -> None:
        import obstore

        pieces = (bytes(data[start : start + _PART]) for start in range(0, len(data), _PART))
        with named_failures("write", path, self.location):
            obstore.put(self._client, key, pieces, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)

    def _conditionally(self, path: str, data: memoryview, create: Callable[[], object]) -> bool:
        """Whether `create` has made the object, which only a store can say; asked until it does."""
        from obstore.exceptions import AlreadyExistsError

        in_doubt = False
        for pause in (*_PAUSES, None):
            try:
                create()
                return True
            except AlreadyExistsError as error:
                found = self._found(path, whole=in_doubt)
                if found is not None:
                    return in_doubt and found == data
                # Two writers at once may both be turned away, by stores that answer "conflict".
                failure: BaseException = error
            except kinds_of_failure() as error:
                if is_final(error):
                    raise object_error("write", path, self.location, error) from None
                in_doubt = True
                failure = error
            if pause is None:
                raise object_error("write", path, self.location, failure) from None
            time.sleep(pause)
        raise AssertionError("not reached")

    def _found(self, path: str, *, whole: bool) -> bytes | None:
        """What is at `path`, its bytes only if asked for; None when nothing is."""
        import obstore

        try:
            if whole:
                return self.get(path)
            with named_failures("read", path, self.location):
                obstore.head(self._client, _key(path))
            return b""
        except FileNotFoundError:
            return None

    # ---- requests ----------------------------------------------------------------------------------

    def _downloaded(self, key: str) -> memoryview:
        import obstore

        answer = obstore.get(self._client, key)
        size = int(answer.meta["size"])
        copy = local_copy(_pieces(answer))
        if len(copy) != size:
            raise OSError(f"only {len(copy)} of {size} bytes came")
        return copy

    def _remove(self, path: str, key: str) -> None:
        import obstore

        with named_failures("remove", path, self.location), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._client, key)


def _key(path: str) -> str:
    return "/".join(parts_of(path))


def _pieces(answer: GetResult) -> Iterator[bytes]:
    return (bytes(piece) for piece in answer.stream(min_chunk_size=_PIECE))
