"""Something that is no file in the place of each file of a checkpoint: a named error, never a bare one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody, recover
from streamcore.checkpoint.inspection import inspect
from streamcore.checkpoint.maintenance import rewind
from streamcore.errors import StreamcoreError
from tests.unit.checkpoint.conftest import offsets, run_batches

PLACES = [
    "metadata", "offsets", "commits", "lease", "lease/lock", "lease/1", "offsets/2", "commits/2", "rewound",
    "state", "state/count/default/0", "plans", "sources",
]  # fmt: skip


class PlainWriter:
    def write(self, iterator: object) -> None:
        raise NotImplementedError


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def a_file(path: Path) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("x")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize("put", [a_folder, a_file, a_pipe, a_link])
def test_whatever_stands_in_the_place_of_a_file_is_refused_by_name_or_passed_over(
    put: Callable[[Path], None], folder: Path, reopen: Callable[[], Checkpoint], tmp_path: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 3)
    whole = tmp_path / "whole"
    folder.rename(whole)

    def start() -> None:
        with reopen() as checkpoint:
            point = recover(checkpoint, PlainWriter())
            checkpoint.write_offsets(offsets(point.batch_id))
            checkpoint.write_commit(CommitBody(checkpoint.query_id, point.batch_id).record())
            checkpoint.collect_garbage(keep=1)

    for place in PLACES:
        for act in (start, lambda: inspect(folder), lambda: rewind(folder, 0)):
            shutil.copytree(whole, folder)
            _remove(folder / place)
            put(folder / place)
            with suppress(StreamcoreError):
                act()
            shutil.rmtree(folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
