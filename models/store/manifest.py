"""What a version of a model is: where its bytes are, what made it, and how good it was then.

A version may come from elsewhere, so what is read is checked field by field: a manifest names files by
digest only, and nothing in it is imported, called or opened as a path.
"""

from __future__ import annotations

import functools
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from typing import Any, Final

from streamcore.errors import IllegalArgumentException
from streamcore.models.store.names import checked_digest, checked_file
from streamcore.spi.exactly_once import CommitRecord
from streamcore.storage.canonical import Json, canonical
from streamcore.storage.fields import Fields, integer, text
from streamcore.version import __version__

STATE: Final = "state"
FOLDER: Final = "folder"
STATE_FILE: Final = "state.safetensors"
"""The one file of a version that is a state."""


@dataclass(frozen=True)
class StoredFile:
    """A file of a version: its bytes are the object of this digest."""

    digest: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """One version of a model, as it was published.

    kind
        "state": arrays of an online model, or "folder": the files of a saved pipeline or model.
    model
        What the model is: `{"name", "format", "settings"}`, as `describe()` of an online model says it.
    files
        Path within the model -> its bytes.
    schema
        The columns that go in and come out, `{"input": ..., "output": ...}`.
    made_by
        The batch of the query that made it; None when a program did.  Its body is the batch's commit record
        where publishing committed the batch, and "" where it was published from a checkpoint.
    parent
        The version that it was trained on from; None when there is none.
    metrics
        How good it was when it was published, as the model's own metrics say it.
    """

    version: int
    kind: str
    model: Mapping[str, Json]
    files: Mapping[str, StoredFile]
    created_ms: int
    schema: Mapping[str, Json] = field(default_factory=dict)
    made_by: CommitRecord | None = None
    parent: int | None = None
    metrics: Mapping[str, Json] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the model's class, as the model registered it."""
        return str(self.model.get("name", ""))

    @property
    def commit(self) -> CommitRecord | None:
        """The record of the batch that was committed by publishing this version; None for another version."""
        return self.made_by if self.made_by is not None and self.made_by.body else None

    @property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(file.size for file in self.files.values())

    @property
    def created(self) -> datetime:
        """When it was published, in UTC."""
        return datetime.fromtimestamp(self.created_ms / 1000, UTC)

    def text(self) -> str:
        """The body of its file, in canonical JSON."""
        return canonical(self.to_json())

    def to_json(self) -> dict[str, Json]:
        """Everything that it says, as JSON values."""
        made_by = self.made_by
        return {
            "created_ms": self.created_ms,
            "files": {path: [file.digest, file.size] for path, file in self.files.items()},
            "kind": self.kind,
            "libraries": dict(self.libraries),
            "made_by": made_by
            and {"batch_id": made_by.batch_id, "query_id": made_by.query_id, "record": made_by.body},
            "metrics": dict(self.metrics),
            "model": dict(self.model),
            "parent": self.parent,
            "schema": dict(self.schema),
            "version": self.version,
        }

    @classmethod
    def parse(cls, body: str) -> Manifest:
        """The inverse of `text`; ValueError when it is no manifest.

        >>> Manifest.parse('{"version":1}')
        Traceback (most recent call last):
        ...
        ValueError: the field 'kind' is missing
        """
        fields = Fields.parse(body)
        found = cls(
            version=fields.integer("version"),
            kind=_kind(fields.text("kind")),
            model=fields.mapping("model", _anything),
            files=fields.mapping("files", _file),
            created_ms=fields.integer("created_ms"),
            schema=fields.mapping("schema", _anything),
            made_by=_maker(fields.any("made_by")),
            parent=fields.optional_integer("parent"),
            metrics=fields.mapping("metrics", _anything),
            libraries=fields.mapping("libraries", text),
        )
        fields.finish()
        if found.kind == STATE and set(found.files) != {STATE_FILE}:
            raise ValueError(f"a version of the kind 'state' has the one file {STATE_FILE!r}")
        return found


@functools.cache
def libraries_here() -> Mapping[str, str]:
    """The versions of what writes and reads models here."""
    installed = {name: installed_version(name) for name in ("numpy", "pyarrow", "safetensors")}
    return {"python": platform.python_version(), "streamcore": __version__, **installed}


def plain(value: Any, what: str) -> Json:
    """A value as JSON; numpy's numbers and arrays become Python's.

    Raises IllegalArgumentException, which says in `what` it stands, for a value that JSON does not have, NaN
    for one.
    """
    found = _plain(value, what)
    try:
        canonical(found)
    except ValueError:
        raise IllegalArgumentException(f"{value!r}, {what}, holds a NaN or an infinity") from None
    return found


def figures(metrics: Mapping[str, Any]) -> Json:
    """Metrics as JSON; one that is no number (yet) is null.

    >>> import numpy as np
    >>> figures({"mae": np.float32(0.5), "auc": float("nan"), "counts": np.array([[1, 2]])})
    {'mae': 0.5, 'auc': None, 'counts': [[1, 2]]}
    """
    return _finite(_plain(metrics, "the metrics"))


def _plain(value: Any, what: str) -> Json:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_key(key, what): _plain(item, what) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, what) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist(), what)
    raise IllegalArgumentException(f"{value!r} in {what} cannot be written as JSON")


def _finite(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _key(key: object, what: str) -> str:
    if not isinstance(key, str):
        raise IllegalArgumentException(f"{key!r} in {what} is a name that is no string")
    return key


def _kind(kind: str) -> str:
    if kind not in (STATE, FOLDER):
        raise ValueError(f"{kind!r} is no kind of model: 'state' and 'folder' are")
    return kind


def _anything(value: Any, key: str) -> Any:  # noqa: ARG001 - one of the readers for Fields.mapping
    return value


def _file(value: Any, key: str) -> StoredFile:
    checked_file(key)
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"the file {key!r} has no digest and size")
    return StoredFile(checked_digest(text(value[0], key)), integer(value[1], key))


def _maker(value: Any) -> CommitRecord | None:
    if value is None:
        return None
    fields = Fields(value)
    found = CommitRecord(fields.text("query_id"), fields.integer("batch_id"), fields.text("record"))
    fields.finish()
    return found
