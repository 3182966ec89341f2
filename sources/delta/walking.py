"""The files between two places of a table's history, read from the log once."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.delta.log import Commit, newest_checkpoint, read_commit, versions
from streamcore.delta.snapshot import add_actions, files_of, require_readable
from streamcore.errors import OffsetsLost
from streamcore.sources.delta.changes import added_files, change_constants, changed_files
from streamcore.sources.delta.files import ReadFile
from streamcore.sources.delta.offsets import Position

if TYPE_CHECKING:
    from streamcore.sources.delta.settings import StreamSettings
    from streamcore.spi.types import StructType

_LOG = logging.getLogger("streamcore.sources.delta")
_KEPT: Final = 256
"""Versions whose files are remembered: a range is planned and read one after the other."""


@dataclass(frozen=True)
class Step:
    """A file on the way, and the position when it has been read; None for the end of a version."""

    file: ReadFile | None
    position: Position


class History:
    """The table's versions as files to read; what was looked up lately is not looked up again."""

    def __init__(self, settings: StreamSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema
        self._kept: OrderedDict[tuple[int, bool], tuple[ReadFile, ...]] = OrderedDict()

    def steps(self, start: Position, last: int | None = None) -> Iterator[Step]:
        """The files from a position on, up to the newest version, or to the version `last`.

        Raises OffsetsLost for versions that were cleaned up, unless they are to be passed over.
        """
        position = start
        while last is None or position.version <= last:
            files = self._files(position)
            if files is None:
                skipped = self._after_a_gap(position)
                if skipped is None:
                    return
                position = skipped
                continue
            for index, file in enumerate(files):
                if index > position.index:
                    yield Step(file, Position(position.version, index, position.is_start))
            position = position.after()
            yield Step(None, position)

    def between(self, start: Position, end: Position) -> list[ReadFile]:
        """The files of a range; OffsetsLost when the log no longer goes back that far."""
        last = end.version if end.index >= 0 or end.is_start else end.version - 1
        goal = (end.version, end.index)
        found: list[ReadFile] = []
        reached = (start.version, start.index)
        for step in self.steps(start, last):
            at = (step.position.version, step.position.index)
            if step.file is not None and at > goal:
                return found
            if step.file is not None:
                found.append(step.file)
            reached = at
        if reached < goal:
            raise self._lost(reached[0])
        return found

    def _files(self, position: Position) -> tuple[ReadFile, ...] | None:
        key = (position.version, position.is_start)
        known = self._kept.get(key)
        if known is not None:
            return known
        found = self._snapshot(position.version) if position.is_start else self._committed(position.version)
        if found is not None:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _committed(self, version: int) -> tuple[ReadFile, ...] | None:
        commit = read_commit(self._settings.folder.log, version)
        if commit is None:
            return None
        return self._wanted(self._files_of(commit))

    def _files_of(self, commit: Commit) -> list[ReadFile]:
        settings = self._settings
        if settings.reads_changes:
            return changed_files(commit, settings.folder, self._schema)
        return added_files(commit, settings, self._schema)

    def _snapshot(self, version: int) -> tuple[ReadFile, ...]:
        from deltalake.exceptions import DeltaError

        folder = self._settings.folder
        try:
            table = folder.handle(version)
        except DeltaError as error:
            raise self._lost(version) from error
        require_readable(table, folder)
        told = {}
        if self._settings.reads_changes:
            commit = read_commit(folder.log, version)
            told = dict(change_constants(version, commit.timestamp_ms if commit else 0, "insert"))
        actions = add_actions(table).sort_by([("modification_time", "ascending"), ("path", "ascending")])
        found = files_of(actions, table.metadata().partition_columns)
        return self._wanted([ReadFile(one.path, one.size, {**one.partition, **told}) for one in found])

    def _wanted(self, files: list[ReadFile]) -> tuple[ReadFile, ...]:
        excluded = self._settings.excluded
        return tuple(file for file in files if excluded is None or not excluded.search(file.path))

    def _after_a_gap(self, position: Position) -> Position | None:
        """Where to go on when a version is not there: nowhere when it is still to come."""
        log = self._settings.folder.log
        if newest_checkpoint(log) < position.version:
            return None
        later = [number for number in versions(log) if number >= position.version]
        if later and later[0] == position.version:
            return position  # it has come just now
        if self._settings.fails_on_loss:
            raise self._lost(position.version)
        _LOG.warning(
            "%s: versions from %d on were cleaned up; going on", self._settings.folder, position.version
        )
        return Position(later[0]) if later else None

    def _lost(self, version: int) -> OffsetsLost:
        found = versions(self._settings.folder.log)
        earliest = found[0] if found else -1
        return OffsetsLost(
            f"[DELTA_MISSING_FILES_UNEXPECTED_VERSION] Delta stream cannot resume from version {version}; "
            f"transaction log of {self._settings.folder} starts at {earliest}. Log files may have been "
            "deleted by log retention. Restart the stream with a new checkpoint location and consider "
            "increasing delta.logRetentionDuration. "
            'To skip missing data instead, set .option("failOnDataLoss", "false"). SQLSTATE: 42K03'
        )
