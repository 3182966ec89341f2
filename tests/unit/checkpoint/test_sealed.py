"""What a source keeps in the checkpoint is whole, its own, and in its place, or an error that names it."""

from __future__ import annotations

import pytest

from streamcore.checkpoint.sealed import SealedStorage
from streamcore.errors import CheckpointCorrupted
from streamcore.storage.memory import MemoryStorage

PLACE = "memory://checkpoint/sources/clicks"


def filled(query_id: str = "q", source: str = "clicks", content: bytes = b"a") -> MemoryStorage:
    inner = MemoryStorage(PLACE)
    for name in ("files/0", "files/1"):
        SealedStorage(inner, query_id, source).put_if_absent(name, content)
    return inner


@pytest.mark.parametrize("content", [b"", b"text", "zwölf\n".encode(), b"\xff\x00"])
def test_what_was_put_comes_back(content: bytes) -> None:
    assert SealedStorage(filled(content=content), "q", "clicks").get("files/0") == content


@pytest.mark.parametrize(
    ("other", "name", "words"),
    [
        (filled(), "files/1", "written for the path files/1"),
        (filled("another query"), "files/0", "written for the query_id another query"),
        (filled(source="views"), "files/0", "written for the source views"),
    ],
)
def test_a_file_that_belongs_elsewhere_is_named(other: MemoryStorage, name: str, words: str) -> None:
    inner = filled()
    inner.replace("files/0", other.get(name))
    with pytest.raises(CheckpointCorrupted, match=f"{PLACE}/files/0 is damaged: it was {words}"):
        SealedStorage(inner, "q", "clicks").get("files/0")


@pytest.mark.parametrize("keep", [0, 10, -1])
def test_a_truncated_file_is_named(keep: int) -> None:
    inner = filled()
    inner.replace("files/0", inner.get("files/0")[:keep])
    with pytest.raises(CheckpointCorrupted, match=f"{PLACE}/files/0 is damaged"):
        SealedStorage(inner, "q", "clicks").get("files/0")
