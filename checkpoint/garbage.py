"""What no retained batch needs any more: old intents and outcomes, and state files nobody names.

A batch goes commits/N first, then offsets/N, then the state files that only it named: a crash between
leaves files that nothing names, never a batch that names missing files.  Those, and what crashed
attempts staged, are found by one full look at the state folders after every start.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from streamcore.checkpoint.batches import parse_commit
from streamcore.checkpoint.names import named
from streamcore.checkpoint.state_files import epoch_in, version_in
from streamcore.errors import CheckpointCorrupted
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from streamcore.checkpoint.batches import BatchLogs
    from streamcore.checkpoint.plans import Plans
    from streamcore.storage import Storage

EXPIRE = declare("expire-batch", owner="streamcore.checkpoint")
SWEEP = declare("sweep-state", owner="streamcore.checkpoint")


class Garbage:
    """The collector of one open checkpoint."""

    def __init__(self, storage: Storage, logs: BatchLogs, plans: Plans, epoch: int) -> None:
        self._storage = storage
        self._logs = logs
        self._plans = plans
        self._epoch = epoch
        self._swept = False

    def collect(self, committed: list[int], keep: int, folders: AbstractSet[str]) -> list[int]:
        """Expires the oldest of the `committed` batches but for `keep`; returns those that remain.

        Work is put off until a tenth of `keep` has come together.  In `folders` the running query puts its
        state.
        """
        if not committed:
            return committed
        if not self._swept:
            self._sweep(committed, folders)
            self._swept = True
        surplus = len(committed) - keep
        if surplus < max(1, keep // 10):
            return committed
        for batch_id, successor in pairwise(committed[: surplus + 1]):
            self._expire(batch_id, successor)
        return committed[surplus:]

    def _expire(self, batch_id: int, successor: int) -> None:
        old, new = self._files(batch_id), self._files(successor)
        reached(f"{EXPIRE}:before")
        self._logs.remove_commit(batch_id)
        self._logs.remove_offsets(batch_id)
        if old is not None and new is not None:
            # What the successor does not name, no later batch names either.
            for path in sorted(old - new):
                self._storage.delete(path)
        reached(f"{EXPIRE}:after")

    def _sweep(self, committed: list[int], folders: AbstractSet[str]) -> None:
        """Removes what crashed attempts and interrupted collections have left."""
        for batch_id in self._logs.planned():
            if batch_id < committed[0]:
                self._logs.remove_offsets(batch_id)
        living = self._named_by(committed[-1])
        for batch_id in committed[:-1]:
            living |= self._files(batch_id) or set()
        reached(f"{SWEEP}:before")
        self._sweep_plans()
        for folder in sorted(folders | {path.rpartition("/")[0] for path in living}):
            self._sweep_folder(folder, living, committed[-1])
        reached(f"{SWEEP}:after")

    def _sweep_plans(self) -> None:
        try:
            living = {self._logs.offsets(batch_id)[0].plan for batch_id in self._logs.planned()}
        except CheckpointCorrupted:
            return  # nobody knows which description the damaged intent names
        self._plans.remove_others(living)

    def _sweep_folder(self, folder: str, living: set[str], newest: int) -> None:
        for name in self._storage.list(folder):
            version = version_in(name)
            # A younger file may belong to a batch that is being staged right now, and one of this driver's
            # own to a later commit: runs are merged beside the batches.
            is_done = version is not None and version <= newest and epoch_in(name) != self._epoch
            if is_done and f"{folder}/{name}" not in living:
                self._storage.delete(f"{folder}/{name}")

    def _files(self, batch_id: int) -> set[str] | None:
        """None for a damaged record: nobody can go back to that batch, so it keeps nothing alive."""
        try:
            return self._named_by(batch_id)
        except CheckpointCorrupted:
            return None

    def _named_by(self, batch_id: int) -> set[str]:
        record = self._logs.commit(batch_id)
        body = parse_commit(record.body, named(self._storage, f"commits/{batch_id}"))
        return {file.path for file in body.state}
