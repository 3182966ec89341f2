"""Durable storage of immutable files: the contract and its implementations."""

from __future__ import annotations

from streamcore.storage.contract import LargeFileStorage, Lock, LockableStorage, Storage
from streamcore.storage.errors import StorageError, StorageFull, StorageRefused
from streamcore.storage.locations import existing_storage, open_storage
from streamcore.storage.sub import SubStorage

__all__ = [
    "LargeFileStorage",
    "Lock",
    "LockableStorage",
    "Storage",
    "StorageError",
    "StorageFull",
    "StorageRefused",
    "SubStorage",
    "existing_storage",
    "open_storage",
]
