"""Rows with an integer key and a time, in Parquet: what the measurements of state read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.events import cache_folder

SCHEMA = "key BIGINT, seen_at TIMESTAMP"

_FORMAT = "keys-1"
_FIRST_US = 1_700_000_000_000_000
_SPAN_US = 600_000_000


def keyed_files(rows: int, files: int, keys: int | None, seed: int = 1) -> Path:
    """Return the folder with `rows` rows in `files` files of the same length, in order of time.

    Each has one of `keys` keys, drawn at random; None gives every row a key of its own, in random order.
    """
    folder = cache_folder() / f"{_FORMAT}-{rows}-in-{files}-of-{keys or 'distinct'}-by-{seed}"
    if not folder.is_dir():
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        making.mkdir(parents=True)
        _write(making, rows, files, keys, seed)
        try:
            making.rename(folder)
        except OSError:  # another run was faster: its rows are the same
            shutil.rmtree(making)
    return folder


def _write(folder: Path, rows: int, files: int, keys: int | None, seed: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = np.random.default_rng(seed)
    drawn = draw.permutation(rows) if keys is None else draw.integers(0, keys, rows)
    times = _FIRST_US + np.arange(rows, dtype=np.int64) * _SPAN_US // rows
    table = pa.table({"key": drawn, "seen_at": pa.array(times, pa.timestamp("us", "UTC"))})
    each = rows // files
    for number in range(files):
        path = folder / f"{number:03d}.parquet"
        pq.write_table(table.slice(number * each, each), path)
        os.utime(path, (1_600_000_000 + number,) * 2)
