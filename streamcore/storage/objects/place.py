"""What a URI of an object store names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from streamcore.storage.errors import StorageRefused


class Store(Enum):
    """A kind of object store; the value is its name for people."""

    S3 = "Amazon S3"
    AZURE = "Azure Blob Storage"
    GCS = "Google Cloud Storage"


SCHEMES: Final = {
    "s3": Store.S3, "s3a": Store.S3, "s3n": Store.S3,
    "gs": Store.GCS, "gcs": Store.GCS,
    "abfs": Store.AZURE, "abfss": Store.AZURE, "wasb": Store.AZURE, "wasbs": Store.AZURE, "az": Store.AZURE,
}  # fmt: skip

_BAD_PARTS: Final = ("", ".", "..")


@dataclass(frozen=True)
class ObjectPlace:
    """A folder of a bucket (Azure: of a container).

    `account` is the storage account of Azure where the URI names it, with the host in `host`.
    """

    uri: str
    store: Store
    bucket: str
    prefix: str
    account: str | None = None
    host: str | None = None


def is_object_uri(text: str) -> bool:
    """Whether a location is on an object store.

    >>> is_object_uri("s3://bucket/x"), is_object_uri("/s3/bucket"), is_object_uri("S3A://bucket")
    (True, False, True)
    """
    scheme, mark, _ = text.partition("://")
    return bool(mark) and scheme.lower() in SCHEMES


def place_of(uri: str) -> ObjectPlace:
    """What the URI names; StorageRefused when it is not one of an object store, or holds a secret.

    >>> place_of("abfss://data@lake.dfs.core.windows.net/in/clicks").account
    'lake'
    >>> place_of("s3a://bucket/in//clicks/").prefix
    'in/clicks'
    """
    scheme, _, rest = uri.partition("://")
    store = SCHEMES[scheme.lower()]
    authority, _, path = rest.partition("/")
    shown = f"{scheme.lower()}://{authority.rpartition('@')[2]}/{path.partition('?')[0]}".rstrip("/")
    if "?" in rest or "#" in rest:
        raise StorageRefused(f"{shown}: a location has no '?' and no '#'; give keys and options as settings")
    prefix = "/".join(part for part in path.split("/") if part)
    if any(part in _BAD_PARTS for part in prefix.split("/") if prefix):
        raise StorageRefused(f"{shown}: '.' and '..' mean nothing in an object store; write the path out")
    if store is Store.AZURE:
        return _azure(scheme.lower(), authority, prefix, shown)
    if "@" in authority:
        raise StorageRefused(
            f"{shown}: keys do not belong into a location, which is logged; give them as settings "
            "(spark.hadoop.fs.s3a.access.key, ...) or in the environment"
        )
    if not authority:
        raise StorageRefused(f"{uri} names no bucket: write {scheme}://BUCKET/PATH")
    return ObjectPlace(shown, store, authority, prefix)


def _azure(scheme: str, authority: str, prefix: str, shown: str) -> ObjectPlace:
    container, mark, host = authority.partition("@")
    if not container or ":" in container:
        raise StorageRefused(
            f"{shown} names no container: write {scheme}://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH, "
            "or az://CONTAINER/PATH with the account in the environment"
        )
    uri = f"{scheme}://{authority}/{prefix}".rstrip("/")
    account = host.partition(".")[0] if mark else None
    return ObjectPlace(uri, Store.AZURE, container, prefix, account, host or None)
