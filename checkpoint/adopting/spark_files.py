"""The text files of a checkpoint of Spark, versions 2.1 to 4: parsed, not yet judged.

Every file begins with a line `v1` (offsets, commits and file entries; offsets of a query with named
sources and commits of newer state stores: `v2`).  Each parser raises ValueError for what is no such file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.storage.fields import integer, text

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = re.compile(r"([A-Za-z0-9_]+):(.*)", re.DOTALL)
_NOTHING_YET = "-"


@dataclass(frozen=True)
class SparkOffsets:
    """offsets/N: the end of every source, in the source's own JSON; None for one that had nothing yet.

    Sources are known by their names, which are their positions ("0", "1") unless the query `is_named`.
    """

    ends: Mapping[str, Any]
    is_named: bool = False


@dataclass(frozen=True)
class SeenFile:
    """A file that Spark's file source has read: its URI, its change time, and the entry that has it."""

    uri: str
    modified_ms: int
    entry: int


def parse_identity(content: str) -> str:
    """The id of the query, from `metadata`.

    >>> parse_identity('{"id":"09be7fb3"}')
    '09be7fb3'
    """
    return text(_object(content).get("id"), "id")


def parse_offsets(content: str) -> SparkOffsets:
    r"""The ends of a batch.

    >>> parse_offsets('v1\n{"batchWatermarkMs":0}\n{"ads":{"0":1}}\n-').ends
    {'0': {'ads': {'0': 1}}, '1': None}
    >>> parse_offsets('v2\n{}\nclicks:{"logOffset":6}').ends
    {'clicks': {'logOffset': 6}}
    """
    version, lines = _versioned(content, 2)
    if not lines:
        raise ValueError("it has no line of what the batch was planned with")
    ends = lines[1:]
    if version == 1:
        return SparkOffsets({str(n): _end(line) for n, line in enumerate(_without_blank(ends))})
    return SparkOffsets(dict(map(_named_end, _without_blank(ends))), is_named=True)


def parse_commit(content: str) -> bool:
    r"""Whether the batch left state behind under ids of its own, from commits/N.

    >>> parse_commit('v1\n{"nextBatchWatermarkMs":0}')
    False
    """
    _, lines = _versioned(content, 2)
    ids = _object(lines[0]).get("stateUniqueIds") if _without_blank(lines) else None
    return bool(ids)


def parse_seen_files(content: str) -> list[SeenFile]:
    r"""An entry of a file source's log, compacted or not.

    >>> parse_seen_files('v1\n{"path":"file:///a%20b","timestamp":5,"batchId":0}')
    [SeenFile(uri='file:///a%20b', modified_ms=5, entry=0)]
    """
    _, lines = _versioned(content, 1)
    return [_seen(_object(line)) for line in _without_blank(lines)]


def parse_first_offsets(content: str) -> Any:
    r"""Where a Kafka source began, from its own file; Spark puts a zero byte before it.

    >>> parse_first_offsets('\0v1\n{"ads":{"0":0}}')
    {'ads': {'0': 0}}
    """
    _, lines = _versioned(content.removeprefix("\0"), 1)
    return _object(lines[0] if lines else "")


def is_of_kafka(end: Any) -> bool:
    """Whether an offset has the form of Kafka's: topic to partition to offset.

    >>> is_of_kafka({"ads": {"0": 5}}), is_of_kafka({"logOffset": 5}), is_of_kafka({})
    (True, False, False)
    """
    if not isinstance(end, dict) or not end:
        return False
    return all(isinstance(partitions, dict) and _are_offsets(partitions) for partitions in end.values())


def _are_offsets(partitions: Mapping[str, Any]) -> bool:
    return bool(partitions) and all(
        number.isdigit() and isinstance(at, int) and at >= 0 for number, at in partitions.items()
    )


def log_entry(end: Any) -> int | None:
    """The entry of its log that a file source has come to; None for an offset of another form.

    >>> log_entry({"logOffset": 7}), log_entry({"ads": {"0": 5}})
    (7, None)
    """
    entry = end.get("logOffset") if isinstance(end, dict) and len(end) == 1 else None
    return entry if isinstance(entry, int) and not isinstance(entry, bool) else None


def _versioned(content: str, newest: int) -> tuple[int, list[str]]:
    first, _, rest = content.partition("\n")
    if not (first.startswith("v") and first[1:].isdigit()):
        raise ValueError(f"its first line is {first[:40]!r}, not a version such as v1")
    version = int(first[1:])
    if not 1 <= version <= newest:
        raise ValueError(f"it has version {version}; versions up to {newest} are known")
    return version, rest.split("\n") if rest else []


def _without_blank(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def _end(line: str) -> Any:
    return None if line == _NOTHING_YET else json.loads(line)


def _named_end(line: str) -> tuple[str, Any]:
    found = _NAMED.fullmatch(line)
    if found is None:
        raise ValueError(f"{line[:40]!r} is not the offset of a named source")
    return found[1], _end(found[2])


def _object(line: str) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError(f"{line[:40]!r} is not a JSON object")  # noqa: TRY004 - every defect is one kind of error
    return value


def _seen(entry: Mapping[str, Any]) -> SeenFile:
    return SeenFile(
        text(entry.get("path"), "path"),
        integer(entry.get("timestamp"), "timestamp"),
        integer(entry.get("batchId"), "batchId"),
    )
