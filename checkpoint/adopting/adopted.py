"""adopted: from where a query that has not begun here goes on, because another system ran it before.

It is written first and the query's identity last, so that an adoption that was cut short is seen: an
identity that is missing beside it is an error, never the checkpoint of a query that begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.envelope import damaged, seal, unseal
from streamcore.checkpoint.metadata import create_metadata, new_query_id
from streamcore.checkpoint.names import ADOPTED, OFFSETS, SOURCES, named
from streamcore.checkpoint.sealed import SealedStorage
from streamcore.errors import AnalysisException
from streamcore.storage import SubStorage
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from streamcore.checkpoint.adopting.adoption import AdoptedSource, Adoption
    from streamcore.checkpoint.adopting.spark_files import SeenFile
    from streamcore.spi.metadata_log import MetadataStorage
    from streamcore.storage import Storage

KeepFiles = Callable[["MetadataStorage", Sequence["SeenFile"], int], None]
"""Writes the log of a file source: these files have been read, in entries up to this one."""


@dataclass(frozen=True)
class Adopted:
    """Where the sources of a query go on that has not begun here yet.

    `ends` is source -> its offset, None for one that begins where it begins; `came_from`, `spark_query_id`
    and `batch_id` say what was adopted.
    """

    query_id: str
    came_from: str
    spark_query_id: str
    batch_id: int
    ends: Mapping[str, Any]


def read_adopted(storage: Storage) -> Adopted | None:
    """What was adopted; None for a checkpoint that began here.  CheckpointCorrupted when it is damaged."""
    file = named(storage, ADOPTED)
    try:
        data = storage.get(ADOPTED)
    except FileNotFoundError:
        return None
    body = unseal(ADOPTED, data, file)
    try:
        fields = Fields.parse(body)
        found = Adopted(
            fields.text("query_id"),
            fields.text("came_from"),
            fields.text("spark_query_id"),
            fields.integer("batch_id"),
            fields.mapping("sources", _end),
        )
        fields.finish()
    except ValueError as error:
        raise damaged(file, str(error)) from error
    return found


def _end(value: Any, key: str) -> Any:  # noqa: ARG001 - one of the readers for Fields.mapping
    return value


def write_adopted(
    storage: Storage,
    adoption: Adoption,
    keep_files: KeepFiles,
    now_ms: int,
    new_id: Callable[[], str] = new_query_id,
) -> Adopted:
    """Makes the checkpoint that goes on from an adoption.

    Raises AnalysisException where a checkpoint is already, or an adoption that was cut short.
    """
    if storage.list("") or storage.list(OFFSETS):
        raise AnalysisException(
            f"{storage.location} is not empty: a checkpoint is adopted into a new folder. Choose another, or "
            "remove this one if nothing of it is needed"
        )
    ends = {source.name: source.end for source in adoption.sources}
    adopted = Adopted(new_id(), adoption.came_from, adoption.spark_query_id, adoption.batch_id, ends)
    if not storage.put_if_absent(ADOPTED, seal(ADOPTED, _text(adopted))):
        raise AnalysisException(f"{storage.location} is being made by another adoption: wait for it")
    for source in adoption.sources:
        _keep(storage, adopted.query_id, source, keep_files)
    create_metadata(storage, now_ms, lambda: adopted.query_id)
    return adopted


def _text(adopted: Adopted) -> str:
    return canonical(
        {
            "batch_id": adopted.batch_id,
            "came_from": adopted.came_from,
            "query_id": adopted.query_id,
            "sources": dict(adopted.ends),
            "spark_query_id": adopted.spark_query_id,
        }
    )


def _keep(storage: Storage, query_id: str, source: AdoptedSource, keep_files: KeepFiles) -> None:
    if source.seen:
        folder = SealedStorage(SubStorage(storage, f"{SOURCES}/{source.name}"), query_id, source.name)
        keep_files(folder, source.seen, source.end["logOffset"])
