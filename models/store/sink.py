"""The sink of models: what a streaming query trains becomes a version of a store with the batch.

A version's manifest holds the commit record of the batch that made it and is there whole or not at all, so
publishing is the commit of the batch.  An alias moves after it: readers that follow it see committed versions
only, and one that a crash left behind is moved by the next start.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CommitStateUnknown,
    IllegalArgumentException,
    ModelConflict,
)
from streamcore.models.store.names import checked_name
from streamcore.models.store.store import ModelStore
from streamcore.spi.datasource import DataSource, WriterCommitMessage
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter
from streamcore.spi.options import Options
from streamcore.storage import StorageError

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.models.store.manifest import Manifest
    from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
    from streamcore.spi.types import StructType

_log = logging.getLogger("streamcore.models")
_OPTIONS = ("path", "alias", "keep")
_VERSIONS_BETWEEN_COLLECTIONS = 10


class ModelSink(DataSource):
    """Publishes the model of `fitStream` to the store at `path`, a version for each batch.

    `alias` moves to each version that has learned from rows, as long as nobody else moves it; `keep` is how
    many versions without a name stay (all, when it is not given).
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown(_OPTIONS, "the sink of models")
        super().__init__(known)
        path = known.get("path")
        if not path:
            raise IllegalArgumentException(
                'the sink of models needs option("path", ...): the folder of a store'
            )
        self._path = path
        alias = known.get("alias")
        self._alias = None if alias is None else checked_name(alias, "alias")
        self._keep = known.integer("keep", minimum=1)

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "model"

    def streamWriter(self, schema: StructType, overwrite: bool) -> ModelStreamWriter:
        """A writer whose commits are versions."""
        return ModelStreamWriter(self._path, self._alias, self._keep)

    def describe(self) -> str:
        """The sink in progress reports."""
        return f"ModelStore[{self._path}]"


@dataclass(frozen=True)
class _Model:
    """A model as a row of the stream; see `streamcore.plan.training`."""

    version: int
    description: dict[str, Any]
    schema: dict[str, Any]
    metrics: dict[str, Any]
    arrays: bytes

    @classmethod
    def of(cls, row: dict[str, Any]) -> _Model:
        described, schema, metrics = (json.loads(row[name]) for name in ("model", "schema", "metrics"))
        return cls(row["model_version"], described, schema, metrics, row["arrays"])


@dataclass
class _Staged(WriterCommitMessage):
    """The models of one write task."""

    models: list[_Model]


class ModelStreamWriter(ExactlyOnceStreamWriter):
    """Publishes one query's models; a copy that was pickled can only `write`."""

    def __init__(self, path: str, alias: str | None, keep: int | None) -> None:
        self._path = path
        self._alias = alias
        self._keep = keep
        self._store: ModelStore | None = None
        self._query_id = ""
        self._newest: Manifest | None = None
        self._has_left_alias = False

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_store": None, "_newest": None}

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`."""
        if query.output_mode != "append":
            raise AnalysisException(
                f"the sink of models takes output mode append, not {query.output_mode}: each version is final"
            )
        self._store = ModelStore(self._path)
        self._query_id = query.query_id
        self._newest = self._store.newest_of(query.query_id)
        self._follow_up()

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        return self._opened().last_committed(self._query_id)

    def write(self, iterator: Iterator[pa.RecordBatch]) -> _Staged:
        """See `ExactlyOnceStreamWriter.write`."""
        return _Staged([_Model.of(row) for batch in iterator for row in batch.to_pylist()])

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        """See `ExactlyOnceStreamWriter.commit_batch`."""
        # Every partition gives a row, those without the model one that has learned nothing.
        models = [one for message in messages if isinstance(message, _Staged) for one in message.models]
        model = max(models, key=lambda one: one.version)
        before = None if self._newest is None else self._newest.version
        try:
            self._newest = self._opened().publish(
                model.arrays,
                model=model.description,
                schema=model.schema,
                metrics=model.metrics,
                made_by=record,
                parent=before,
            )
        except ModelConflict as error:
            raise CheckpointFenced(
                f"batch {record.batch_id} was not committed to {self._path}: another driver of the query has "
                f"published it, or one after it; this one has stopped ({error})"
            ) from error
        except StorageError as error:
            raise CommitStateUnknown(
                f"it is not known whether batch {record.batch_id} has published to {self._path}: {error}. "
                "Repair the disk, then start the query again: it asks the store and goes on"
            ) from error
        if model.version >= 0:
            self._move_alias(self._newest, before)

    def rewind(self, record: CommitRecord | None) -> None:
        """Refused: versions are final, and others may have them."""
        raise AnalysisException(
            f"the versions that the query has published to {self._path} cannot be taken back: others may "
            "have them. Take the rewind back (streamcore rewind CHECKPOINT --undo) and move the alias to an "
            "earlier version, or begin anew with a new checkpoint and a new store"
        )

    def collect_garbage(self) -> None:
        """See `ExactlyOnceStreamWriter.collect_garbage`."""
        newest = 0 if self._newest is None else self._newest.version
        if self._keep is not None and newest % _VERSIONS_BETWEEN_COLLECTIONS == 0:
            self._opened().gc(self._keep)

    def _follow_up(self) -> None:
        """Moves the alias that a crash has left behind by one version."""
        newest = self._newest
        if self._alias is None or newest is None:
            return
        now = self._opened().aliases().get(self._alias)
        if now is not None and now == newest.parent:
            self._move_alias(newest, now)

    def _move_alias(self, newest: Manifest, before: int | None) -> None:
        """Moves the alias from the version before to the newest; elsewhere somebody else has put it."""
        if self._alias is None:
            return
        store = self._opened()
        now = store.aliases().get(self._alias)
        if now not in (None, before, newest.version):
            self._leave(now)
            return
        try:
            store.alias(self._alias, newest.version, expected=now)
        except ModelConflict:
            self._move_alias(newest, before)  # moved between the two looks
        else:
            self._has_left_alias = False

    def _leave(self, version: int | None) -> None:
        """Says once that the alias stays where it is."""
        if not self._has_left_alias:
            _log.warning(
                "the alias %s of %s stays at version %s, which somebody else has chosen; let it name the "
                "newest version of the query, and it moves on with the next one",
                self._alias,
                self._path,
                version,
            )
        self._has_left_alias = True

    def _opened(self) -> ModelStore:
        assert self._store is not None
        return self._store
