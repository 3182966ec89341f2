"""The manifest of a folder that a streaming query writes: which files count, batch by batch.

A query's output folder holds data files in their final places and, under `_streamcore/manifest`, one
segment per micro-batch that names the files of that batch and carries the commit record.  A data file
that no segment names does not exist for readers.  Segments of neighbouring batches are merged from time
to time; a merged segment stands for all segments whose batches it spans, so it does not matter when
those are removed.  A segment is two lines of JSON: the content, and its checksum.

A data file is written under `_streamcore/staging`, under a name that no reader of the folder takes for
data, and renamed to its final place when the segment that names it is there.  A rewind renames what it
takes back to `_streamcore/rewound`.  So those who list the folder without knowing of manifests see no
file of a batch that was not committed.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from streamcore.errors import CheckpointCorrupted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HIDDEN_FOLDER = "_streamcore"
SEGMENTS = "manifest"
STAGING = "staging"
REWOUND = "rewound"
OWNER = "owner.json"
FORMAT_VERSION = 1

_NAME = re.compile(r"(\d{10,})-(\d{10,})\.json\Z")
_READ_ATTEMPTS = 20


class ManifestFolder(Protocol):
    """What reading needs of the `_streamcore` folder; a `streamcore.storage.Storage` has it."""

    @property
    def location(self) -> str:
        """The folder, for messages."""

    def get(self, path: str) -> bytes:
        """The whole file; FileNotFoundError when there is none."""

    def list(self, folder: str) -> list[str]:
        """The names of the files in a sub-folder; [] when it does not exist."""


@dataclass(frozen=True)
class DataFile:
    """One visible data file: its path below the output folder, size in bytes, rows, and batch id."""

    path: str
    bytes: int
    rows: int
    batch_id: int


@dataclass(frozen=True)
class Segment:
    """The files of the batches `first` to `last` and the body of the commit record of `last`."""

    query_id: str
    first: int
    last: int
    body: str
    files: tuple[DataFile, ...]

    @property
    def name(self) -> str:
        """The segment's file name."""
        return segment_name(self.first, self.last)


@dataclass(frozen=True)
class Manifest:
    """What is visible in an output folder; `segments` follow each other from batch 0 on without a gap."""

    query_id: str
    segments: tuple[Segment, ...]

    @property
    def files(self) -> list[DataFile]:
        """The visible files, oldest batch first."""
        return [file for segment in self.segments for file in segment.files]

    @property
    def last(self) -> Segment | None:
        """The segment that ends with the newest batch; None when nothing is committed."""
        return self.segments[-1] if self.segments else None


def segment_name(first: int, last: int) -> str:
    """The file name of the segment for batches `first` to `last`.

    >>> segment_name(0, 12)
    '0000000000-0000000012.json'
    """
    return f"{first:010d}-{last:010d}.json"


def span_of(name: str) -> tuple[int, int] | None:
    """The batches that a segment's name stands for; None for another file."""
    match = _NAME.match(name)
    return (int(match[1]), int(match[2])) if match else None


def cover(names: Iterable[str]) -> list[str]:
    """The segments to read: those that no wider one contains, oldest first.

    >>> cover(["0000000000-0000000000.json", "0000000000-0000000001.json", "0000000002-0000000002.json"])
    ['0000000000-0000000001.json', '0000000002-0000000002.json']
    """
    spans = sorted((span for name in names if (span := span_of(name))), key=lambda s: (s[0], -s[1]))
    kept: list[tuple[int, int]] = []
    for span in spans:
        if not kept or span[1] > kept[-1][1]:
            kept.append(span)
    return [segment_name(*span) for span in kept]


def staged_path(path: str) -> str:
    """Where a data file is, below `_streamcore`, until its batch is committed.

    DuckDB and others look into folders of any name, so the file's own name must not look like data.

    >>> staged_path("day=mon/part-1.parquet")
    'staging/part-1.parquet.staged'
    """
    return f"{STAGING}/{path.rpartition('/')[2]}.staged"


