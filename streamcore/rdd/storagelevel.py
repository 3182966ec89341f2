"""Where the partitions of a persisted RDD may be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class StorageLevel:
    """Whether partitions are kept in memory, on disk, or in memory and on disk when memory runs short.

    `useOffHeap`, `deserialized` and `replication` are carried for programs that read them; they change
    nothing on one machine.

    >>> StorageLevel.MEMORY_AND_DISK
    StorageLevel(True, True, False, False, 1)
    >>> print(StorageLevel.DISK_ONLY)
    Disk Serialized 1x Replicated
    """

    useDisk: bool
    useMemory: bool
    useOffHeap: bool
    deserialized: bool
    replication: int = 1

    NONE: ClassVar[StorageLevel]
    DISK_ONLY: ClassVar[StorageLevel]
    DISK_ONLY_2: ClassVar[StorageLevel]
    DISK_ONLY_3: ClassVar[StorageLevel]
    MEMORY_ONLY: ClassVar[StorageLevel]
    MEMORY_ONLY_2: ClassVar[StorageLevel]
    MEMORY_AND_DISK: ClassVar[StorageLevel]
    MEMORY_AND_DISK_2: ClassVar[StorageLevel]
    OFF_HEAP: ClassVar[StorageLevel]
    MEMORY_AND_DISK_DESER: ClassVar[StorageLevel]

    def __repr__(self) -> str:
        flags = (self.useDisk, self.useMemory, self.useOffHeap, self.deserialized, self.replication)
        return f"StorageLevel({', '.join(map(str, flags))})"

    def __str__(self) -> str:
        parts = [
            "Disk" if self.useDisk else "",
            "Memory" if self.useMemory else "",
            "OffHeap" if self.useOffHeap else "",
            "Deserialized" if self.deserialized else "Serialized",
            f"{self.replication}x Replicated",
        ]
        return " ".join(part for part in parts if part)

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""
        return self.useMemory or self.useDisk


StorageLevel.NONE = StorageLevel(False, False, False, False)  # noqa: FBT003 - PySpark's constructor
StorageLevel.DISK_ONLY = StorageLevel(True, False, False, False)  # noqa: FBT003
StorageLevel.DISK_ONLY_2 = StorageLevel(True, False, False, False, 2)  # noqa: FBT003
StorageLevel.DISK_ONLY_3 = StorageLevel(True, False, False, False, 3)  # noqa: FBT003
StorageLevel.MEMORY_ONLY = StorageLevel(False, True, False, False)  # noqa: FBT003
StorageLevel.MEMORY_ONLY_2 = StorageLevel(False, True, False, False, 2)  # noqa: FBT003
StorageLevel.MEMORY_AND_DISK = StorageLevel(True, True, False, False)  # noqa: FBT003
StorageLevel.MEMORY_AND_DISK_2 = StorageLevel(True, True, False, False, 2)  # noqa: FBT003
StorageLevel.OFF_HEAP = StorageLevel(True, True, True, False, 1)  # noqa: FBT003
StorageLevel.MEMORY_AND_DISK_DESER = StorageLevel(True, True, False, True)  # noqa: FBT003
