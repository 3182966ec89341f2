"""Writing the manifest: claim a folder, add a batch, merge segments, take batches back.

Every act is one `put_if_absent` of a segment, or removals of segments that a wider one stands for, so
that readers see whole batches at any moment and a crash between two acts costs nothing but space.
"""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CheckpointMismatch,
    CommitFailed,
    CommitStateUnknown,
)
from streamcore.sinks.files.merging import spans_to_merge
from streamcore.spi.file_manifest import (
    FORMAT_VERSION,
    OWNER,
    SEGMENTS,
    Manifest,
    Segment,
    cover,
    decode,
    encode,
    read_manifest,
    seal,
    span_of,
    unseal,
)
from streamcore.spi.steps import declare, reached
from streamcore.storage.errors import StorageError

if TYPE_CHECKING:
    from streamcore.spi.file_manifest import DataFile
    from streamcore.storage.contract import Storage

_OWNER_NAME = "sink.files"
PUT = declare("sink.files.put-segment", _OWNER_NAME)
MERGE = declare("sink.files.put-merged", _OWNER_NAME)
REMOVE_MERGED = declare("sink.files.remove-merged", _OWNER_NAME)
REWIND = declare("sink.files.rewind", _OWNER_NAME)

GARBAGE = "garbage"
RUN = "run.json"
_REWOUND = f"{SEGMENTS}/rewound"


