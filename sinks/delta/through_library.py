"""What delta-rs is told of a commit, and how the files that we wrote become its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamcore.sinks.delta.records import INFO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deltalake import CommitProperties
    from deltalake.transaction import AddAction

    from streamcore.sinks.delta.staging import StagedFile


def commit_properties(
    transaction: tuple[str, int] | None, info: dict[str, Any] | None, user_metadata: str | None
) -> CommitProperties:
    """The transaction identifier by which a second commit of it fails, and what the commit keeps besides."""
    from deltalake import CommitProperties, Transaction

    kept: dict[str, Any] = {} if info is None else {INFO: info}
    if user_metadata is not None:
        kept["userMetadata"] = user_metadata
    identifiers = [] if transaction is None else [Transaction(*transaction, None)]
    return CommitProperties(custom_metadata=kept, app_transactions=identifiers)


def library_actions(files: Sequence[StagedFile]) -> list[AddAction]:
    """The files as delta-rs adds them."""
    from deltalake.transaction import AddAction

    return [
        AddAction(file.path, file.size, file.partition, file.modified_ms, True, json.dumps(file.statistics))  # noqa: FBT003
        for file in files
    ]
