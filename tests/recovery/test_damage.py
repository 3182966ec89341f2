"""A broken file or a full disk is an error that names the thing, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recovery.job import Job, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Trials, files, plain

BATCHES = batches_of_rows(6, "append")
EXPECTED = expected_windows(BATCHES, "append")


def killed_half_way(nursery: Nursery, folder: Path) -> tuple[Trials, Job]:
    trials = Trials(Place("parquet", "append", folder), files(folder / "input", BATCHES))
    job = trials.job()
    assert nursery.run(job, crash_at="source-commit:after:4").code == KILLED
    return trials, job


def damaged(data: bytes, how: str) -> bytes:
    middle = len(data) // 2
    return (
        data[:middle]
        if how == "truncated"
        else data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    )


@pytest.mark.parametrize("how", ["truncated", "edited"])
@pytest.mark.parametrize("kind", ["metadata", "offsets", "commits", "plans", "state", "sources", "manifest"])
def test_a_damaged_file_stops_the_query_by_its_name_and_restored_the_query_goes_on(
    nursery: Nursery, tmp_path: Path, kind: str, how: str
) -> None:
    trials, job = killed_half_way(nursery, tmp_path)
    before = trials.place.rows(job.sink)
    path = newest(job, kind)
    whole = path.read_bytes()
    path.write_bytes(damaged(whole, how))
    ending = nursery.run(job)
    assert ending.code == 1
    assert path.name in ending.error
    assert "Corrupted" in ending.error or "damaged" in ending.error
    path.write_bytes(whole)
    # A block of state is checked before its first row is used: batches that need none of it are right.
    after = trials.place.rows(job.sink)
    assert after == before if kind != "state" else set(before) <= set(after)
    assert nursery.run(job).code == 0
    assert plain(trials.place.rows(job.sink)) == EXPECTED


def newest(job: Job, kind: str) -> Path:
    """The file of this kind that a start reads, the youngest of them."""
    folder = Path(job.sink[1]["path"]) if kind == "manifest" else Path(job.checkpoint)
    pattern = {"metadata": "metadata", "state": "state/aggregate-0/*/*/*", "sources": "sources/**/*"}
    found = [
        path
        for path in folder.glob(pattern.get(kind, "_*/**/*" if kind == "manifest" else f"{kind}/*"))
        if path.is_file() and path.stat().st_size
    ]
    return max(found, key=lambda path: path.stat().st_mtime_ns)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("kind", ["parquet", "sqlite"])
@pytest.mark.parametrize("free", [3_000, 20_000, 50_000])
def test_a_full_disk_is_a_clear_error_and_with_room_again_the_query_goes_on(
    nursery: Nursery, small_disk: Path, tmp_path: Path, kind: str, free: int
) -> None:
    source = files(tmp_path / "input", BATCHES)
    trials = Trials(Place(kind, "append", small_disk), source)
    job = trials.job()
    assert nursery.run(job, crash_at="source-commit:after:2").code == KILLED
    ballast = small_disk / "ballast"
    room = os.statvfs(small_disk)
    ballast.write_bytes(bytes(max(room.f_bavail * room.f_frsize - free, 0)))
    ending = nursery.run(job)
    assert ending.code == 1
    assert "No space left" in ending.error or "full" in ending.error
    ballast.unlink()
    assert nursery.run(job).code == 0
    assert plain(trials.place.rows(job.sink)) == EXPECTED


@pytest.mark.parametrize("largest", [64, 700, 1_500])
def test_a_file_that_cannot_be_written_is_a_clear_error_and_the_query_goes_on(
    nursery: Nursery, tmp_path: Path, largest: int
) -> None:
    trials, job = killed_half_way(nursery, tmp_path)
    ending = nursery.run(replace(job, largest_file=largest))
    assert ending.code == 1
    assert "File too large" in ending.error
    assert nursery.run(job).code == 0
    assert plain(trials.place.rows(job.sink)) == EXPECTED