class ManifestLog:
    """The manifest of one output folder, as its one writer sees it.

    `storage` is the folder's `_streamcore`; `folder` names the output folder in messages.
    """

    def __init__(self, storage: Storage, folder: str) -> None:
        self._storage = storage
        self._folder = folder
        self._query_id = ""
        self._run: bytes | None = None
        self._next: int | None = None
        self._guard = threading.Lock()  # merging may run beside the next batch

    def owner(self) -> dict[str, object] | None:
        """What the folder was claimed with; None when no query has claimed it."""
        try:
            return unseal(self._storage.get(OWNER), f"{self._storage.location}/{OWNER}")
        except FileNotFoundError:
            return None

    def claim(self, query_id: str, facts: dict[str, object]) -> None:
        """Takes the folder for a query; `facts` are what all its files have in common.

        Raises CheckpointMismatch when it is another query's, AnalysisException when the facts differ.
        """
        content = {"version": FORMAT_VERSION, "query_id": query_id, **facts}
        owner = self.owner()
        if owner is None and not self._storage.put_if_absent(OWNER, seal(content)):
            owner = self.owner()
        if owner is not None:
            self._check_owner(owner, query_id, facts)
        self._query_id = query_id
        self._next = None

    def take(self, run_id: str) -> None:
        """Makes `run_id` the run that may add batches: those before it are fenced from now on."""
        run = seal({"version": FORMAT_VERSION, "run_id": run_id})
        self._storage.replace(RUN, run)
        self._run = run

    def read(self) -> Manifest:
        """What is visible now."""
        manifest = read_manifest(self._storage)
        return manifest if manifest is not None else Manifest(self._query_id, ())

    def last(self) -> Segment | None:
        """The newest segment; the next batch to add is the one after it."""
        segment = self.read().last
        self._next = segment.last + 1 if segment else 0
        return segment

    def add(self, batch_id: int, body: str, files: tuple[DataFile, ...]) -> None:
        """Makes a batch visible.  Raises as `ExactlyOnceStreamWriter.commit_batch` does."""
        with self._guard:
            self._check_next(batch_id)
            self._check_run(batch_id)
            segment = Segment(self._query_id, batch_id, batch_id, body, files)
            reached(f"{PUT}:before")
            if not self._put(segment):
                raise self._fenced(batch_id)
            reached(f"{PUT}:after")
            self._check_not_shadowed(segment)
            self._next = batch_id + 1

    def merge(self, interval: int) -> None:
        """Merges the newest segments when there are `interval` of one size, and removes what was merged."""
        with self._guard:
            spans = [span for name in cover(self._storage.list(SEGMENTS)) if (span := span_of(name))]
            if chosen := spans_to_merge(spans, interval):
                merged = self._merged([self._segment(span) for span in chosen])
                reached(f"{MERGE}:before")
                self._storage.put_if_absent(f"{SEGMENTS}/{merged.name}", encode(merged))
                reached(f"{MERGE}:after")
            self._remove_shadowed()

    def rewind(self, batch_id: int | None, body: str, now_ms: int) -> None:
        """Takes back every batch after `batch_id` (all for None); their files become garbage.

        Raises CheckpointMismatch when that batch is not in the manifest.
        """
        target = -1 if batch_id is None else batch_id
        manifest = self.read()
        last = manifest.last
        if target > (last.last if last else -1):
            raise CheckpointMismatch(
                f"{self._folder} holds batches up to {last.last if last else 'none'}, so it cannot be "
                f"rewound to batch {target}; rewind to a batch that it holds"
            )
        taken_back = [file.path for file in manifest.files if file.batch_id > target]
        self._note_garbage(taken_back, now_ms)
        for segment in manifest.segments:
            if segment.first <= target < segment.last:
                self._put(_truncated(segment, target, body))
        self._remove_after(target)
        self._next = target + 1

    def garbage(self) -> list[tuple[str, int, list[str]]]:
        """The notes of rewinds: name, time in ms, and files that were taken back."""
        notes = []
        for name in self._storage.list(GARBAGE):
            note = unseal(
                self._storage.get(f"{GARBAGE}/{name}"), f"{self._storage.location}/{GARBAGE}/{name}"
            )
            notes.append((name, note["time_ms"], note["files"]))
        return notes

    def drop_garbage_note(self, name: str) -> None:
        """Forgets a note whose files are removed."""
        self._storage.delete(f"{GARBAGE}/{name}")

    def _check_owner(self, owner: dict[str, object], query_id: str, facts: dict[str, object]) -> None:
        if owner["query_id"] != query_id:
            raise CheckpointMismatch(
                f"{self._folder} holds the output of the streaming query {owner['query_id']}, not of this "
                f"one ({query_id}): its checkpoint is another one or was made anew. Start with the "
                "checkpoint of that query, or write to another folder, or remove this folder if its data "
                "is no longer wanted"
            )
        for name, value in facts.items():
            if owner.get(name) != value:
                raise AnalysisException(
                    f"{self._folder} was begun with {name}={owner.get(name)!r}, and the query now asks for "
                    f"{value!r}; files of both kinds cannot be read together: keep it, or write to another "
                    "folder"
                )

    def _check_next(self, batch_id: int) -> None:
        expected = self._next if self._next is not None else self._expected()
        if batch_id < expected:
            raise self._fenced(batch_id)
        if batch_id > expected:
            raise CheckpointMismatch(
                f"batch {batch_id} cannot follow batch {expected - 1}, the newest in {self._folder}: "
                "checkpoint and output folder do not belong together; restore the one that is behind"
            )

    def _check_run(self, batch_id: int) -> None:
        """A batch that was in flight when another run took over would take that run's place."""
        try:
            taken_over = self._run is not None and self._storage.get(RUN) != self._run
        except (FileNotFoundError, StorageError) as error:
            raise CommitFailed(f"the batch was not committed to {self._folder}: {error}") from error
        if taken_over:
            raise CheckpointFenced(
                f"batch {batch_id} was not committed to {self._folder}: another run of this query has taken "
                "over, and goes on; this one has stopped"
            )

    def _expected(self) -> int:
        segment = self.last()
        return segment.last + 1 if segment else 0

    def _put(self, segment: Segment) -> bool:
        """Whether the segment is there and is ours."""
        path, data = f"{SEGMENTS}/{segment.name}", encode(segment)
        try:
            if self._storage.put_if_absent(path, data):
                return True
        except StorageError as error:
            raise self._outcome(path, error) from error
        try:
            return self._storage.get(path) == data
        except FileNotFoundError:
            return False

    def _outcome(self, path: str, error: StorageError) -> CommitFailed | CommitStateUnknown:
        """What a failed put means: nothing happened only if the segment surely is not there."""
        try:
            self._storage.get(path)
        except FileNotFoundError:
            return CommitFailed(f"the batch was not committed to {self._folder}: {error}")
        except StorageError:
            pass
        return self._unknown(error)

    def _unknown(self, error: StorageError) -> CommitStateUnknown:
        return CommitStateUnknown(
            f"it is not known whether the batch was committed to {self._folder}: {error}. Repair the disk, "
            "then start the query again: it asks the folder and goes on"
        )

    def _fenced(self, batch_id: int) -> CheckpointFenced:
        return CheckpointFenced(
            f"batch {batch_id} was already committed to {self._folder} by another run of this query, which "
            "goes on; this one has stopped"
        )

    def _check_not_shadowed(self, segment: Segment) -> None:
        """A segment put where others were merged and removed long ago counts for nothing: we are late."""
        try:
            spans = filter(None, map(span_of, self._storage.list(SEGMENTS)))
            if any(span[1] >= segment.last and span != (segment.first, segment.last) for span in spans):
                self._storage.delete(f"{SEGMENTS}/{segment.name}")
                raise self._fenced(segment.last)
        except StorageError as error:
            raise self._unknown(error) from error

    def _segment(self, span: tuple[int, int]) -> Segment:
        path = f"{SEGMENTS}/{span[0]:010d}-{span[1]:010d}.json"
        return decode(self._storage.get(path), f"{self._storage.location}/{path}")

    def _merged(self, segments: list[Segment]) -> Segment:
        files = tuple(file for segment in segments for file in segment.files)
        return Segment(self._query_id, segments[0].first, segments[-1].last, segments[-1].body, files)

    def _remove_shadowed(self) -> None:
        for name in self._shadowed():
            reached(f"{REMOVE_MERGED}:before")
            self._storage.delete(f"{SEGMENTS}/{name}")
            reached(f"{REMOVE_MERGED}:after")

    def _shadowed(self) -> list[str]:
        """The segments that wider ones stand for."""
        names = self._storage.list(SEGMENTS)
        kept = set(cover(names))
        return [name for name in names if span_of(name) and name not in kept]

    def _remove_after(self, target: int) -> None:
        """Removes the newest first, so that what is left at any moment is a whole prefix."""
        # Those inside wider ones go before: they would come to light when the wider one goes.
        newest_first = self._shadowed() + cover(self._storage.list(SEGMENTS))[::-1]
        reached(f"{REWIND}:before")
        for name in newest_first:
            span = span_of(name)
            if span and span[1] > target:
                self._storage.delete(f"{SEGMENTS}/{name}")
        # A file put beside them makes the removals durable.
        self._storage.replace(_REWOUND, b"")
        reached(f"{REWIND}:after")

    def _note_garbage(self, files: list[str], now_ms: int) -> None:
        if files:
            note = {"version": FORMAT_VERSION, "time_ms": now_ms, "files": files}
            self._storage.put_if_absent(f"{GARBAGE}/{secrets.token_hex(8)}", seal(note))


def _truncated(segment: Segment, last: int, body: str) -> Segment:
    files = tuple(file for file in segment.files if file.batch_id <= last)
    return Segment(segment.query_id, segment.first, last, body, files)
