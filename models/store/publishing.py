"""Publishing to a model store: the files first, then the manifest that makes them a version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import IllegalArgumentException, ModelConflict
from streamcore.models.store.artefact import write_object
from streamcore.models.store.folders import files_of
from streamcore.models.store.manifest import (
    FOLDER,
    STATE,
    STATE_FILE,
    Manifest,
    StoredFile,
    figures,
    libraries_here,
    plain,
)
from streamcore.models.store.reading import Reference, StoreReading
from streamcore.spi.specifications import Description, Specification
from streamcore.spi.steps import declare, reached
from streamcore.storage.tensors import Arrays, decode, encode

if TYPE_CHECKING:
    from streamcore.spi.exactly_once import CommitRecord

PUBLISH_FILES: Final = declare("model-store.publish-files", owner="streamcore.models.store")
PUBLISH_VERSION: Final = declare("model-store.publish-version", owner="streamcore.models.store")


class StorePublishing(StoreReading):
    """What makes versions."""

    def publish(
        self,
        state: Arrays | bytes,
        *,
        model: Specification | Description,
        schema: Mapping[str, Any] | None = None,
        made_by: CommitRecord | None = None,
        parent: Reference | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Manifest:
        """Makes the state of an online model the next version: its arrays, or what `encode` made of them.

        A batch commits once: the same arrays with the same commit record `made_by` again give the version
        that is there.  With an empty body, `made_by` is a note of where the model comes from.

        Raises NotTensors for arrays that are not of numbers, and ModelConflict when the batch of `made_by`,
        or a later one of its query, has committed another.
        """
        if isinstance(state, bytes):
            decode(state)
        data = state if isinstance(state, bytes) else encode(state)
        draft = self._draft(STATE, model, schema, made_by, metrics)
        return self._publish(draft, [(STATE_FILE, lambda: data)], parent)

    def publish_folder(
        self,
        folder: str | Path,
        *,
        model: Specification | Description,
        schema: Mapping[str, Any] | None = None,
        made_by: CommitRecord | None = None,
        parent: Reference | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Manifest:
        """Makes a saved model, a folder of files, the next version; as `publish` otherwise.

        Hidden files are left out, and a link among the files is refused.
        """
        files = files_of(Path(folder))
        draft = self._draft(FOLDER, model, schema, made_by, metrics)
        return self._publish(draft, [(path, file.read_bytes) for path, file in files.items()], parent)

    def _draft(
        self,
        kind: str,
        model: Specification | Description,
        schema: Mapping[str, Any] | None,
        made_by: CommitRecord | None,
        metrics: Mapping[str, Any] | None,
    ) -> Manifest:
        description = model.describe() if isinstance(model, Specification) else model
        if not isinstance(description.get("name"), str):
            raise IllegalArgumentException(f"the model {description!r} has no name under 'name'")
        return Manifest(
            version=0,
            kind=kind,
            model=plain(description, "the model"),
            files={},
            created_ms=self._clock.now_ms(),
            schema=plain(schema or {}, "the schema"),
            made_by=made_by,
            metrics=figures(metrics or {}),
            libraries=libraries_here(),
        )

    def _publish(
        self, draft: Manifest, contents: Iterable[tuple[str, Callable[[], bytes]]], parent: Reference | None
    ) -> Manifest:
        with self._turn():
            ancestor = None if parent is None else self.describe(parent).version
            reached(f"{PUBLISH_FILES}:before")
            files = {path: self._write_file(read()) for path, read in contents}
            reached(f"{PUBLISH_FILES}:after")
            before = None if draft.commit is None else self._made_before(draft.commit, files)
            if before is not None:
                return before
            made = replace(draft, version=self._versions.newest() + 1, files=files, parent=ancestor)
            reached(f"{PUBLISH_VERSION}:before")
            self._versions.put(made)
            reached(f"{PUBLISH_VERSION}:after")
            return made

    def _write_file(self, data: bytes) -> StoredFile:
        return StoredFile(write_object(self._storage, data), len(data))

    def _made_before(self, record: CommitRecord, files: Mapping[str, StoredFile]) -> Manifest | None:
        newest = self._versions.newest_of(record.query_id)
        last = None if newest is None else newest.commit
        if newest is None or last is None or last.batch_id < record.batch_id:
            return None
        if last.batch_id == record.batch_id and newest.files == files:
            return newest
        raise ModelConflict(
            f"batch {record.batch_id} of query {record.query_id} cannot publish to {self.location}: batch "
            f"{last.batch_id} of that query made version {newest.version} of other bytes. Publish "
            "what the query makes now to a store of its own"
        )
