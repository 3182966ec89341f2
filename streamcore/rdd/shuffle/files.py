"""The files of a shuffle: one per map task, holding runs of one segment per reduce partition."""

from __future__ import annotations

import tempfile
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.env import FetchLost
from streamcore.scheduler.places import MapStatus
from streamcore.scheduler.serial import FrameDamaged, read_frames, write_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamcore.scheduler.env import TaskEnv

FRAME_RECORDS = 8192


def shuffle_folder(folder: Path, shuffle: int) -> Path:
    """Return where the files of a shuffle lie."""
    return folder / f"shuffle-{shuffle}"


class MapOutput:
    """The file of one attempt at one map task, written run by run, in frames of some records."""

    def __init__(
        self, env: TaskEnv, shuffle: int, map_partition: int, frame_records: int = FRAME_RECORDS
    ) -> None:
        folder = shuffle_folder(env.folder, shuffle)
        folder.mkdir(exist_ok=True)
        self._env = env
        self._frame_records = frame_records
        self._path = folder / f"{map_partition}-{env.task_id}.data"
        self._file = self._path.open("wb")
        self._at = 0
        self._runs: list[tuple[int, ...]] = []

    def add_run(self, segments: Iterable[Sequence[Any]]) -> None:
        """Append one run: the records for each reduce partition in turn."""
        offsets = [self._at]
        for records in segments:
            for frame in _frames(records, self._frame_records):
                self._at += write_frame(self._file, frame)
            offsets.append(self._at)
            self._env.metrics.rows_written += len(records)
        if self._runs:
            self._env.metrics.spilled_bytes += offsets[-1] - offsets[0]
        self._runs.append(tuple(offsets))

    def finish(self) -> MapStatus:
        """Close the file and return where everything is."""
        self._file.close()
        self._env.metrics.shuffle_write_bytes += self._at
        return MapStatus(str(self._path), tuple(self._runs))


def _frames(records: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    if 0 < len(records) <= size:
        yield records
    else:
        for at in range(0, len(records), size):
            yield records[at : at + size]


def read_lists(env: TaskEnv, shuffle: int, partition: int) -> Iterator[list[Any]]:
    """Yield the records of a reduce partition, list by list, in the order of the map partitions."""
    return chain.from_iterable(read_runs(env, shuffle, partition))


def read_runs(env: TaskEnv, shuffle: int, partition: int) -> list[Iterator[list[Any]]]:
    """Return one iterator of lists for each run that has records for a reduce partition.

    Raises
    ------
    FetchLost
        Here or while iterating, where the output is missing or damaged.
    """
    return [
        _read_segment(env, shuffle, path, offset, length)
        for path, segments in env.segments(shuffle, partition)
        for offset, length in segments
    ]


def _read_segment(env: TaskEnv, shuffle: int, path: str, offset: int, length: int) -> Iterator[list[Any]]:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the path comes as text, and this is often called
            for records in read_frames(file, offset, length):
                env.metrics.rows_read += len(records)
                yield records
    except (OSError, FrameDamaged) as error:
        raise FetchLost(shuffle, (path,), f"{path}: {error}") from error
    env.metrics.shuffle_read_bytes += length


def chunks(records: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Yield the records as lists of `size`, the last one shorter."""
    while chunk := list(islice(records, size)):
        yield chunk


def spill_list(records: Sequence[Any], env: TaskEnv, frame_records: int) -> Iterator[list[Any]]:
    """Write records to a file that lives as long as the task; return an iterator that reads them back."""
    handle, name = tempfile.mkstemp(prefix=f"spill-{env.task_id}-", dir=env.folder)
    path = Path(name)
    env.at_end.append(lambda: path.unlink(missing_ok=True))
    with open(handle, "wb") as file:  # noqa: PTH123 - a handle, not a path
        written = sum(write_frame(file, frame) for frame in _frames(records, frame_records))
    env.metrics.spilled_bytes += written
    return read_file(path)


def read_file(path: Path) -> Iterator[list[Any]]:
    """Yield the lists in a file of frames."""
    with path.open("rb") as file:
        yield from read_frames(file, 0, path.stat().st_size)
