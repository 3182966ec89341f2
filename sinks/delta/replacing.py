"""All rows of a table replaced by others, in one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.sinks.delta.through_library import commit_properties, library_actions

if TYPE_CHECKING:
    from streamcore.sinks.delta.settings import SinkSettings
    from streamcore.sinks.delta.staging import StagedFile
    from streamcore.sinks.delta.target import Target
    from streamcore.spi.exactly_once import CommitRecord


def replace_all(
    target: Target,
    files: list[StagedFile],
    settings: SinkSettings,
    record: CommitRecord,
    info: dict[str, Any],
) -> None:
    """Puts a micro-batch's rows in the place of those of the table; raises DeltaError as delta-rs does."""
    target.handle.create_write_transaction(
        [*library_actions(files)],
        "overwrite",
        target.handle.schema(),
        list(target.partition_by),
        commit_properties=commit_properties((record.query_id, record.batch_id), info, settings.user_metadata),
    )
