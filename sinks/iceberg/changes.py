"""What a batch does to a table, as one snapshot: append, replacement, or merge by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table, Transaction

    from streamcore.sinks.iceberg.merging import Merge


class Change(Protocol):
    """What a batch does; it is worked out anew for each attempt, over the table as it is then."""

    def stage(self, table: Table, transaction: Transaction, summary: dict[str, str]) -> None:
        """Adds it to a transaction of the table, as one snapshot with this summary."""


@dataclass(frozen=True)
class Append:
    """Adds data files; without any it still is a snapshot, which tells one commit from the next."""

    files: Sequence[DataFile] = ()

    def stage(self, table: Table, transaction: Transaction, summary: dict[str, str]) -> None:
        """See `Change.stage`."""
        update = transaction.update_snapshot(snapshot_properties=summary)
        # Iceberg's default, which is not pyiceberg's: else every batch makes the list of manifests longer.
        merges = table.metadata.properties.get("commit.manifest-merge.enabled", "true").lower() == "true"
        with update.merge_append() if merges else update.fast_append() as added:
            for file in self.files:
                added.append_data_file(file)


@dataclass(frozen=True)
class Replace:
    """Puts data files in the place of all that are there, or of those in the same partitions."""

    files: Sequence[DataFile]
    only_partitions: bool = False

    def stage(self, table: Table, transaction: Transaction, summary: dict[str, str]) -> None:
        """See `Change.stage`."""
        there = live_files(table)
        if self.only_partitions:
            spec = table.metadata.default_spec_id
            written = {file.partition for file in self.files}
            there = [file for file in there if file.spec_id == spec and file.partition in written]
        _replace(transaction, summary, there, self.files)


@dataclass(frozen=True)
class Upsert:
    """Puts rows in the place of those with the same keys; others are added.

    `written` are the files of each attempt.
    """

    rows: pa.Table
    merge: Merge
    written: list[list[DataFile]] = field(default_factory=list)

    def stage(self, table: Table, transaction: Transaction, summary: dict[str, str]) -> None:
        """See `Change.stage`."""
        removed, added = self.merge.apply(table, self.rows)
        self.written.append(added)
        _replace(transaction, summary, removed, added)


def _replace(
    transaction: Transaction, summary: dict[str, str], removed: Iterable[DataFile], added: Iterable[DataFile]
) -> None:
    with transaction.update_snapshot(snapshot_properties=summary).overwrite() as overwrite:
        for file in removed:
            overwrite.delete_data_file(file)
        for file in added:
            overwrite.append_data_file(file)


def live_files(table: Table) -> list[DataFile]:
    """The data files of the newest snapshot."""
    from pyiceberg.manifest import ManifestContent

    snapshot = table.current_snapshot()
    return [
        entry.data_file
        for manifest in (snapshot.manifests(table.io) if snapshot is not None else ())
        if manifest.content == ManifestContent.DATA
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
    ]
