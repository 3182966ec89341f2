"""metadata: the identity of the query, written once and never made up again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.checkpoint.earlier import is_format_one, refusal_of_format_one
from streamcore.checkpoint.envelope import damaged, seal, unseal
from streamcore.checkpoint.names import ADOPTED, COMMITS, METADATA, OFFSETS, named, numbered
from streamcore.errors import CheckpointCorrupted
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.storage import Storage


STATE_HASH = "fold64-1"
"""The function by which state is found now; a new checkpoint keeps its name for ever.

`streamcore.execution.stores.hashing` defines it; another definition is another name."""


@dataclass(frozen=True)
class Metadata:
    """The query's identity, which lives as long as its checkpoint.

    `state_hash` names the function by which the keys of its state are found.
    """

    query_id: str
    created_ms: int
    state_hash: str = STATE_HASH


def new_query_id() -> str:
    """A random id for a query that starts for the first time."""
    return str(uuid.uuid4())


def read_metadata(storage: Storage) -> Metadata | None:
    """The identity of the query, or None where no query has started yet.

    Raises CheckpointCorrupted when it is missing beside batches, or damaged, and CheckpointError, with
    the offsets to start from anew, for a checkpoint of format 1.
    """
    file = named(storage, METADATA)
    try:
        data = storage.get(METADATA)
    except FileNotFoundError:
        if numbered(storage, OFFSETS) or numbered(storage, COMMITS):
            raise CheckpointCorrupted(
                f"{file} is missing, but the checkpoint holds batches. A new identity would disconnect them "
                "from what the sink has stored: restore the file from a backup, or choose a new checkpoint "
                "location and a new output"
            ) from None
        if ADOPTED in storage.list(""):
            raise CheckpointCorrupted(
                f"{file} is missing beside {ADOPTED}: the adoption was cut short. Remove the folder, and "
                "adopt again with `streamcore checkpoint adopt`"
            ) from None
        return None
    if is_format_one(data.split(b"\n", 1)[0].decode(errors="replace")):
        raise refusal_of_format_one(storage)
    body = unseal("metadata", data, file)
    try:
        fields = Fields.parse(body)
        found = Metadata(fields.text("query_id"), fields.integer("created_ms"), fields.text("state_hash"))
        fields.finish()
    except ValueError as error:
        raise damaged(file, str(error)) from error
    return found


def create_metadata(storage: Storage, now_ms: int, new_id: Callable[[], str]) -> Metadata:
    """Gives the query its identity, unless another driver has just done so."""
    body = canonical({"query_id": new_id(), "created_ms": now_ms, "state_hash": STATE_HASH})
    storage.put_if_absent(METADATA, seal("metadata", body))
    found = read_metadata(storage)
    if found is None:
        raise CheckpointCorrupted(f"{named(storage, METADATA)} vanished while the checkpoint was being made")
    return found
