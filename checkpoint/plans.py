"""plans/<digest>: what the query was, as a description in JSON, named by its own digest.

offsets/N names the description under which batch N was planned, so that a start can compare the query
that it is given with the one that the state belongs to.  What a description says is the engine's affair.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from streamcore.checkpoint.envelope import damaged, seal, unseal
from streamcore.checkpoint.names import PLANS, named
from streamcore.errors import CheckpointCorrupted
from streamcore.storage.canonical import Json, canonical

if TYPE_CHECKING:
    from collections.abc import Collection

    from streamcore.storage import Storage

_KIND = "plan"
_DIGITS = 32


class Plans:
    """The descriptions of one checkpoint."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def put(self, description: Json) -> str:
        """Keeps a description durably, once; returns its digest."""
        body = canonical(description)
        digest = digest_of(body)
        self._storage.put_if_absent(f"{PLANS}/{digest}", seal(_KIND, body))
        return digest

    def get(self, digest: str) -> Json:
        """Raises CheckpointCorrupted when the description is missing or damaged."""
        path = f"{PLANS}/{digest}"
        file = named(self._storage, path)
        try:
            body = unseal(_KIND, self._storage.get(path), file)
        except FileNotFoundError:
            raise CheckpointCorrupted(
                f"{file} is missing. It says which query the state belongs to: restore it from a backup, or "
                "start with a new checkpoint and a new output"
            ) from None
        if digest_of(body) != digest:
            raise damaged(file, "it is another description under this name")
        try:
            return json.loads(body)
        except ValueError as error:
            raise damaged(file, "it is not JSON") from error

    def remove_others(self, living: Collection[str]) -> None:
        """Removes the descriptions that no retained batch names."""
        for digest in self._storage.list(PLANS):
            if digest not in living:
                self._storage.delete(f"{PLANS}/{digest}")


def digest_of(body: str) -> str:
    """The name of a description: the first half of its SHA-256, in hex digits."""
    return hashlib.sha256(body.encode()).hexdigest()[:_DIGITS]
