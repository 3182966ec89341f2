"""From what a user writes as a checkpoint location to the storage there, or to the reason why not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from streamcore.storage.errors import StorageRefused
from streamcore.storage.local import LocalStorage, probe
from streamcore.storage.memory import named_memory
from streamcore.storage.objects.place import is_object_uri

if TYPE_CHECKING:
    from streamcore.storage.contract import LargeFileStorage

_HADOOP = {"hdfs": "HDFS", "viewfs": "HDFS"}


def open_storage(location: str | Path, what: str = "a checkpoint") -> LargeFileStorage:
    """The storage at a plain path, a file:// URI, a URI of an object store (s3://, abfss://, gs://, ...), or
    memory://<name> (which lives as long as the process).

    Raises StorageRefused, with the reason and the way out, for a place that cannot create a file exactly
    once and durably, and StorageError when the place cannot be written.  `what` is to be kept there, for
    messages.

    >>> open_storage("memory://example").location
    'memory://example'
    >>> open_storage("hdfs://namenode/checkpoint")
    Traceback (most recent call last):
    ...
    streamcore.storage.errors.StorageRefused: hdfs://namenode/checkpoint cannot hold a checkpoint: HDFS ...
    """
    text = os.fspath(location)
    if is_object_uri(text):
        from streamcore.storage.objects.probing import probed_objects

        return probed_objects(text, what)
    storage = existing_storage(text, what)
    if isinstance(storage, LocalStorage):
        probe(storage)
    return storage


def existing_storage(location: str | Path, what: str = "a checkpoint") -> LargeFileStorage:
    """As `open_storage`, for looking: nothing is written, so nothing is found out about writing.

    Raises StorageRefused for a place that cannot hold `what`.
    """
    text = os.fspath(location)
    if is_object_uri(text):
        from streamcore.storage.objects.storage import ObjectStorage

        return ObjectStorage(text)
    scheme = _scheme_of(text)
    if scheme == "":
        return LocalStorage(Path(text).expanduser())
    if scheme == "file":
        return LocalStorage(_path_of_file_uri(text))
    if scheme == "memory":
        return named_memory(text.split("://", 1)[1])
    raise StorageRefused(_reason(scheme, text, what))


def local_folder(location: str) -> Path:
    """The folder of this machine at a plain path or a file:// URI; StorageRefused for any other place."""
    scheme = _scheme_of(location)
    if scheme not in ("", "file"):
        raise StorageRefused(f"{location} is no folder of this machine: write a path, or file:///path")
    path = Path(location).expanduser() if scheme == "" else _path_of_file_uri(location)
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _scheme_of(text: str) -> str:
    if "://" in text:
        return text.split("://", 1)[0].lower()
    return "file" if text.lower().startswith("file:/") else ""


def _path_of_file_uri(text: str) -> Path:
    uri = urlsplit(text)
    if uri.netloc not in ("", "localhost"):
        raise StorageRefused(f"{text} names a host; write file:///path for a folder of this machine")
    path = unquote(uri.path)
    return Path(path.lstrip("/") if os.name == "nt" else path)


def _reason(scheme: str, text: str, what: str) -> str:
    shown = text.split("?", 1)[0].rsplit("@", 1)[-1] if "@" in text else text
    way_out = (
        "keep it on a disk (a path or file:///path) or on an object store (s3://, abfss://, gs://); the data "
        "itself may well be written there"
    )
    if scheme in _HADOOP:
        return (
            f"{shown} cannot hold {what}: {_HADOOP[scheme]} is reached through pyarrow, which does not "
            f"sync a file when it is closed, so a committed batch could be lost; {way_out}"
        )
    return f"{shown} cannot hold {what}: the scheme {scheme!r} is not known; {way_out}"
