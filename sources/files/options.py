"""The options that all file sources share, checked once."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamcore.duck.zones import time_zone
from streamcore.errors import IllegalArgumentException
from streamcore.sources.files.cleaning import Archive, Cleaner, Delete, Keep
from streamcore.sources.files.listing import Place, local_path
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, ReadMaxBytes, ReadMaxFiles
from streamcore.spi.options import Options
from streamcore.storage.objects.place import is_object_uri

LISTING: Final = (
    "path", "paths", "pathGlobFilter", "recursiveFileLookup", "basePath", "ignoreMissingFiles", "timeZone",
    "modifiedAfter", "modifiedBefore",
)  # fmt: skip
BATCH: Final = ("modifiedAfter", "modifiedBefore")
STREAMING: Final = (
    "maxFilesPerTrigger", "maxBytesPerTrigger", "latestFirst", "maxFileAge", "fileNameOnly", "cleanSource",
    "sourceArchiveDir",
)  # fmt: skip

_UNITS_MS: Final = {
    "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
}  # fmt: skip
_BYTES: Final = {"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30}


@dataclass(frozen=True)
class StreamOptions:
    """How a stream of files is read; `max_age_ms` is None when age does not matter."""

    limit: ReadLimit
    latest_first: bool
    max_age_ms: int | None
    name_only: bool
    cleaner: Cleaner


def place_of(options: Options) -> Place:
    """Where to look for files."""
    paths = _paths(options)
    if not paths:
        raise IllegalArgumentException("the file sources need a path: load(path), or the option 'path'")
    return Place(
        tuple(paths),
        options.get("pathGlobFilter"),
        options.boolean("recursiveFileLookup", default=False),
        options.get("basePath"),
        options.boolean("ignoreMissingFiles", default=False),
        _moment_ms(options, "modifiedAfter"),
        _moment_ms(options, "modifiedBefore"),
    )


def _moment_ms(options: Options, name: str) -> int | None:
    """A moment such as 2020-06-01T13:00:00, in the option timeZone."""
    text = options.get(name)
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise IllegalArgumentException(
            f"The '{name}' option accepts a timestamp such as 2020-06-01T13:00:00, not {text!r}."
        ) from None
    zone = moment.tzinfo or time_zone(options.get("timeZone", "UTC"))
    return int(moment.replace(tzinfo=zone).timestamp() * 1000)


def _paths(options: Options) -> Sequence[str]:
    several = options.get("paths")
    if several is None:
        return [options["path"]] if options.get("path") else []
    try:
        return [str(path) for path in json.loads(several)]
    except ValueError:
        raise IllegalArgumentException(f"option paths={several!r} must be a JSON list of paths") from None


def parallelism() -> int:
    """For how many cores files are packed into partitions."""
    return os.cpu_count() or 1


def stream_options(options: Options, place: Place) -> StreamOptions:
    """The options of a streaming read."""
    limit = _limit(options)
    latest_first = options.boolean("latestFirst", default=False)
    max_age: int | None = _duration_ms(options.get("maxFileAge", "7d"))
    if latest_first and not isinstance(limit, ReadAllAvailable):
        # With the newest files first, those left behind are older than the ones read.
        max_age = None
    name_only = options.boolean("fileNameOnly", default=False)
    return StreamOptions(limit, latest_first, max_age, name_only, _cleaner(options, place))


def _limit(options: Options) -> ReadLimit:
    files = options.integer("maxFilesPerTrigger", minimum=1)
    size = options.get("maxBytesPerTrigger")
    if files is not None and size is not None:
        raise IllegalArgumentException("set maxFilesPerTrigger or maxBytesPerTrigger, not both")
    if files is not None:
        return ReadMaxFiles(files)
    return ReadAllAvailable() if size is None else ReadMaxBytes(_bytes(size))


def _cleaner(options: Options, place: Place) -> Cleaner:
    kind = options.choice("cleanSource", ("off", "delete", "archive"), "off")
    if kind == "off":
        return Keep()
    if remote := next(filter(is_object_uri, place.paths), None):
        raise IllegalArgumentException(
            f"cleanSource={kind} is not done on an object store ({remote}): let the bucket expire or move "
            "what is old by a rule of its own"
        )
    if kind == "delete":
        return Delete()
    folder = options.get("sourceArchiveDir")
    if folder is None:
        raise IllegalArgumentException("cleanSource=archive needs the option sourceArchiveDir")
    archive = Path(local_path(folder))
    if any(archive.is_relative_to(local_path(path)) for path in place.paths):
        raise IllegalArgumentException(
            f"sourceArchiveDir={folder!r} lies inside the source path: archived files would be read again"
        )
    return Archive(str(archive))


def _duration_ms(text: str) -> int:
    match = re.fullmatch(r"\s*(\d+)\s*([a-z]*)\s*", text.lower())
    if match is None or (match[2] or "ms") not in _UNITS_MS:
        raise IllegalArgumentException(f"option maxFileAge={text!r} must be a duration such as 7d or 12h")
    return int(match[1]) * _UNITS_MS[match[2] or "ms"]


def _bytes(text: str) -> int:
    match = re.fullmatch(r"\s*(\d+)\s*([a-z]*)\s*", text.lower())
    if match is None or match[2] not in _BYTES:
        raise IllegalArgumentException(f"option maxBytesPerTrigger={text!r} must be a size such as 10mb")
    return int(match[1]) * _BYTES[match[2]]
