"""Ad events in the shape of the Yahoo Streaming Benchmark, the same bytes on every machine.

They are written once, into the user's cache folder.
"""

from __future__ import annotations

import os
import random
import shutil
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

FIELDS = ("user_id", "page_id", "ad_id", "ad_type", "event_type", "event_time", "ip_address")
SCHEMA = ", ".join(f"{name} STRING" for name in FIELDS)

_FORMAT = "ads-2"  # part of the folder's name: another shape is another folder
_ADS = 1_000
_FIRST_MS = 1_700_000_000_000
_SPAN_MS = 200_000


def event_files(events: int, files: int) -> Path:
    """Return the folder with `events` events in `files` JSON files of the same length, in order of time."""
    folder = cache_folder() / f"{_FORMAT}-{events}-in-{files}"
    if not folder.is_dir():
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        making.mkdir(parents=True)
        _write(making, events, files)
        _publish(making, folder)
    return folder


def cache_folder() -> Path:
    """Return where the data are kept; `rm -r` of it costs nothing but time."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "streamcore" / "benchmarks"


def lines(events: int) -> Iterator[str]:
    """Yield events as JSON lines; however many there are, they span 200 s of event time."""
    draw = random.Random(1)
    ads = [str(uuid.UUID(int=draw.getrandbits(128))) for _ in range(_ADS)]
    for number in range(events):
        yield (
            f'{{"user_id": "{draw.getrandbits(128):032x}", "page_id": "{draw.getrandbits(128):032x}", '
            f'"ad_id": "{draw.choice(ads)}", "ad_type": "{draw.choice(("banner", "modal"))}", '
            f'"event_type": "{draw.choice(("view", "click", "purchase"))}", '
            f'"event_time": "{_FIRST_MS + number * _SPAN_MS // events}", "ip_address": "1.2.3.4"}}\n'
        )


def _write(folder: Path, events: int, files: int) -> None:
    every = lines(events)
    for number in range(files):
        with (folder / f"{number:03d}.json").open("w") as out:
            out.writelines(islice(every, events // files))


def _publish(making: Path, folder: Path) -> None:
    try:
        making.rename(folder)
    except OSError:  # another run was faster: its bytes are the same
        shutil.rmtree(making)
