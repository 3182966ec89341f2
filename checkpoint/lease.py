"""Who drives a checkpoint: a lock for the living, and a number that grows with every start.

The lock (where the storage has one) turns a second driver away at once, and is free the moment its
holder has died.  The number, the epoch, does not rest on locks: who takes over puts a file with the next
number, and drives only when the files with lower ones are gone.  A driver that was paused or cut off
misses its own before it writes its next intent, and stops.  So one read of one file is the whole check,
which matters where a file is a request to an object store.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from streamcore.checkpoint.envelope import seal, unseal
from streamcore.checkpoint.names import LEASES, LOCK, numbered
from streamcore.errors import CheckpointError, CheckpointFenced
from streamcore.storage import LockableStorage
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from streamcore.storage import Lock, Storage


@dataclass(frozen=True)
class Holder:
    """One start of a driver."""

    epoch: int
    run_id: str
    pid: int
    started_ms: int

    def __str__(self) -> str:
        started = datetime.fromtimestamp(self.started_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"the driver with process id {self.pid}, started {started} (run {self.run_id})"


class Lease:
    """The right of this driver to write to a checkpoint."""

    def __init__(self, storage: Storage, holder: Holder, lock: Lock | None) -> None:
        self._storage = storage
        self._holder = holder
        self._lock = lock
        self._pid = os.getpid()
        self._released = False

    @classmethod
    def take(cls, storage: Storage, run_id: str, now_ms: int) -> Lease:
        """Raises CheckpointFenced, naming the holder, while another driver lives."""
        lock = _take_lock(storage)
        try:
            epochs = numbered(storage, LEASES)
            holder = Holder(max(epochs, default=0) + 1, run_id, os.getpid(), now_ms)
            if not storage.put_if_absent(f"{LEASES}/{holder.epoch}", _sealed(holder)):
                raise CheckpointFenced(_in_use(storage))
            for epoch in epochs:
                storage.delete(f"{LEASES}/{epoch}")
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return cls(storage, holder, lock)

    @property
    def holder(self) -> Holder:
        """This driver."""
        return self._holder

    def check(self) -> None:
        """Raises CheckpointFenced when this process is not, or no longer, the one that may write."""
        if os.getpid() != self._pid:
            raise CheckpointFenced(
                f"the checkpoint {self._storage.location} belongs to process {self._pid}; its forked copy "
                f"{os.getpid()} must not write to it"
            )
        if self._released or (self._lock is not None and not self._lock.held):
            raise CheckpointFenced(f"the checkpoint {self._storage.location} was closed by this driver")
        if not self._is_there():
            raise CheckpointFenced(_taken_over(self._storage))

    def _is_there(self) -> bool:
        """Whether the file of this driver is, and not that of one in a checkpoint begun anew."""
        try:
            return self._storage.get(f"{LEASES}/{self._holder.epoch}") == _sealed(self._holder)
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Lets the next driver in; its number stays, so that numbers only grow."""
        self._released = True
        if self._lock is not None:
            self._lock.release()


def current_holder(storage: Storage) -> Holder | None:
    """The driver that started last, whether it lives or not; None when unknown."""
    epoch = max(numbered(storage, LEASES), default=0)
    path = f"{LEASES}/{epoch}"
    try:
        fields = Fields.parse(unseal("lease", storage.get(path), path))
        return Holder(epoch, fields.text("run_id"), fields.integer("pid"), fields.integer("started_ms"))
    except (FileNotFoundError, CheckpointError, ValueError):
        return None  # it is only asked for to word a message


def _take_lock(storage: Storage) -> Lock | None:
    if not isinstance(storage, LockableStorage):
        return None
    lock = storage.try_lock(LOCK)
    if lock is None:
        raise CheckpointFenced(_in_use(storage))
    return lock


def _sealed(holder: Holder) -> bytes:
    body = {"run_id": holder.run_id, "pid": holder.pid, "started_ms": holder.started_ms}
    return seal("lease", canonical(body))


def _in_use(storage: Storage) -> str:
    holder = current_holder(storage)
    who = str(holder) if holder else "another driver"
    if holder and holder.pid == os.getpid():
        who = f"another query of this same process (run {holder.run_id})"
    return (
        f"the checkpoint {storage.location} is in use by {who}. One query may run on a checkpoint at a time: "
        "stop that one first, or give this one a checkpoint location of its own"
    )


def _taken_over(storage: Storage) -> str:
    return (
        f"the checkpoint {storage.location} was taken over by {current_holder(storage) or 'another driver'}; "
        "this one has stopped, and the other goes on from its last commit"
    )