def rewound_path(path: str) -> str:
    """Where a data file is, below `_streamcore`, when a rewind has taken it back.

    >>> rewound_path("day=mon/part-1.parquet")
    'rewound/part-1.parquet.rewound'
    """
    return f"{REWOUND}/{path.rpartition('/')[2]}.rewound"


def encode(segment: Segment) -> bytes:
    """The file of a segment."""
    content = {
        "version": FORMAT_VERSION,
        "query_id": segment.query_id,
        "first": segment.first,
        "last": segment.last,
        "record": segment.body,
        "files": [[file.path, file.bytes, file.rows, file.batch_id] for file in segment.files],
    }
    return seal(content)


def decode(data: bytes, path: str) -> Segment:
    """The segment in a file's bytes; CheckpointCorrupted, naming `path`, when it was not written so."""
    content = unseal(data, path)
    try:
        files = tuple(DataFile(*row) for row in content["files"])
        segment = Segment(content["query_id"], content["first"], content["last"], content["record"], files)
    except (KeyError, TypeError) as error:
        raise _corrupted(path, f"an entry is missing or has another shape ({error})") from error
    if not path.endswith(segment.name):
        raise _corrupted(path, f"its content belongs to {segment.name}")
    return segment


def seal(content: dict[str, Any]) -> bytes:
    """A JSON document with its checksum on a second line."""
    line = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return line + b'\n{"crc32":%d}\n' % zlib.crc32(line)


def unseal(data: bytes, path: str) -> dict[str, Any]:
    """The document that `seal` wrote; CheckpointCorrupted when a byte differs or the version is newer."""
    line, _, checksum = data.partition(b"\n")
    if checksum != b'{"crc32":%d}\n' % zlib.crc32(line):
        raise _corrupted(path, "it is truncated or was edited (its checksum does not match)")
    content: dict[str, Any] = json.loads(line)
    if content.get("version") != FORMAT_VERSION:
        raise _corrupted(path, f"it has format version {content.get('version')}; this release reads 1")
    return content


def read_manifest(folder: ManifestFolder) -> Manifest | None:
    """What is visible now; None when no query writes here, so that every file counts.

    Safe beside a writer that commits, merges or rewinds: the answer is what was visible at one moment.
    Raises CheckpointCorrupted when a segment is damaged or one in the middle is missing.
    """
    try:
        owner = unseal(folder.get(OWNER), _path(folder, OWNER))
    except FileNotFoundError:
        return None
    problem = "its segments change too fast to be read"
    for _ in range(_READ_ATTEMPTS):
        names = cover(folder.list(SEGMENTS))
        # A listing made while segments are merged or rewound may miss some: the next one shows what is.
        if gap := _gap(names):
            problem = f"the segments for {gap} are missing"
            continue
        try:
            return Manifest(owner["query_id"], tuple(_read_segment(folder, name) for name in names))
        except FileNotFoundError:
            continue
    raise _corrupted(_path(folder, SEGMENTS), problem)


def _gap(names: Sequence[str]) -> str | None:
    """The batches that are missing before or between the segments; the first batch of a query is 0."""
    expected = 0
    for first, last in filter(None, map(span_of, names)):
        if first != expected:
            return segment_name(expected, first - 1)
        expected = last + 1
    return None


def _read_segment(folder: ManifestFolder, name: str) -> Segment:
    path = f"{SEGMENTS}/{name}"
    return decode(folder.get(path), _path(folder, path))


def _path(folder: ManifestFolder, path: str) -> str:
    return f"{folder.location}/{path}"


def _corrupted(path: str, reason: str) -> CheckpointCorrupted:
    return CheckpointCorrupted(
        f"the output manifest {path} cannot be used: {reason}. Restore the file from a backup; without it "
        "nobody can say which data files beside it are whole"
    )
