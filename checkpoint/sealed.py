"""What a source keeps in the checkpoint, each file in an envelope that says whose it is.

A source stores bytes under names.  Whether a file is whole, belongs to this query and this source, and
stands under the name that it was written under, is checked here for all of them.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from streamcore.checkpoint.envelope import damaged, seal, unseal
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from streamcore.storage import Storage

_KIND = "source"


class SealedStorage:
    """The folder of one source; `get` raises CheckpointCorrupted for a file that is not what it should be.

    >>> from streamcore.storage.memory import MemoryStorage
    >>> inner = MemoryStorage("memory://checkpoint/sources/clicks")
    >>> storage = SealedStorage(inner, query_id="q", source="clicks")
    >>> storage.put_if_absent("files/0", b"a.json"), storage.get("files/0")
    (True, b'a.json')
    >>> inner.replace("files/1", inner.get("files/0"))
    >>> storage.get("files/1")
    Traceback (most recent call last):
    ...
    streamcore.errors.CheckpointCorrupted: memory://checkpoint/sources/clicks/files/1 is damaged: it was ...
    """

    def __init__(self, inner: Storage, query_id: str, source: str) -> None:
        self._inner = inner
        self._owner = {"query_id": query_id, "source": source}

    @property
    def location(self) -> str:
        """See `Storage.location`."""
        return self._inner.location

    def get(self, path: str) -> bytes:
        """See `Storage.get`."""
        file = f"{self.location}/{path}"
        body = unseal(_KIND, self._inner.get(path), file)
        try:
            fields = Fields.parse(body)
            written = {key: fields.text(key) for key in ("path", "query_id", "source")}
            encoding, content = fields.text("encoding"), fields.text("content")
            fields.finish()
        except ValueError as error:
            raise damaged(file, str(error)) from error
        for key, value in {**self._owner, "path": path}.items():
            if written[key] != value:
                raise damaged(file, f"it was written for the {key} {written[key]}, not for {value}")
        return base64.b64decode(content) if encoding == "base64" else content.encode()

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """See `Storage.put_if_absent`."""
        return self._inner.put_if_absent(path, self._sealed(path, data))

    def replace(self, path: str, data: bytes) -> None:
        """See `Storage.replace`."""
        self._inner.replace(path, self._sealed(path, data))

    def list(self, folder: str) -> list[str]:
        """See `Storage.list`."""
        return self._inner.list(folder)

    def delete(self, path: str) -> None:
        """See `Storage.delete`."""
        self._inner.delete(path)

    def _sealed(self, path: str, data: bytes) -> bytes:
        try:
            content = {"encoding": "utf-8", "content": data.decode()}
        except UnicodeDecodeError:
            content = {"encoding": "base64", "content": base64.b64encode(data).decode()}
        return seal(_KIND, canonical({**self._owner, "path": path, **content}))
