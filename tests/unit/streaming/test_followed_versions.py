"""Which versions of a function a query chooses and holds; the function itself is a script."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pytest

from streamcore.checkpoint.checkpoint import Checkpoint
from streamcore.errors import SourceUnavailable
from streamcore.plan.logical import ComputedColumns, Relation
from streamcore.plan.stages import Fragment, StagePlan
from streamcore.spi.clock import SystemClock
from streamcore.spi.computed import Computed
from streamcore.storage import StorageError
from streamcore.storage.memory import MemoryStorage
from streamcore.streaming.followed_versions import FollowedVersions


@dataclass(frozen=True)
class Scripted:
    """Versions come as they are listed; an error stands for a place that cannot be read."""

    coming: list[str | Exception]
    done: list[Any] = field(default_factory=list)
    followed: str = "scripted"

    def __call__(self, rows: Any) -> Computed:
        raise NotImplementedError

    def newest(self) -> str:
        found = self.coming[0]
        if isinstance(found, Exception):
            self.coming.pop(0)
            raise found
        return found

    def hold(self, holder: str) -> str:
        self.done.append(("hold", self.newest()))
        return self.newest()

    def release(self, holder: str, keep: Collection[str]) -> None:
        self.done.append(("keep", sorted(keep)))

    def at(self, version: str) -> Scripted:
        return self


def following(function: Scripted) -> FollowedVersions:
    rows = Relation("rows", (), None, is_stream=True)
    plan = ComputedColumns(rows, (), function, ())
    checkpoint = Checkpoint.open(MemoryStorage(), SystemClock(), "a-run")
    return FollowedVersions(StagePlan((), (Fragment(rows, plan),), {}), checkpoint)


def test_a_version_is_held_when_it_is_first_chosen_and_let_go_with_its_last_batch():
    function = Scripted(["1"])
    versions = following(function)
    for batch, version in enumerate(["1", "1", "2", "1"]):
        function.coming[:] = [version]
        assert versions.chosen(batch) == {"scripted": version}
    assert function.done == [("hold", "1"), ("hold", "2")]
    for oldest in (1, 2, 3):
        versions.release_before(oldest)
    assert function.done[2:] == [("keep", ["1"])]


def test_a_place_that_cannot_be_read_now_is_asked_again():
    versions = following(Scripted([StorageError("the disk is away"), "1"]))
    with pytest.raises(SourceUnavailable, match="no version of scripted was chosen: the disk is away"):
        versions.chosen(0)
    assert versions.chosen(0) == {"scripted": "1"}
