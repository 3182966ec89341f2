"""The options of the Delta source, read once and checked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.delta.folder import TableFolder, table_folder
from streamcore.duck.zones import time_zone
from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamcore.spi.options import Options

_COMMON: Final = (
    "path", "timeZone", "readChangeFeed", "readChangeData", "startingVersion", "startingTimestamp"
)  # fmt: skip
_STREAM: Final = (
    "maxFilesPerTrigger", "maxBytesPerTrigger", "ignoreDeletes", "ignoreChanges", "ignoreFileDeletion",
    "skipChangeCommits", "excludeRegex", "failOnDataLoss",
)  # fmt: skip
_BATCH: Final = ("versionAsOf", "timestampAsOf", "endingVersion", "endingTimestamp")
DELTA_SOURCE_OPTIONS: Final = (*_COMMON, *_STREAM, *_BATCH)
_NOT_OFFERED: Final = {
    "schemaTrackingLocation": "start the query anew when columns were renamed, dropped or changed their type",
    "schemaLocation": "start the query anew when columns were renamed, dropped or changed their type",
    "withEventTimeOrder": "the first version is read in the order in which its files were written",
}
_MOST_FILES: Final = 1000
_SIZE: Final = re.compile(r"(\d+)\s*([kmgt]?)b?", re.IGNORECASE)
_UNITS: Final = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}


@dataclass(frozen=True)
class Moment:
    """A point in a table's history: a version, or the instant of the first commit from it on."""

    version: int | None = None
    instant_ms: int | None = None


@dataclass(frozen=True)
class BatchSettings:
    """What a batch reads: the table as of a moment (the newest for None), or its changes in a range."""

    folder: TableFolder
    as_of: Moment | None
    reads_changes: bool
    first: Moment | None
    last: Moment | None


@dataclass(frozen=True)
class StreamSettings:
    """What a stream reads.

    `first` is None for the newest version as it is, and what comes after it; `starts_at_end` is for what
    comes after it alone.
    """

    folder: TableFolder
    reads_changes: bool
    first: Moment | None
    starts_at_end: bool
    max_files: int
    max_bytes: int | None
    takes_deletes: bool
    takes_changes: bool
    skips_changes: bool
    excluded: re.Pattern[str] | None
    fails_on_loss: bool


def batch_settings(options: Options) -> BatchSettings:
    """The settings of a batch; raises IllegalArgumentException naming the option that is wrong."""
    _check(options, _STREAM, "streams")
    reads_changes = _reads_changes(options)
    as_of = _moment(options, "versionAsOf", "timestampAsOf")
    first = _moment(options, "startingVersion", "startingTimestamp")
    last = _moment(options, "endingVersion", "endingTimestamp")
    if reads_changes and as_of is not None:
        raise IllegalArgumentException(
            "[DELTA_UNSUPPORTED_TIME_TRAVEL_VIEWS] Cannot time travel a change feed"
        )
    if reads_changes and first is None:
        raise AnalysisException(
            "[DELTA_NO_START_FOR_CDC_READ] No startingVersion or startingTimestamp provided for CDC read. "
            "SQLSTATE: 42601"
        )
    if not reads_changes and (first or last):
        raise IllegalArgumentException(
            "the delta source's options startingVersion, endingVersion, startingTimestamp and "
            "endingTimestamp have a meaning in batches with readChangeFeed=true only; a table as of a "
            "version is read by versionAsOf"
        )
    return BatchSettings(table_folder(options.get("path")), as_of, reads_changes, first, last)


def stream_settings(options: Options) -> StreamSettings:
    """The settings of a stream; raises IllegalArgumentException naming the option that is wrong."""
    _check(options, _BATCH, "batches")
    starts_at_end = str(options.get("startingVersion")).lower() == "latest"
    takes_changes = options.boolean("ignoreChanges", default=False) or options.boolean(
        "ignoreFileDeletion", default=False
    )
    return StreamSettings(
        folder=table_folder(options.get("path")),
        reads_changes=_reads_changes(options),
        first=None if starts_at_end else _moment(options, "startingVersion", "startingTimestamp"),
        starts_at_end=starts_at_end,
        max_files=options.integer("maxFilesPerTrigger", _MOST_FILES, minimum=1) or 1,
        max_bytes=_bytes(options),
        takes_deletes=options.boolean("ignoreDeletes", default=False) or takes_changes,
        takes_changes=takes_changes,
        skips_changes=options.boolean("skipChangeCommits", default=False),
        excluded=_pattern(options),
        fails_on_loss=options.boolean("failOnDataLoss", default=True),
    )


def _check(options: Options, others: Iterable[str], place: str) -> None:
    for name, way_out in _NOT_OFFERED.items():
        if name in options:
            raise UnsupportedOperationException(
                f"the delta source does not offer the option {name}: {way_out}"
            )
    options.reject_unknown(DELTA_SOURCE_OPTIONS, "the delta source")
    for name in others:
        if name in options:
            raise IllegalArgumentException(f"the delta source's option {name} has a meaning in {place} only")


def _reads_changes(options: Options) -> bool:
    old = options.boolean("readChangeData", default=False)
    return options.boolean("readChangeFeed", default=old)


def _moment(options: Options, version: str, timestamp: str) -> Moment | None:
    if version in options and timestamp in options:
        raise IllegalArgumentException(
            f"[DELTA_STARTING_VERSION_AND_TIMESTAMP_BOTH_SET] Please either provide '{version}' or "
            f"'{timestamp}'"
        )
    if version in options:
        return Moment(version=options.integer(version, minimum=0))
    if timestamp not in options:
        return None
    text = options[timestamp].strip()
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise AnalysisException(
            f"[DELTA_TIMESTAMP_INVALID] The provided timestamp ('{text}') cannot be converted to a valid "
            "timestamp. SQLSTATE: 42816"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=time_zone(options.get("timeZone", "UTC")))
    return Moment(instant_ms=int(moment.timestamp() * 1000))


def _bytes(options: Options) -> int | None:
    text = options.get("maxBytesPerTrigger")
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise IllegalArgumentException(
            f"Invalid value '{text}' for option 'maxBytesPerTrigger', must be a size configuration such as "
            "'10g'"
        )
    return int(found[1]) << _UNITS[found[2].lower()]


def _pattern(options: Options) -> re.Pattern[str] | None:
    text = options.get("excludeRegex")
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise IllegalArgumentException(f"option excludeRegex={text!r} is no pattern: {error}") from None
