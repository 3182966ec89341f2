"""The small files of a model store: each sealed, numbered or named, and written once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from streamcore.errors import ModelDamaged, ModelStoreError
from streamcore.storage import envelope

if TYPE_CHECKING:
    from streamcore.storage import Storage

FORMAT: Final = 1
_WORD: Final = "streamcore"

_T = TypeVar("_T")


def sealed(kind: str, body: str) -> bytes:
    """The bytes of a file of `kind` ("model-version", ...) with a one-line `body`."""
    return envelope.seal(f"{_WORD} {kind} {FORMAT}", body)


def read_record(storage: Storage, path: str, kind: str, parse: Callable[[str], _T]) -> _T:
    """What `parse` makes of the body of a file; its ValueError is damage.

    Raises FileNotFoundError when there is none, ModelDamaged when it is not as it was written, and
    ModelStoreError when another version of streamcore wrote it.
    """
    file = f"{storage.location}/{path}"
    data = storage.get(path)
    try:
        return parse(envelope.unseal(data, lambda line: _check_header(line, kind, file)))
    except (ValueError, RecursionError) as error:
        raise ModelDamaged(f"{file} is damaged: {error}. Restore it from a backup") from error


def _check_header(line: str, kind: str, file: str) -> None:
    words = line.split(" ")
    if len(words) != 3 or words[0] != _WORD or not words[2].isdigit():
        raise ValueError("its first line is not that of a file of a model store")
    if words[1] != kind:
        raise ValueError(f"it is a file of {words[1]} where one of {kind} belongs")
    if int(words[2]) != FORMAT:
        raise ModelStoreError(
            f"{file} has format {words[2]}; this version of streamcore reads format {FORMAT}: "
            "use the version that wrote it, or a later one"
        )
