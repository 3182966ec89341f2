"""Versions of functions that a query follows: chosen and logged for a batch, held while it is retained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamcore.errors import CheckpointMismatch, SourceUnavailable
from streamcore.plan.logical import ComputedColumns
from streamcore.spi.computed import FollowsVersions
from streamcore.storage import StorageError

if TYPE_CHECKING:
    from streamcore.checkpoint.checkpoint import Checkpoint
    from streamcore.checkpoint.records import OffsetRecord
    from streamcore.plan.stages import StagePlan


class FollowedVersions:
    """Those of one query; used by its thread alone."""

    def __init__(self, plan: StagePlan, checkpoint: Checkpoint) -> None:
        functions = [
            node.function
            for fragment in plan.fragments
            for node in fragment.plan.walk()
            if isinstance(node, ComputedColumns) and isinstance(node.function, FollowsVersions)
        ]
        self._functions = {function.followed: function for function in functions}
        self._checkpoint = checkpoint
        self._held: dict[int, Mapping[str, str]] = {}

    def resume(self, planned: OffsetRecord | None) -> None:
        """Takes over what retained batches were computed by.

        Raises CheckpointMismatch when a batch is to be run as it was planned, without one of the functions.
        """
        if not self._functions:
            return
        for name in self._functions:
            if planned is not None and name not in planned.models:
                raise CheckpointMismatch(
                    f"batch {planned.batch_id} of {self._checkpoint.storage.location} was planned without "
                    f"{name} and is not committed: start the query once as it was, with "
                    "trigger(availableNow=True), and change it after that"
                )
        for batch_id in self._checkpoint.batches():
            self._held[batch_id] = self._checkpoint.offsets(batch_id).models
        if planned is not None:
            self._held[planned.batch_id] = planned.models

    def chosen(self, batch_id: int) -> Mapping[str, str]:
        """The versions for a batch that is planned now, by the names of their functions.

        Raises SourceUnavailable where the place of the versions cannot be read or written now.
        """
        found = {name: self._chosen(function) for name, function in self._functions.items()}
        if found:
            self._held[batch_id] = found
        return found

    def _chosen(self, function: FollowsVersions) -> str:
        try:
            newest = function.newest()
            if newest in self._named(function.followed):
                return newest
            return function.hold(self._checkpoint.query_id)
        except StorageError as error:
            raise SourceUnavailable(f"no version of {function.followed} was chosen: {error}") from error

    def _named(self, name: str) -> set[str]:
        return {models[name] for models in self._held.values() if name in models}

    def release_before(self, batch_id: int) -> None:
        """Lets go what only batches before this one, which are no longer retained, were computed by."""
        gone = [old for old in self._held if old < batch_id]
        if not gone:
            return
        before = {name: self._named(name) for name in self._functions}
        for old in gone:
            del self._held[old]
        for name, function in self._functions.items():
            keep = self._named(name)
            if keep != before[name]:
                function.release(self._checkpoint.query_id, keep)
