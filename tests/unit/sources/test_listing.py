"""What counts below a path: committed files of streaming queries, regular files, folders that changed."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from streamcore.errors import AnalysisException, QueryExecutionException, StreamcoreError
from streamcore.sources.files.folder_watch import FolderWatch
from streamcore.sources.files.listing import Place, list_files, require_existing
from streamcore.spi.file_manifest import (
    HIDDEN_FOLDER,
    OWNER,
    SEGMENTS,
    DataFile,
    Segment,
    encode,
    seal,
    staged_path,
)


def committed(folder: Path, *batches: list[str]) -> None:
    """A query's output: the files of each micro-batch, all in their places."""
    hidden = folder / HIDDEN_FOLDER
    (hidden / SEGMENTS).mkdir(parents=True)
    (hidden / "staging").mkdir()
    (hidden / OWNER).write_bytes(seal({"version": 1, "query_id": "q"}))
    for batch_id, names in enumerate(batches):
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("x")
        files = tuple(DataFile(name, 1, 1, batch_id) for name in names)
        segment = Segment("q", batch_id, batch_id, "{}", files)
        (hidden / SEGMENTS / segment.name).write_bytes(encode(segment))


def found(path: Path, **place: bool) -> list[str]:
    return [file.path.removeprefix(f"{path}/") for file in list_files(Place((str(path),), **place))]  # type: ignore[arg-type]


def test_a_committed_file_that_is_gone_is_named_and_can_be_ignored(tmp_path: Path) -> None:
    committed(tmp_path, ["a"], ["b"])
    (tmp_path / "a").unlink()
    with pytest.raises(
        QueryExecutionException, match=rf"FILE_NOT_EXIST.*{tmp_path}/a is gone.*micro-batch 0"
    ):
        found(tmp_path)
    assert found(tmp_path, ignore_missing=True) == ["b"]


def test_a_batch_whose_files_are_still_moved_is_not_seen_in_part(tmp_path: Path) -> None:
    committed(tmp_path, ["a"], ["b", "c"], ["d"])
    staged = tmp_path / HIDDEN_FOLDER / staged_path("c")
    (tmp_path / "c").rename(staged)
    assert found(tmp_path) == ["a"]
    staged.rename(tmp_path / "c")
    assert found(tmp_path) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("place", ["day=1", "deep/er"])
def test_the_manifest_of_a_folder_below_counts_too(tmp_path: Path, place: str) -> None:
    output = tmp_path / place
    output.mkdir(parents=True)
    committed(output, ["a"])
    (output / "of-a-crashed-attempt").write_text("x")
    (tmp_path / "plain").write_text("x")
    assert found(tmp_path, recursive=True) == sorted([f"{place}/a", "plain"])


def test_a_path_or_pattern_that_nothing_fits_is_named(tmp_path: Path) -> None:
    (tmp_path / "a[1]").write_text("x")
    for path, words in (("nowhere", "nowhere"), ("x*", r"x\*"), ("{a,b}/*", "{a,b}"), ("a[1]", "backslash")):
        with pytest.raises(AnalysisException, match=rf"PATH_NOT_FOUND.*{words}"):
            require_existing(Place((f"{tmp_path}/{path}",)))
    require_existing(Place((f"{tmp_path}/a\\[1\\]",)))


def test_what_is_no_regular_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(QueryExecutionException, match="pipe is no regular file"):
        found(tmp_path)


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    (tmp_path / "a=1").symlink_to("a=1")
    with pytest.raises(QueryExecutionException, match=f"{tmp_path}/a=1 cannot be looked at"):
        found(tmp_path)


def watched(folder: Path, now_ns: list[int]) -> FolderWatch:
    watch = FolderWatch(lambda: now_ns[0])
    watch.start()
    list_files(Place((str(folder),)), visit=watch.visit)
    return watch


def test_a_folder_whose_time_was_put_back_is_listed_again(tmp_path: Path) -> None:
    before = tmp_path.stat()
    now = [time.time_ns() + 5 * 10**9]
    watch = watched(tmp_path, now)
    assert watch.unchanged()
    (tmp_path / "new.json").write_text(json.dumps({"n": 1}))
    os.utime(tmp_path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert tmp_path.stat().st_mtime_ns == before.st_mtime_ns
    assert not watch.unchanged()


def test_a_folder_put_in_the_place_of_another_is_listed_again(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    watch = watched(folder, [time.time_ns() + 5 * 10**9])
    other = tmp_path / "other"
    other.mkdir()
    folder.rename(tmp_path / "old")
    other.rename(folder)
    assert not watch.unchanged()


def test_a_listing_is_not_believed_for_long(tmp_path: Path) -> None:
    now = [time.time_ns() + 5 * 10**9]
    watch = watched(tmp_path, now)
    now[0] += 31 * 10**9
    assert not watch.unchanged()


def test_a_folder_in_the_place_of_a_manifests_file_is_named(tmp_path: Path) -> None:
    committed(tmp_path, ["a"])
    (tmp_path / HIDDEN_FOLDER / OWNER).unlink()
    (tmp_path / HIDDEN_FOLDER / OWNER).mkdir()
    with pytest.raises(StreamcoreError, match=OWNER):
        found(tmp_path)


def test_a_folder_inside_a_querys_output_is_read_by_its_manifest(tmp_path: Path) -> None:
    committed(tmp_path, ["day=1/a"], ["day=1/b", "day=2/c"])
    (tmp_path / "day=1" / "of-a-crashed-attempt").write_text("x")
    assert found(tmp_path / "day=1") == ["a", "b"]
    reread = list_files(Place((f"{tmp_path}/day=*",)), skip=lambda path: not path.endswith("c"))
    assert [Path(file.path).name for file in reread] == ["c"]
    assert list_files(Place((f"{tmp_path}/day=1",)), skip=lambda _: True) == []
    (tmp_path / "day=2" / "c").rename(tmp_path / HIDDEN_FOLDER / staged_path("c"))
    assert found(tmp_path / "day=1") == ["a", "b"]


def test_a_folder_that_others_put_below_a_querys_output_is_read_as_it_is(tmp_path: Path) -> None:
    committed(tmp_path, ["a"])
    (tmp_path / "lookup").mkdir()
    (tmp_path / "lookup" / "b").write_text("x")
    assert found(tmp_path / "lookup") == ["b"]
