"""The bytes of models: files that are named by the SHA-256 of what they hold.

A name is written once and means one content for ever, so equal contents are kept once, whoever writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import ModelDamaged
from streamcore.models.store.names import OBJECTS, checked_digest
from streamcore.storage.tensors import Arrays, NotTensors, decode, digest, encode

if TYPE_CHECKING:
    import numpy.typing as npt

    from streamcore.storage import Storage


def write_artefact(storage: Storage, state: Arrays) -> str:
    """Keeps the arrays of a model durably; returns the digest by which `read_artefact` finds them.

    Equal arrays have one digest.  Raises NotTensors for arrays that are not of numbers or booleans.

    >>> import numpy as np
    >>> from streamcore.storage.memory import MemoryStorage
    >>> storage = MemoryStorage()
    >>> found = write_artefact(storage, {"weights": np.array([0.5, -1.0])})
    >>> storage.list("objects") == [found], read_artefact(storage, found)
    (True, {'weights': array([ 0.5, -1. ])})
    """
    return write_object(storage, encode(state))


def read_artefact(storage: Storage, name: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the digest `name`, each call its own; ModelDamaged when they are not what was written."""
    try:
        return decode(read_object(storage, name))
    except NotTensors as error:
        raise ModelDamaged(f"{_named(storage, name)} is no model: {error}") from error


def write_object(storage: Storage, data: bytes) -> str:
    """Keeps bytes durably; returns their digest."""
    name = digest(data)
    path = f"{OBJECTS}/{name}"
    try:
        if storage.get(path) != data:
            storage.replace(path, data)  # damaged, and mended by who has the right bytes
    except FileNotFoundError:
        storage.put_if_absent(path, data)
    return name


def read_object(storage: Storage, name: str) -> bytes:
    """The bytes of the digest `name`; ModelDamaged when they are missing or others."""
    file = _named(storage, name)
    try:
        data = storage.get(f"{OBJECTS}/{checked_digest(name)}")
    except FileNotFoundError:
        raise ModelDamaged(f"{file} is missing: restore it from a backup, or use another version") from None
    if digest(data) != name:
        raise ModelDamaged(
            f"{file} is damaged: its bytes do not have the SHA-256 that it is named by. Restore it from a "
            "backup, publish the same model again, or use another version"
        )
    return data


def _named(storage: Storage, name: str) -> str:
    return f"{storage.location}/{OBJECTS}/{name}"
